"""Registers the app with Django."""

from django.apps import AppConfig

from edits.checks import register_all


class EditsConfig(AppConfig):
    """Edits and everything about them."""

    name = "edits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register our system checks."""
        register_all()
