"""``manage.py create_api_key``: creates an API key and prints it, alone on stdout so that scripts can store it."""

import socket
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from edits.models import CALLS_PER_MINUTE, MOST_CALLS_PER_MINUTE, ApiKey, User
from edits.services.api.api_keys import make_api_key

MOST_NAME_CHARS = 100
MOST_DAYS = 3650


class Command(BaseCommand):
    """Prints a summary on stderr."""

    help = (
        "Creates an API key for a person and prints it once: Retake keeps only its hash. "
        'For a script: RETAKE_API_KEY="$(manage.py create_api_key alice --name nightly --days 90)".'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="USERNAME", help="whose edits it can create and read")
        parser.add_argument("--name", default="", help='what it is for (default: "terminal of" this machine)')
        parser.add_argument(
            "--days", type=_whole(1, MOST_DAYS), help="days until it expires (default: never)"
        )
        parser.add_argument(
            "--read-only", action="store_true", help="it can list and read edits, but not create them"
        )
        parser.add_argument(
            "--per-minute",
            type=_whole(1, MOST_CALLS_PER_MINUTE),
            default=CALLS_PER_MINUTE,
            metavar="N",
            help=f"calls a minute (default: {CALLS_PER_MINUTE})",
        )

    def handle(self, *args: Any, username: str, name: str, read_only: bool, **options: Any) -> None:
        name = name.strip() or f"terminal of {socket.gethostname()}"[:MOST_NAME_CHARS]
        if len(name) > MOST_NAME_CHARS:
            raise CommandError(f"The name is too long: {len(name)} characters of at most {MOST_NAME_CHARS}.")
        try:
            key, text = make_api_key(
                owner=_member(username),
                name=name,
                can_edit=not read_only,
                days=options["days"],
                per_minute=options["per_minute"],
                at_terminal=True,
                now=timezone.now(),
            )
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {error}", returncode=2) from error
        self.stderr.write(_words(key), self.style.SUCCESS)
        self.stdout.write(text)


def _member(username: str) -> User:
    try:
        person = User.objects.get_by_natural_key(username)
    except User.DoesNotExist as error:
        raise CommandError(f"No account has the username {username}.") from error
    if not person.is_active:
        raise CommandError(f"{username} is deactivated, so a key would not work.")
    return person


def _whole(least: int, most: int) -> Callable[[str], int]:
    """A parser for an option that is a whole number from ``least`` to ``most``."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
            raise ArgumentTypeError(f"must be a whole number from {least} to {most}, not {text}")
        return int(text)

    return read


def _words(key: ApiKey) -> str:
    may = "creates and reads edits" if key.can_edit else "reads edits"
    until = f"until {key.expires_at:%Y-%m-%d %H:%M} UTC" if key.expires_at else "until it is revoked"
    return (
        f"{key.name}: {may} of {key.owner.username}, {until}, {key.per_minute:,} calls a minute. "
        "The key is shown only once:"
    )
