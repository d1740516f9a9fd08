"""Registers the app with Django."""

from django.apps import AppConfig


class EditsConfig(AppConfig):
    """Edits and everything about them."""

    name = "edits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register our system checks."""
        from edits.checks import register_all  # noqa: PLC0415  they import models, which are not loaded before

        register_all()
