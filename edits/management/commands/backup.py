"""``manage.py backup``: everything in one file, while Retake runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from edits.services.backups.backing_up import NotMigrated, back_up


class Command(BaseCommand):
    """Says what is in the file, and which pictures it lacks."""

    help = (
        "Writes the database and all pictures into one file, while Retake runs. It holds everything, withheld "
        "pictures and hashes of passwords too: keep it safe. DATA_DIR/secret_key is not in it unless asked for; "
        "restoring without it signs everybody out, voids links for new passwords, and makes the stored keys of "
        "providers unreadable, so that they must be entered again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="for example retake-2026-11-22.tar")
        parser.add_argument(
            "--with-secret-key", action="store_true", help="put the secret key into the file too"
        )

    def handle(self, *args: Any, file: Path, with_secret_key: bool, **options: Any) -> None:
        try:
            report = back_up(file.absolute(), now=timezone.now(), with_secret_key=with_secret_key)
        except NotMigrated as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Not written: {error}") from error
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {error}") from error
        for name in report.missing:
            self.stderr.write(f"not there any more: {name}")
        edits, people = report.rows["edits.editrequest"], report.rows["edits.user"]
        self.stdout.write(
            f"{file}: {people} people, {edits} edits, {report.pictures} pictures "
            f"({report.size_bytes / 1e6:,.1f} MB), {len(report.missing)} missing"
        )
