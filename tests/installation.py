"""A real installation for tests: its own data folder, ports and processes, started as its users start it."""

import atexit
import fcntl
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

import requests

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 120.0
DATABASE = "retake.sqlite3"
T = TypeVar("T")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def eventually(look: Callable[[], T], *, seconds: float = PATIENCE_SECONDS) -> T:
    """What ``look`` gives once it gives something true.  Fails after ``seconds``."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)  # another process has no event to wait for
    raise AssertionError(f"{look} stayed false for {seconds} s")


@dataclass
class Installation:
    """One data folder with whatever runs on it."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    engine_port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the tests' own settings, only what a fresh installation has."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return (
            kept
            | {
                "DATA_DIR": str(self.folder),
                "STATIC_ROOT": str(self.folder / "static"),
                "PORT": str(self.port),
                "LOCAL_ENGINE_PORT": str(self.engine_port),
                "LEASE_SECONDS": "4",
                "SWEEP_SECONDS": "1",
            }
            | self.settings
        )

    def manage(self, *words: str) -> str:
        """Run a management command to its end; returns what it printed."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, umask=0o022, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def migrate(self) -> None:
        """Bring the tables; quicker than the command where they are to be in a file of their own."""
        if "DATABASE_URL" in self.settings:
            self.manage("migrate", "-v0")
        else:
            shutil.copy(prepared() / DATABASE, self.folder / DATABASE)

    def collect_static(self) -> None:
        """Bring the stylesheets and scripts as the server gives them out."""
        shutil.copytree(prepared() / "static", self.environment["STATIC_ROOT"], dirs_exist_ok=True)

    def python(self, code: str) -> Any:
        """Run code inside the installation; it gives its answer by ``answer(value)``."""
        lead = "import json\ndef answer(value): print('ANSWER' + json.dumps(value, default=str))\n"
        printed = self.manage("shell", "-v0", "-c", lead + code)
        return json.loads(printed.rsplit("ANSWER", 1)[1])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the installation's database holds now; much quicker than a command."""
        with closing(sqlite3.connect(self.folder / DATABASE, timeout=30)) as database:
            return database.execute(query).fetchall()

    def start(self, *words: str, log: str) -> subprocess.Popen[bytes]:
        """Start a process in a group of its own; its output goes to a file beside the data."""
        output = (self.folder / f"{log}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=self.environment,
            stdout=output,
            stderr=output,
            umask=0o022,  # what most systems have
            start_new_session=True,
        )
        output.close()
        self.processes.append(process)
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        """The worker alone."""
        options = "-P threads -c 4 --without-gossip --without-mingle --without-heartbeat"
        return self.start(
            "-m", "celery", "-A", "editor_site.celery", "worker", *options.split(), log="worker"
        )

    def start_engine(self, *, latency: float = 0.0) -> subprocess.Popen[bytes]:
        """The practice engine alone."""
        words = ["edits.local_engine", "--port", str(self.engine_port), "--latency", str(latency)]
        process = self.start("-m", *words, log="engine")
        eventually(lambda: answers(f"http://127.0.0.1:{self.engine_port}/v1/models"))
        return process

    def start_all(self) -> subprocess.Popen[bytes]:
        """Everything, as ``make run`` starts it; returns when the first page is there."""
        self.collect_static()
        process = self.start("manage.py", "up", log="up")
        eventually(lambda: answers(f"{self.url}/healthz"))
        return process

    def log(self, name: str) -> str:
        """What a process has printed so far."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self) -> None:
        """End whatever still runs, children included."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def answers(url: str) -> bool:
    """Whether a server answers there at all."""
    try:
        requests.get(url, timeout=2, allow_redirects=False)
    except requests.RequestException:
        return False
    return True


@cache
def prepared() -> Path:
    """A data folder with tables and static files, to be copied: each command takes seconds to start.

    All processes of a test run share one; the last that ends removes it.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"retake-prepared-{run}"
    folder.mkdir(mode=0o700, exist_ok=True)
    in_use = (folder / "in-use.lock").open("w")
    fcntl.flock(in_use, fcntl.LOCK_SH)
    atexit.register(_remove_unused, folder, in_use)
    with (folder / "making.lock").open("w") as making:
        fcntl.flock(making, fcntl.LOCK_EX)
        data = folder / "data"
        if not data.exists():
            place = Installation(folder / "unfinished")
            place.manage("migrate", "-v0")
            place.manage("collectstatic", "--noinput", "-v0")
            place.folder.rename(data)
    return data


def _remove_unused(folder: Path, in_use: IO[str]) -> None:
    with suppress(BlockingIOError):
        fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def installed(folder: Path, **settings: str) -> Iterator[Installation]:
    """A migrated installation in this folder; what it started is ended afterwards."""
    installation = Installation(folder, settings)
    try:
        yield installation
    finally:
        installation.stop()
