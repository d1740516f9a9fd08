"""``manage.py collectstatic``: Django's own, with a one-sentence error if STATIC_ROOT is not writable."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles.management.commands.collectstatic import Command as CollectStatic
from django.core.management.base import CommandError


class Command(CollectStatic):
    """Raises CommandError instead of OSError."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Collect the static files."""
        try:
            return super().handle(*args, **options)
        except OSError as error:
            raise CommandError(
                f"STATIC_ROOT, {settings.STATIC_ROOT}, cannot be written ({error.strerror or error}). "
                "Set it to a folder that this account may write."
            ) from error
