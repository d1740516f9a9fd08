"""Checks of what processes share: the database, the broker, the cache, the clock, and the proxy in front."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

SQLITE = "editor_site.sqlite_in_turn"
LEAST_WAIT_SECONDS = 5
PER_PROCESS = ("locmem.LocMemCache", "dummy.DummyCache")


def messages_outlive_their_process(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Wake-ups in the memory of one process reach no other."""
    if urlsplit(settings.CELERY_BROKER_URL).scheme != "memory":
        return []
    return [
        Error(
            "CELERY_BROKER_URL keeps messages in memory: no worker is notified of an edit.",
            hint="Leave it out on one machine; several share redis://… or amqp://…",
            id="retake.E005",
        )
    ]


def sqlite_waits_for_its_turn(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Otherwise writers fail with "database is locked" as soon as two of them meet."""
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
    """A message broker that is a server is meant for several machines, and they cannot share a database file."""
    if settings.DATABASES["default"]["ENGINE"] != SQLITE:
        return []
    if urlsplit(settings.CELERY_BROKER_URL).scheme in ("folder", "memory"):
        return []
    return [
        Warning(
            "The broker is a server but the database is a file: a second machine would have a queue of its own.",
            hint="Set DATABASE_URL to a PostgreSQL server, or leave CELERY_BROKER_URL out on one machine.",
            id="retake.W007",
        )
    ]


def throttles_count_for_all_processes(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Otherwise each process grants the tries of a password guesser again."""
    if not str(settings.CACHES["default"]["BACKEND"]).endswith(PER_PROCESS):
        return []
    return [
        Warning(
            "The cache belongs to one process: sign-in throttles count separately in each.",
            hint="Leave CACHE_URL out for the database, or name a Redis server.",
            id="retake.W008",
        )
    ]


def times_are_in_utc(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Leases and waits compare times across machines; local ones jump twice a year."""
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
    """Behind a proxy all visitors come from its address, so one of them can lock out everybody."""
    if not settings.HTTPS or settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return []
    return [
        Warning(
            "HTTPS is on, so there is a proxy, but TRUSTED_PROXIES is 0: throttles see only its address.",
            hint="Set TRUSTED_PROXIES to the number of your proxies that a request passes, usually 1.",
            id="retake.W010",
        )
    ]


def debug_is_off(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Its error pages show settings, paths and what people typed."""
    if not settings.DEBUG:
        return []
    return [
        Error(
            "DEBUG shows Retake's internals to everybody who sees an error page.",
            hint="Leave DEBUG out of the environment.",
            id="retake.E006",
        )
    ]
