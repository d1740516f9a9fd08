"""A clean installation with its own data folder and free ports, started by the normal command."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

ROOT = Path(__file__).parent.parent
PATIENCE_SECONDS = 60.0


def free_ports(count: int) -> list[int]:
    """Distinct ports on which nothing listens now."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listener.getsockname()[1]) for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


class Installation:
    """Runs inside ``with``; its output goes to a file in the folder."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port, engine_port = free_ports(2)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = kept | {
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
            "LOCAL_ENGINE_PORT": str(engine_port),
            **(settings or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The base URL of its pages."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process from which all its other processes descend."""
        if self.process is None:
            raise RuntimeError("It was not started")
        return self.process.pid

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self.folder / "data" / "retake.sqlite3"

    def start(self) -> float:
        """Start everything; returns the seconds until the first page.  A redirect is not a page."""
        with (self.folder / "output.txt").open("ab") as output:
            began = time.monotonic()
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )
        while not self._gives_a_page():
            if time.monotonic() - began > PATIENCE_SECONDS or self.process.poll() is not None:
                raise RuntimeError((self.folder / "output.txt").read_text(encoding="utf-8"))
            time.sleep(0.01)
        return time.monotonic() - began

    def stop(self) -> None:
        """Stop everything and wait for it."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def inside(self, call: str) -> Any:
        """What a function of bench.inside returns when called inside this installation."""
        code = f"import json, bench.inside as inside; print(json.dumps(inside.{call}))"
        done = subprocess.run(  # noqa: S603  our own command, no shell
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    def visitor(self) -> requests.Session:
        """A session of a signed-in user."""
        return self.visitors(1)[0]

    def visitors(self, count: int) -> list[requests.Session]:
        """Sessions of ``count`` different signed-in users."""
        return [self._session(cookie) for cookie in self.inside(f"make_members({count})")]

    def _session(self, cookie: str) -> requests.Session:
        session = requests.Session()
        name, _, key = cookie.partition("=")
        session.cookies.set(name, key, domain="127.0.0.1")
        return session

    def _gives_a_page(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", "/setup/")
            return connection.getresponse().status in {200, 404}  # 404 once there is an account
        except OSError:
            return False
        finally:
            connection.close()
