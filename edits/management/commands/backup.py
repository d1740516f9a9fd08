"""``manage.py backup``: writes everything into one file while Retake runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from edits.services.backups.backing_up import NotMigrated, back_up
from edits.services.team.auditing import record


class Command(BaseCommand):
    """Prints what the file contains and which pictures it lacks."""

    help = (
        "Writes the database and all pictures into one file, while Retake runs. It contains everything, including "
        "withheld pictures and password hashes: keep it safe. DATA_DIR/secret_key is only included on request; "
        "restoring without it signs everyone out, invalidates password links and makes the stored keys of "
        "providers unreadable, so you have to enter them again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="for example retake-2026-11-22.tar")
        parser.add_argument("--with-secret-key", action="store_true", help="include the secret key")

    def handle(self, *args: Any, file: Path, with_secret_key: bool, **options: Any) -> None:
        try:
            report = back_up(file.absolute(), now=timezone.now(), with_secret_key=with_secret_key)
        except NotMigrated as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Not written: {error}") from error
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {error}") from error
        self._write_down(file, with_secret_key=with_secret_key)
        for name in report.missing:
            self.stderr.write(f"no longer there: {name}")
        edits, people = report.rows["edits.editrequest"], report.rows["edits.user"]
        self.stdout.write(
            f"{file}: {people} people, {edits} edits, {report.pictures} pictures "
            f"({report.size_bytes / 1e6:,.1f} MB), {len(report.missing)} missing"
        )

    def _write_down(self, file: Path, *, with_secret_key: bool) -> None:
        """Record the backup in the audit log, if the database is writable; the backup is valid without that."""
        detail = "with the secret key" if with_secret_key else "without the secret key"
        try:
            record(actor=None, action="made a backup", subject=file.name, detail=detail, now=timezone.now())
        except DatabaseError as error:
            self.stderr.write(f"The backup is complete, but could not be recorded in the audit log: {error}")
