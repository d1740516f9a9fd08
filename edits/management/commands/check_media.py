"""``manage.py check_media``: checks that rows and pictures match, and repairs what it can."""

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from edits.services.pictures.fsck.check import Census, Finding, Kind, find_wrong
from edits.services.pictures.fsck.repair import repair


class Command(BaseCommand):
    """Prints one line per problem, then a line with the counts."""

    help = (
        "Compares the database with the stored pictures: missing, orphaned, unexpected and changed files. "
        "Exit code 0: no problems; 1: problems found; 2: the check could not run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--hashes", action="store_true", help="read every picture and compare its SHA-256"
        )
        parser.add_argument(
            "--repair", action="store_true", help="remove orphans and recreate missing thumbnails"
        )
        parser.add_argument(
            "--even-most", action="store_true", help="remove orphans even if they outnumber the rest"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        census, found, repaired_count = Census(), Counter[Kind](), 0
        try:
            for finding in find_wrong(now=timezone.now(), census=census, hashes=options["hashes"]):
                found[finding.kind] += 1
                done = options["repair"] and self._repair(finding, census, even_most=options["even_most"])
                repaired_count += done
                self.stdout.write(f"{finding.kind:<11}{_words(finding)}{' – repaired' if done else ''}")
        except OSError as error:
            raise CommandError(f"The storage cannot be listed: {error}", returncode=2) from error
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {error}", returncode=2) from error
        counts = ", ".join(f"{found[kind]} {kind}" for kind in Kind)
        repaired = f"; {repaired_count} repaired" if options["repair"] else ""
        self.stdout.write(f"{census.named} files of rows, {census.stored} stored: {counts}{repaired}")
        if found.total() > repaired_count:
            sys.exit(1)

    def _repair(self, finding: Finding, census: Census, *, even_most: bool) -> bool:
        if finding.kind == Kind.ORPHANED and census.unnamed > census.named and not even_most:
            raise CommandError(
                f"No row names {census.unnamed} of {census.stored} files. Are these the pictures of this "
                "database? Nothing was removed. If they are: --repair --even-most.",
                returncode=2,
            )
        return repair(finding)


def _words(finding: Finding) -> str:
    return f"{finding.name}  ({finding.detail})" if finding.detail else finding.name
