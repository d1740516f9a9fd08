"""Checks of what processes share: the database, the broker, the cache, the clock, and the proxy in front."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

SQLITE = "editor_site.sqlite_serialized"
LEAST_WAIT_SECONDS = 5
PER_PROCESS = ("locmem.LocMemCache", "dummy.DummyCache")


def messages_outlive_their_process(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Wake-ups in the memory of one process do not reach other processes."""
    if urlsplit(settings.CELERY_BROKER_URL).scheme != "memory":
        return []
    return [
        Error(
            "CELERY_BROKER_URL keeps messages in memory: no worker is notified of an edit.",
            hint="Leave it unset on one machine; use redis://… or amqp://… for several.",
            id="retake.E005",
        )
    ]


def sqlite_waits_for_its_turn(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Otherwise concurrent writers fail with "database is locked"."""
    if settings.DATABASES["default"]["ENGINE"] != SQLITE:
        return []
    options: Any = settings.DATABASES["default"].get("OPTIONS", {})
    missing = [
        what
        for what, is_there in (
            ("WAL", "journal_mode=wal" in options.get("init_command", "").lower().replace(" ", "")),
            ("a timeout", options.get("timeout", 0) >= LEAST_WAIT_SECONDS),
            (
                "immediate transactions",
                options.get("transaction_mode", "").upper() in ("IMMEDIATE", "EXCLUSIVE"),
            ),
        )
        if not is_there
    ]
    if not missing:
        return []
    return [
        Warning(
            f"SQLite runs without {', '.join(missing)}.",
            hint="Use the OPTIONS that editor_site/settings.py gives it.",
            id="retake.W006",
        )
    ]


def sqlite_stays_on_one_machine(app_configs: object, **_: Any) -> list[CheckMessage]:
    """A broker that is a server suggests several machines, which cannot share a database file."""
    if settings.DATABASES["default"]["ENGINE"] != SQLITE:
        return []
    if urlsplit(settings.CELERY_BROKER_URL).scheme in ("folder", "memory"):
        return []
    return [
        Warning(
            "The broker is a server but the database is a file: a second machine would have its own queue.",
            hint="Set DATABASE_URL to a PostgreSQL server, or leave CELERY_BROKER_URL unset on one machine.",
            id="retake.W007",
        )
    ]


def throttles_count_for_all_processes(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Otherwise each process grants a password guesser the full number of tries."""
    if not str(settings.CACHES["default"]["BACKEND"]).endswith(PER_PROCESS):
        return []
    return [
        Warning(
            "The cache is in the memory of one process: sign-in throttles count separately in each.",
            hint="Leave CACHE_URL unset to use the database, or set it to a Redis server.",
            id="retake.W008",
        )
    ]


def times_are_in_utc(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Leases and waits compare times across machines; local times jump twice a year."""
    if settings.USE_TZ and not settings.DATABASES["default"].get("TIME_ZONE"):
        return []
    return [
        Warning(
            "The database keeps local times: leases and waits are wrong when the clocks change.",
            hint="Keep USE_TZ on and set no TIME_ZONE in DATABASES; TIME_ZONE alone changes what pages show.",
            id="retake.W009",
        )
    ]


def proxies_are_counted(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Behind a proxy, all visitors share its address, so that one of them can lock out all others."""
    if not settings.HTTPS or settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return []
    return [
        Warning(
            "HTTPS is on, so there is a proxy, but TRUSTED_PROXIES is 0: throttles see only its address.",
            hint="Set TRUSTED_PROXIES to the number of your proxies that a request passes, usually 1.",
            id="retake.W010",
        )
    ]


def links_have_an_address(app_configs: object, **_: Any) -> list[CheckMessage]:
    """A browser cannot open a host pattern: links in webhooks and mails would not work."""
    if settings.SITE_URL:
        return []
    return [
        Error(
            "ALLOWED_HOSTS has only patterns such as * or .example.com: links in webhooks and mails would not open.",
            hint="Set SITE_URL to the address that people use, such as https://retake.example.com.",
            id="retake.E008",
        )
    ]


def debug_is_off(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Debug error pages show settings, paths and user input."""
    if not settings.DEBUG:
        return []
    return [
        Error(
            "DEBUG shows Retake's internals to everyone who sees an error page.",
            hint="Remove DEBUG from the environment.",
            id="retake.E006",
        )
    ]
