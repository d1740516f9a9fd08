"""``python -m edits.local_engine --port N``: runs the practice engine until it is stopped.

Not a command of manage.py, because Django with all its apps is twice as large as the engine.
"""

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from threading import Event, Thread

from edits.local_engine import LocalEngineServer, make_server


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT.  Raises SystemExit with a sentence if the port cannot be used."""
    options = _read(arguments)
    try:
        server = make_server(host=options.host, port=options.port, latency_seconds=max(0.0, options.latency))
    except (OSError, OverflowError) as error:
        sys.exit(f"The practice engine cannot listen on {options.host}:{options.port}: {error}")
    with server:
        _serve(server)


def _read(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(
        prog="python -m edits.local_engine",
        description="Offers StepFun's API and edits pictures on this machine, without a key.",
    )
    parser.add_argument("--port", type=int, required=True, help="port to listen on; 0 for any free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--latency", type=float, default=0.0, help="seconds to wait before each edit (default: %(default)s)"
    )
    return parser.parse_args(arguments)


def _serve(server: LocalEngineServer) -> None:
    asked_to_stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_stop.set())
    # The signal arrives in this thread, and shutdown() must not run in the thread that serves.
    serving = Thread(target=server.serve_forever, name="local-engine")
    serving.start()
    print(f"Practice engine ready at {server.base_url}", flush=True)  # noqa: T201  for the terminal
    asked_to_stop.wait()
    server.shutdown()
    serving.join()


if __name__ == "__main__":
    main()
