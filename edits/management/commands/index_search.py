"""``manage.py index_search``: says how far the search index is, or fills it now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from edits.services.search_index import index_pending, progress

SAID_EVERY = 10_000


class Command(BaseCommand):
    """Prints a line for every 10,000 edits.  If it is stopped, the next run continues there."""

    help = (
        "Fills the search index now. A running worker does the same in the background, more slowly; "
        "both may run at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--status", action="store_true", help="only say how far it is")

    def handle(self, *args: Any, **options: Any) -> None:
        self._say()
        if options["status"]:
            return
        done, said = 0, 0
        while count := index_pending():
            done += count
            if done - said >= SAID_EVERY:
                said = done
                self._say()
        if done:
            self._say()

    def _say(self) -> None:
        now = progress()
        self.stdout.write(f"Search index: {now.percent} %, {now.pending:,} of {now.edits:,} edits to go")
