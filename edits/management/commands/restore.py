"""``manage.py restore``: what ``backup`` wrote, put back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from edits.services.backups.archive import BadArchive
from edits.services.backups.restoring import Refused, restore


class Command(BaseCommand):
    """Says what was put back, and what became of edits that were under way."""

    help = (
        "Puts back what backup wrote, into an empty database. Stop Retake first. Edits that were under way become "
        "interrupted ones, which their owners can try again: they may have been paid since the backup was made."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="what backup wrote")
        parser.add_argument("--replace", action="store_true", help="delete all that is in the database now")
        parser.add_argument(
            "--keep-queue", action="store_true", help="send waiting edits: nothing ran after the backup"
        )

    def handle(self, *args: Any, file: Path, replace: bool, keep_queue: bool, **options: Any) -> None:
        try:
            done = restore(file.absolute(), now=timezone.now(), replace=replace, keep_queue=keep_queue)
        except (BadArchive, Refused) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Not restored, the database is as it was: {error}") from error
        except DatabaseError as error:
            raise CommandError(f"Not restored, the database refused: {error}") from error
        self.stdout.write(
            f"{file} of {done.made_at:%Y-%m-%d %H:%M} UTC: {done.rows['edits.user']} people, "
            f"{done.rows['edits.editrequest']} edits, {done.pictures} pictures, {done.missing} missing; "
            f"{done.interrupted} edits were under way and count as interrupted"
        )
        if done.set_aside:
            self.stdout.write(
                f"{done.set_aside} paid answers to edits that the backup does not know were set aside in "
                "DATA_DIR/spool."
            )
        if done.secret_key:
            self.stdout.write("The secret key of the backup is in DATA_DIR/secret_key now.")
        for keyless in done.keyless:
            self.stdout.write(f"Enter the key of this provider again, it cannot be read here: {keyless}.")
        self.stdout.write("Everybody signs in again. Look it over with: manage.py check_media --hashes")
