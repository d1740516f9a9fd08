"""``manage.py up``: runs everything that Retake needs, in the foreground, until Ctrl-C."""

import os
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from editor_site.supervisor import Program, command_line
from edits.models import User
from edits.services.migrating import alone_migrating
from edits.services.pictures.disk_space import MEGABYTE, free_bytes
from edits.services.team.first_run import setup_code

EVERYWHERE = {"", "0.0.0.0", "::"}  # noqa: S104  addresses to listen on, but not for a browser
MANIFEST = "staticfiles.json"
ANY_PORT = 0
SETUP_PATH = "/setup/"  # reverse() would load every view, a quarter of a second before the first page
PARTS = {"web", "worker"}
HEAD_START_SECONDS = 1.2
"""About the startup time of the web server; starting the worker and the engine at once would make it half as fast."""


class Command(BaseCommand):
    """Migrates, prints the address, then turns into the supervisor, which needs a tenth of Django's memory."""

    help = "Runs the web server, the worker and, without a key, the practice engine until Ctrl-C."
    requires_system_checks = ["retake-start"]  # all checks would delay the first page

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "parts", nargs="*", metavar="web|worker", help="run only this part, if the other runs elsewhere"
        )

    def handle(self, *args: Any, parts: list[str], **options: Any) -> None:
        if set(parts) - PARTS:
            raise CommandError(
                f"Unknown part {' '.join(parts)}. The parts are {' and '.join(sorted(PARTS))}."
            )
        web, worker = (not parts or name in parts for name in ("web", "worker"))
        environment = os.environ | {"DATA_DIR": str(settings.DATA_DIR)}
        engine_port = ""
        if worker and settings.PRACTICE_ENGINE:
            engine_port = environment["LOCAL_ENGINE_PORT"] = str(practice_port(os.environ))
        if web:
            refuse_taken_port(settings.HOST, settings.PORT)
        try:
            self._prepare(web=web)
        except DatabaseError as error:
            raise CommandError(unusable(error)) from error
        connections.close_all()
        self._become(programs(web=web, worker=worker, engine_port=engine_port), environment)

    def _prepare(self, *, web: bool) -> None:
        if web:
            migrate()
            self._greet()
        else:
            self._wait_for_tables()

    def _greet(self) -> None:
        """Print the address and, on an empty installation, how to become its administrator."""
        address = settings.SITE_URL if settings.HTTPS or settings.SITE_URL_IS_GIVEN else local_address()
        self.stdout.write(f"\n  Retake   {address}/")
        if settings.PRACTICE_ENGINE:
            self.stdout.write("           with the practice engine; set STEPFUN_API_KEY for the AI model")
        if not (Path(settings.STATIC_ROOT) / MANIFEST).exists():
            self.stdout.write(
                f"  Missing  {settings.STATIC_ROOT}/{MANIFEST}: run manage.py collectstatic, or pages fail"
            )
        if not User.objects.exists():
            self.stdout.write(f"  Set up   {address}{SETUP_PATH}?code={setup_code()}")
        self.stdout.write("  Stop     Ctrl-C\n\n")

    def _wait_for_tables(self) -> None:
        """Wait for the web part to migrate: two concurrent migrations would conflict."""
        if is_behind():
            self.stdout.write("Waiting until the web part has migrated the database.")
        while is_behind():
            time.sleep(1)

    def _become(self, found: list[Program], environment: dict[str, str]) -> None:
        words = command_line(
            found, grace_seconds=settings.STOP_GRACE_SECONDS, head_start_seconds=HEAD_START_SECONDS
        )
        self.stdout.flush()
        os.chdir(settings.BASE_DIR)
        os.execve(sys.executable, words, environment)  # noqa: S606  our own command, no shell


def local_address() -> str:
    """The URL of the web server for a browser on this machine."""
    host = "localhost" if settings.HOST in EVERYWHERE else settings.HOST
    in_url = f"[{host}]" if ":" in host else host
    return f"http://{in_url}:{settings.PORT}{settings.BASE_PATH}"


def programs(*, web: bool, worker: bool, engine_port: str) -> list[Program]:
    """The programs to run, in the order of their start; ``engine_port`` is blank if another server edits."""
    found = []
    if web:
        command = [sys.executable, "-m", "gunicorn", "-c", "python:editor_site.gunicorn_conf"]
        found.append(Program("web", command))
    if worker:
        found.append(Program("worker", [sys.executable, "-m", "editor_site.worker"]))
    if engine_port:
        command = [sys.executable, "-m", "edits.local_engine", "--port", engine_port]
        found.append(Program("practice engine", command, serves_others=True))
    return found


def unusable(error: DatabaseError) -> str:
    """Why the database cannot be used, and what to do.  On a full disk, SQLite only reports a disk error."""
    if free_bytes() < MEGABYTE:
        return (
            f"The disk of {settings.DATA_DIR} is full. Free some space, or move the folder to a larger disk."
        )
    return f"The database cannot be used. Check DATABASE_URL and DATA_DIR. ({str(error).strip()})"


def is_behind() -> bool:
    """Whether the database lacks migrations."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    """Migrate the database, silently if it is up to date or another process migrated it meanwhile."""
    if is_behind():
        with alone_migrating():
            if is_behind():
                call_command("migrate", interactive=False, verbosity=0)


def refuse_taken_port(host: str, port: int) -> None:
    """Raise a CommandError with one sentence if the port is taken, or the host cannot be listened on."""
    if not is_free(host, ANY_PORT):
        raise CommandError(
            f"HOST must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them, not {host!r}."
        )
    if not is_free(host, port):
        raise CommandError(
            f"Port {port} on {host or 'this machine'} is taken or not allowed. "
            f"Stop what uses it, or choose another one: make run PORT={port + 10}"
        )


def practice_port(environment: Mapping[str, str]) -> int:
    """The port of the practice engine: the configured one, otherwise the one after ours or any free one.

    Raises CommandError if a configured port is taken.
    """
    port: int = settings.LOCAL_ENGINE_PORT
    if is_free("127.0.0.1", port):
        return port
    if environment.get("LOCAL_ENGINE_PORT") or environment.get("STEPFUN_BASE_URL"):
        raise CommandError(f"The practice engine's port {port} is taken. Choose another LOCAL_ENGINE_PORT.")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except (OSError, UnicodeError):  # UnicodeError for an invalid host name
            return False
        return True
