"""Registers the app with Django."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class EditsConfig(AppConfig):
    """Edits and everything about them."""

    name = "edits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register our system checks, and keep the triggers of the search index through migrations."""
        from edits.checks import register_all  # noqa: PLC0415  they import models, which are not loaded before
        from edits.models.search_triggers import install  # noqa: PLC0415

        register_all()

        def install_again(using: str, **_: Any) -> None:
            if "edits_searchpending" in connections[using].introspection.table_names():
                install(connections[using])

        post_migrate.connect(install_again, sender=self, weak=False)
