"""Loads the settings for programs other than manage.py; an invalid one ends the program with one sentence."""

import os
import sys
from importlib import import_module
from types import ModuleType

from django.core.exceptions import ImproperlyConfigured


def read_settings() -> ModuleType:
    """The settings module.  Raises SystemExit with status 1, which gunicorn and Celery let through."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "editor_site.settings")
    try:
        return import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    except ImproperlyConfigured as error:
        sys.exit(f"Retake cannot start: {error}")
