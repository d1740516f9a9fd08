"""The health check of a container without curl: whether the web server or the worker is alive.

python -m editor_site.probe            the web server answers
python -m editor_site.probe worker     the worker sent a heartbeat within a minute
"""

import http.client
import os
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

SILENT_SECONDS = 60.0


def probe(environment: Mapping[str, str]) -> bool:
    """Whether /healthz answers 200 within four seconds."""
    port = int(environment.get("PORT") or 8000)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def worker_beats(environment: Mapping[str, str]) -> bool:
    """Whether this machine's worker touched its file in DATA_DIR recently."""
    file = Path(environment.get("DATA_DIR") or "var") / "heartbeats" / socket.gethostname()
    try:
        return time.time() - file.stat().st_mtime < SILENT_SECONDS
    except OSError:
        return False


if __name__ == "__main__":
    asked = worker_beats if sys.argv[1:] == ["worker"] else probe
    sys.exit(not asked(os.environ))
