"""How programs start: with settings that are valid, and without looking for garbage among what they import."""

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
        with nothing_is_garbage():
            return import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    except ImproperlyConfigured as error:
        sys.exit(f"Retake cannot start: {error}")


@contextmanager
def nothing_is_garbage() -> Iterator[None]:
    """Import code inside: Python does not search the growing heap again and again, nor what is there by then later.

    That search is a sixth of the time in which the web server starts.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
