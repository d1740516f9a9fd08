"""``manage.py up``: everything that Retake needs, in the foreground, until Ctrl-C."""

import os
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.migrations.executor import MigrationExecutor

from editor_site.supervisor import Program, command_line
from edits.models import User
from edits.services.migrating import alone_migrating
from edits.services.team.setting_up import setup_code

EVERYWHERE = {"", "0.0.0.0", "::"}  # noqa: S104  listened on, but nothing that a browser can open
SETUP_PATH = "/setup/"  # reverse() would load every view, a quarter of a second before the first page
PARTS = {"web", "worker"}
HEAD_START_SECONDS = 1.2
"""About what the web server needs; the worker and the engine would slow it down by half."""


class Command(BaseCommand):
    """Migrates, says where to look, then turns into the supervisor, which is a tenth of Django's size."""

    help = "Runs the web server, the worker and, without a key, the practice engine until Ctrl-C."
    requires_system_checks = []  # `make check` does them; here they would keep the first page waiting

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "parts", nargs="*", metavar="web|worker", help="run this part alone, where the other has its own"
        )

    def handle(self, *args: Any, parts: list[str], **options: Any) -> None:
        if set(parts) - PARTS:
            raise CommandError(f"The parts are {' and '.join(sorted(PARTS))}, not {' '.join(parts)}.")
        web, worker = (not parts or name in parts for name in ("web", "worker"))
        environment = os.environ | {"DATA_DIR": str(settings.DATA_DIR)}
        engine_port = ""
        if worker and settings.PRACTICE_ENGINE:
            engine_port = environment["LOCAL_ENGINE_PORT"] = str(practice_port(os.environ))
        if web:
            refuse_taken_port(settings.HOST, settings.PORT)
        try:
            self._prepare(web=web)
        except OperationalError as error:
            raise CommandError(
                f"The database cannot be used. Check DATABASE_URL and DATA_DIR. ({error})"
            ) from error
        connections.close_all()
        self._become(programs(web=web, worker=worker, engine_port=engine_port), environment)

    def _prepare(self, *, web: bool) -> None:
        if web:
            migrate()
            self._greet()
        else:
            self._wait_for_tables()

    def _greet(self) -> None:
        """Say where the studio is and, on an empty installation, how to become its administrator."""
        host = "localhost" if settings.HOST in EVERYWHERE else settings.HOST
        address = f"http://[{host}]:{settings.PORT}" if ":" in host else f"http://{host}:{settings.PORT}"
        self.stdout.write(f"\n  Retake   {address}/")
        if settings.PRACTICE_ENGINE:
            self.stdout.write("           with the practice engine; set STEPFUN_API_KEY for the AI model")
        if not User.objects.exists():
            self.stdout.write(f"  Set up   {address}{SETUP_PATH}?code={setup_code()}")
        self.stdout.write("  Stop     Ctrl-C\n\n")

    def _wait_for_tables(self) -> None:
        """A worker alone leaves migrating to the web part: two at once would get into each other's way."""
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


def programs(*, web: bool, worker: bool, engine_port: str) -> list[Program]:
    """What runs, in the order it starts; ``engine_port`` is blank where another server edits."""
    found = []
    if web:
        command = [sys.executable, "-m", "gunicorn", "-c", "python:editor_site.gunicorn_conf"]
        found.append(Program("web", command))
    if worker:
        celery = f"-q -A editor_site.celery worker -P threads -c {settings.WORKER_THREADS}"
        quiet = "--without-gossip --without-mingle --without-heartbeat"
        command = [sys.executable, "-m", "celery", *celery.split(), *quiet.split()]
        found.append(Program("worker", command))
    if engine_port:
        command = [sys.executable, "manage.py", "run_local_engine", "--port", engine_port]
        found.append(Program("practice engine", command, serves_others=True))
    return found


def is_behind() -> bool:
    """Whether there are migrations that the database has not seen."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    """Bring the tables up to date; says nothing when they are, or when somebody else has done it meanwhile."""
    if is_behind():
        with alone_migrating():
            if is_behind():
                call_command("migrate", interactive=False, verbosity=0)


def refuse_taken_port(host: str, port: int) -> None:
    """Raise a CommandError in one sentence when something else listens there already."""
    if not is_free(host, port):
        raise CommandError(
            f"Port {port} on {host or 'this machine'} is taken or not allowed. "
            f"Stop what uses it, or choose another one: make run PORT={port + 10}"
        )


def practice_port(environment: Mapping[str, str]) -> int:
    """Where the practice engine listens: the port after ours; if that is taken and nobody named it, any."""
    port: int = settings.LOCAL_ENGINE_PORT
    if is_free("127.0.0.1", port):
        return port
    if environment.get("LOCAL_ENGINE_PORT") or environment.get("STEPFUN_BASE_URL"):
        raise CommandError(
            f"Port {port}, where the practice engine listens, is taken. Choose another LOCAL_ENGINE_PORT."
        )
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
        except OSError:
            return False
        return True
