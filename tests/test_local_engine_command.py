"""The practice engine as a program: starts, prints its address, and ends when it is asked to."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
import requests

pytestmark = pytest.mark.processes


ALONE = ("-m", "edits.local_engine")
WITH_DJANGO = ("manage.py", "run_local_engine")


@contextmanager
def running(*arguments: str, program: Sequence[str] = ALONE) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, *program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ready_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize(("program", "number"), [(ALONE, signal.SIGTERM), (WITH_DJANGO, signal.SIGINT)])
def test_it_says_where_it_is_and_ends_cleanly(program: Sequence[str], number: signal.Signals) -> None:
    with running("--port", "0", program=program) as process:
        line = ready_line(process)
        assert line.startswith("Practice engine ready at http://127.0.0.1:")
        answer = requests.get(f"{line.split()[-1]}/models", headers={"Authorization": "Bearer x"}, timeout=20)
        assert answer.status_code == 200
        process.send_signal(number)
        out, errors = process.communicate(timeout=20)
        assert (process.returncode, out, errors) == (0, "", "")


def test_an_open_connection_does_not_keep_it_alive() -> None:
    with running("--port", "0") as process, requests.Session() as caller:
        base_url = ready_line(process).split()[-1]
        caller.get(f"{base_url}/models", headers={"Authorization": "Bearer x"}, timeout=20)
        process.terminate()
        assert process.wait(timeout=20) == 0


@pytest.mark.parametrize("program", [ALONE, WITH_DJANGO])
def test_a_port_that_is_taken_is_a_plain_sentence(program: Sequence[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running("--port", str(port), program=program) as process:
            out, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in errors
    assert "Traceback" not in errors
    assert out == ""


def test_it_asks_for_a_port() -> None:
    with running() as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "--port" in errors
