"""``manage.py run_local_engine --port N``: runs the practice engine until it is stopped."""

import signal
from argparse import ArgumentParser
from threading import Event, Thread
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from edits.local_engine import make_server


class Command(BaseCommand):
    help = (
        "Runs the practice engine: it offers StepFun's API and edits pictures on this machine, without a key."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, required=True, help="port to listen on; 0 for any free one")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument(
            "--latency",
            type=float,
            default=0.0,
            help="seconds to wait before each edit (default: %(default)s)",
        )

    def handle(self, *args: Any, host: str, port: int, latency: float, **options: Any) -> None:
        try:
            server = make_server(host=host, port=port, latency_seconds=max(0.0, latency))
        except (OSError, OverflowError) as error:
            raise CommandError(f"The practice engine cannot listen on {host}:{port}: {error}") from error
        asked_to_stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked_to_stop.set())
        with server:
            # The signal arrives in this thread, and shutdown() must not run in the thread that serves.
            serving = Thread(target=server.serve_forever, name="local-engine")
            serving.start()
            self.stdout.write(f"Practice engine ready at {server.base_url}")
            self.stdout.flush()
            asked_to_stop.wait()
            server.shutdown()
            serving.join()
