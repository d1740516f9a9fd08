"""Registers the app with Django."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import import_string

from edits.checks import register_all

INSTALL_TRIGGERS = "edits.models.search_triggers.install"
ANNOUNCE = "edits.services.migrating.announce"
"""By name, because models can be imported only after this app is registered."""


class EditsConfig(AppConfig):
    """Edits and everything about them."""

    name = "edits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register our system checks, and what comes before and after migrations."""
        register_all()
        pre_migrate.connect(announce_long_migrations, sender=self)
        post_migrate.connect(install_triggers_again, sender=self)


def announce_long_migrations(**given: Any) -> None:
    """Say beforehand how long they will take."""
    import_string(ANNOUNCE)(**given)


def install_triggers_again(using: str, **_: Any) -> None:
    """Migrations that copy a table lose its triggers."""
    if "edits_searchpending" in connections[using].introspection.table_names():
        import_string(INSTALL_TRIGGERS)(connections[using])
