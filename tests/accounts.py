"""Other accounts of this machine, for tests that run as root: a stranger, and one that permissions bind."""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.installation import ROOT

STRANGER = 65534
OWNER = 10001
"""The account of the image's volume; it has no name here."""
PR_CAPBSET_DROP, OVERRIDES = 24, (1, 2)
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as other accounts")


@contextmanager
def shared_place() -> Iterator[Path]:
    """A folder that every account may enter, unlike those of pytest."""
    place = Path(tempfile.mkdtemp(prefix="retake-shared-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place)


def as_stranger(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run a program of the system as an account that has nothing to do with Retake."""
    return subprocess.run(
        command, user=STRANGER, group=STRANGER, extra_groups=[], capture_output=True, text=True, check=False
    )


def manage(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a management command with no more rights than permissions give this account, even if that is root.

    With the umask that most systems have, in an environment of which nothing else is known.
    """
    return _run("manage.py", *words, **environment)


def run_module(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a program of Python's, such as gunicorn, in the same way."""
    return _run("-m", *words, **environment)


def _run(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=kept | environment,
        umask=0o022,
        preexec_fn=_bind,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _bind() -> None:
    """Runs in the new child: root may read and write what belongs to others no more than others may."""
    libc = ctypes.CDLL(None)
    for capability in OVERRIDES:
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


@contextmanager
def mounted(place: Path, options: str) -> Iterator[None]:
    """A small disk in this folder, where this machine lets us have one."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
