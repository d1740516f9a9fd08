"""Registers the app with Django."""

from django.apps import AppConfig
from django.db.models.signals import pre_migrate


class EditsConfig(AppConfig):
    """Edits and everything about them."""

    name = "edits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register our system checks, and what is said before long migrations."""
        # They import models, which are not loaded before.
        from edits.checks import register_all  # noqa: PLC0415
        from edits.services.migrating import announce  # noqa: PLC0415

        register_all()
        pre_migrate.connect(announce, sender=self)
