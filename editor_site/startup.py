"""How programs start: they read the settings, and import their code without garbage collection."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from django.core.exceptions import ImproperlyConfigured


def read_settings() -> ModuleType:
    """The settings module.  Raises SystemExit with status 1, which gunicorn and Celery let through."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "editor_site.settings")
    try:
        with without_garbage_collection():
            return import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    except ImproperlyConfigured as error:
        sys.exit(f"Retake cannot start: {error}")


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Import code inside: Python does not search the growing heap for garbage, nor later what was imported here.

    The search takes a sixth of the time that the web server needs to start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
