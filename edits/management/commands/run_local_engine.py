"""``manage.py run_local_engine --port N``: runs the practice engine until it is stopped."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from edits.local_engine.serving import DESCRIPTION, CannotListen, add_options, serve


class Command(BaseCommand):
    help = DESCRIPTION
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, host: str, port: int, latency: float, **options: Any) -> None:
        try:
            serve(host=host, port=port, latency=latency)
        except CannotListen as error:
            raise CommandError(str(error)) from error
