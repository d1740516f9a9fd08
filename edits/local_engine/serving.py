"""Runs the practice engine until it is stopped, by a command of Django or without Django."""

import signal
from argparse import ArgumentParser
from threading import Event, Thread

from edits.local_engine.server import make_server

DESCRIPTION = "Offers StepFun's API and edits pictures on this machine, without a key."


class CannotListen(Exception):
    """The port cannot be used.  The message is for the person who started it."""


def add_options(parser: ArgumentParser) -> None:
    """What the command line may say."""
    parser.add_argument("--port", type=int, required=True, help="port to listen on; 0 for any free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--latency", type=float, default=0.0, help="seconds to wait before each edit (default: %(default)s)"
    )


def serve(*, host: str, port: int, latency: float) -> None:
    """Serve until SIGTERM or SIGINT.  Raises CannotListen."""
    try:
        server = make_server(host=host, port=port, latency_seconds=max(0.0, latency))
    except (OSError, OverflowError) as error:
        raise CannotListen(f"The practice engine cannot listen on {host}:{port}: {error}") from error
    asked_to_stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_stop.set())
    with server:
        # The signal arrives in this thread, and shutdown() must not run in the thread that serves.
        serving = Thread(target=server.serve_forever, name="local-engine")
        serving.start()
        print(f"Practice engine ready at {server.base_url}", flush=True)  # noqa: T201  for the terminal
        asked_to_stop.wait()
        server.shutdown()
        serving.join()
