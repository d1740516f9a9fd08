"""The app's registration with Django."""

from django.apps import AppConfig


class EditsConfig(AppConfig):
    """Edits and everything about them."""

    name = "edits"
    default_auto_field = "django.db.models.BigAutoField"
