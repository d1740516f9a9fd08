"""A host on which nobody ran Retake before: a copy of the working tree of another account, and ``make run``.

Nothing is installed: the copy's virtual environment finds the packages of the one that runs the tests, and has the
stamp that tells the Makefile so.  Static files, tables, keys and folders are made as for every installation.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import django

from tests.accounts import OWNER, shared_place
from tests.installation import ROOT, answers, eventually
from tests.servers import steady_port

PACKAGES = Path(django.__file__).parent.parent
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
FOLDERS = ("/usr/bin", "/usr/local/bin")
"""Where every account finds a Python, unlike one in root's own home."""


@dataclass
class FreshHost:
    """The copy, the account that runs it (None: our own), and the settings on the command line of make."""

    folder: Path
    account: int | None
    python: str
    settings: dict[str, str]
    port: int = field(default_factory=steady_port)
    running: "subprocess.Popen[bytes] | None" = None

    @property
    def data(self) -> Path:
        """The data folder, where it is unless a setting says otherwise."""
        return self.folder / "var"

    def run(self) -> None:
        """``make run`` under the umask that most systems have; returns when the first page is there."""
        self._bring()
        words = [f"{name}={value}" for name, value in {"PORT": str(self.port), **self.settings}.items()]
        with self._log_path.open("wb") as log:
            self.running = subprocess.Popen(
                ["make", "run", *words],
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"},
                stdout=log,
                stderr=log,
                umask=0o022,
                start_new_session=True,
                **self._as_account(),
            )
        eventually(self._answers)

    def _answers(self) -> bool:
        """Raises AssertionError with what was printed once it has ended."""
        assert self.running is not None
        assert self.running.poll() is None, self.log("up")
        return answers(f"http://127.0.0.1:{self.port}/healthz")

    def log(self, _: str) -> str:
        """What was printed so far."""
        return self._log_path.read_text(errors="replace")

    def stop(self) -> None:
        """As Ctrl-C does."""
        if self.running and self.running.poll() is None:
            os.killpg(self.running.pid, signal.SIGINT)
            try:
                self.running.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(self.running.pid, signal.SIGKILL)
                self.running.wait()

    @property
    def _log_path(self) -> Path:
        return self.folder.parent / "up.log"

    def _as_account(self) -> dict[str, Any]:
        return {} if self.account is None else as_account(self.account)

    def _bring(self) -> None:
        """The files that git has or would take, and the environment."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", ":!:.venv"],
            cwd=ROOT, capture_output=True, check=True,
        ).stdout.decode()  # fmt: skip
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.folder / name)
        subprocess.run([self.python, "-m", "venv", "--without-pip", self.folder / ".venv"], check=True)
        [packages] = (self.folder / ".venv").glob("lib/python*/site-packages")
        (packages / "of_the_tests.pth").write_text(f"{PACKAGES}\n")
        (self.folder / ".venv" / "installed").touch()
        # As under the usual umask; Django has made ours a closer one.
        subprocess.run(["chmod", "-R", "u=rwX,go=rX", self.folder], check=True)
        if self.account is not None:
            subprocess.run(["chown", "-R", f"{self.account}:{self.account}", self.folder], check=True)


def as_account(account: int) -> dict[str, Any]:
    """For subprocess: run as this account alone."""
    return {"user": account, "group": account, "extra_groups": []}


@cache
def other_account() -> tuple[int | None, str]:
    """Another account that can run Retake, with its Python; (None, ours) where we are not root or there is none."""
    if os.geteuid() == 0:
        for python in filter(None, (shutil.which(PYTHON, path=folder) for folder in FOLDERS)):
            code = f"import sys; sys.path.append({str(PACKAGES)!r}); import django, PIL.Image, argon2"
            tried = subprocess.run(
                [python, "-c", code], check=False, capture_output=True, cwd="/", **as_account(OWNER)
            )
            if tried.returncode == 0:
                return OWNER, python
    return None, sys.executable


@contextmanager
def fresh_host(**settings: str) -> Iterator[FreshHost]:
    """Not started yet; stopped and removed afterwards."""
    account, python = other_account()
    with shared_place() as place:
        (place / "retake").mkdir()
        host = FreshHost(place / "retake", account, python, settings)
        try:
            yield host
        finally:
            host.stop()
