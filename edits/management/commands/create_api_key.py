"""``manage.py create_api_key``: a key of the API from the terminal, alone on stdout so that scripts can keep it."""

import socket
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from edits.models import CALLS_PER_MINUTE, MOST_CALLS_PER_MINUTE, ApiKey, User
from edits.services.programs.api_keys import make_api_key

MOST_NAME_CHARS = 100
MOST_DAYS = 3650


class Command(BaseCommand):
    """Says on stderr what was made."""

    help = (
        "Makes an API key for somebody and prints it, this once: only its hash is kept. "
        'For a script: RETAKE_API_KEY="$(manage.py create_api_key alice --name nightly --days 90)".'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="USERNAME", help="whose edits it makes and reads")
        parser.add_argument(
            "--name", default="", help='what it is for; "terminal of" this machine unless given'
        )
        parser.add_argument(
            "--days", type=_whole(1, MOST_DAYS), help="how long it lasts; for ever unless given"
        )
        parser.add_argument("--read-only", action="store_true", help="it lists and looks, and makes no edits")
        parser.add_argument(
            "--per-minute",
            type=_whole(1, MOST_CALLS_PER_MINUTE),
            default=CALLS_PER_MINUTE,
            metavar="N",
            help=f"calls a minute, {CALLS_PER_MINUTE} unless given",
        )

    def handle(self, *args: Any, username: str, name: str, read_only: bool, **options: Any) -> None:
        name = name.strip() or f"terminal of {socket.gethostname()}"[:MOST_NAME_CHARS]
        if len(name) > MOST_NAME_CHARS:
            raise CommandError(
                f"The name has {len(name)} characters, and at most {MOST_NAME_CHARS} are kept."
            )
        try:
            key, text = make_api_key(
                owner=_member(username),
                name=name,
                can_edit=not read_only,
                days=options["days"],
                per_minute=options["per_minute"],
                at_terminal=True,
            )
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {error}", returncode=2) from error
        self.stderr.write(_words(key), self.style.SUCCESS)
        self.stdout.write(text)


def _member(username: str) -> User:
    person = User.objects.filter(username=username).first()
    if person is None:
        raise CommandError(f"There is nobody with the username {username}.")
    if not person.is_active:
        raise CommandError(f"{username} is deactivated: a key would open nothing.")
    return person


def _whole(least: int, most: int) -> Callable[[str], int]:
    """Reads an option that is a whole number from ``least`` to ``most``."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
            raise ArgumentTypeError(f"a whole number from {least} to {most} is needed, not {text}")
        return int(text)

    return read


def _words(key: ApiKey) -> str:
    may = "makes and reads edits" if key.can_edit else "reads edits"
    until = f"until {key.expires_at:%Y-%m-%d %H:%M} UTC" if key.expires_at else "until it is revoked"
    return (
        f"{key.name}: {may} of {key.owner.username}, {until}, {key.per_minute:,} calls a minute. "
        "The key is shown only now:"
    )
