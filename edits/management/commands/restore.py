"""``manage.py restore``: restores a file written by ``backup``."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from edits.services.backups.archive import BadArchive
from edits.services.backups.restoring import Refused, restore
from edits.services.team.auditing import record


class Command(BaseCommand):
    """Prints what was restored and how many edits were interrupted."""

    help = (
        "Restores a backup into an empty database. Stop Retake first. Edits that were in progress become "
        "interrupted, and their owners can retry them: they may have been charged since the backup was made."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a file that backup wrote")
        parser.add_argument(
            "--replace", action="store_true", help="delete everything that is in the database now"
        )
        parser.add_argument(
            "--keep-queue",
            action="store_true",
            help="send the waiting edits: only if nothing ran after the backup",
        )

    def handle(self, *args: Any, file: Path, replace: bool, keep_queue: bool, **options: Any) -> None:
        try:
            done = restore(file.absolute(), now=timezone.now(), replace=replace, keep_queue=keep_queue)
        except (BadArchive, Refused) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Not restored, and the database is unchanged: {error}") from error
        except DatabaseError as error:
            raise CommandError(f"Not restored, because of a database error: {error}") from error
        detail = f"of {done.made_at:%Y-%m-%d %H:%M} UTC"
        record(actor=None, action="restored a backup", subject=file.name, detail=detail, now=timezone.now())
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
            self.stdout.write(f"The key of a provider cannot be read here. Enter it again: {keyless}.")
        self.stdout.write(
            "Everyone has to sign in again. Check the pictures with: manage.py check_media --hashes"
        )
