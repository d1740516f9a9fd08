#!/usr/bin/env python
"""Runs Django's commands and ours.  A wrong setting is said in one sentence; --traceback shows the rest."""

import os
import sys
from importlib import import_module

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from editor_site.startup import without_garbage_collection


def main() -> None:
    """Read the settings first: Django itself goes on without them, and fails later with other words."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "editor_site.settings")
    try:
        with without_garbage_collection():
            import_module(os.environ["DJANGO_SETTINGS_MODULE"])
            django.setup()
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        what = (
            "Retake cannot start"
            if isinstance(error, ImproperlyConfigured)
            else "The database cannot be used"
        )
        sys.exit(f"{what}: {str(error).strip()}")


if __name__ == "__main__":
    main()
