"""Users who click on *Edit image*: submits the studio's form and waits for the results."""

import http.client
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import requests

from bench.installation import PATIENCE_SECONDS, Installation

ACTIVE = "SELECT 1 FROM edits_editrequest WHERE status IN ('queued', 'running', 'saving') LIMIT 1"
BARE = "SELECT 1 FROM edits_returnedimage WHERE thumb_320 = '' LIMIT 1"
BOUNDARY = "----bench-7d1c9a5e4f"


class Clicker:
    """One signed-in user with an open studio.

    Requests are prepared in advance, because real browsers would do that on other machines.
    """

    def __init__(self, retake: Installation, visitor: requests.Session) -> None:
        visitor.get(f"{retake.url}/", timeout=PATIENCE_SECONDS).raise_for_status()
        self.port = retake.port
        self.token = next(value for name, value in visitor.cookies.items() if "csrf" in name)
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        self.headers = {"Cookie": cookies, "Content-Type": kind}

    def body(self, *, picture: bytes, prompt: str) -> bytes:
        """The form as a browser sends it."""
        fields = {
            "csrfmiddlewaretoken": self.token,
            "submission_key": str(uuid.uuid4()),
            "prompt": prompt,
            "size": "512x512",
            "steps": "28",
            "cfg_scale": "6",
        }
        parts = [_part(f'name="{name}"', value.encode()) for name, value in fields.items()]
        parts.append(_part('name="image"; filename="source.jpg"\r\nContent-Type: image/jpeg', picture))
        return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()

    def click(self, body: bytes) -> bool:
        """Submit the form; returns whether the edit was accepted."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)) as line:
            try:
                line.request("POST", "/", body, self.headers)
                return line.getresponse().status == requests.codes.found
            except OSError:
                return False


def _part(name: str, content: bytes) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {name}\r\n\r\n"
    return head.encode() + content + b"\r\n"


@contextmanager
def looking(database: Path) -> Iterator[sqlite3.Connection]:
    """The installation's database, read-only: the cheapest way to see when an edit is final."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        yield connection


def wait_until_final(database: sqlite3.Connection, *, pause_seconds: float, seconds: float = 60.0) -> bool:
    """Wait until no edit is active; False if one still is after ``seconds``."""
    return _wait_while(ACTIVE, database, pause_seconds=pause_seconds, seconds=seconds)


def wait_until_shown(database: sqlite3.Connection, *, pause_seconds: float, seconds: float = 60.0) -> bool:
    """Wait until all results have thumbnails; False if one has none after ``seconds``."""
    return _wait_while(BARE, database, pause_seconds=pause_seconds, seconds=seconds)


def _wait_while(found: str, database: sqlite3.Connection, *, pause_seconds: float, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while database.execute(found).fetchone():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause_seconds)
    return True
