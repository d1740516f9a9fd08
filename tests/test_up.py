"""``manage.py up``: what it says, what it starts, and when it refuses."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from django.urls import reverse
from pytest_django import Settings

from edits.management.commands import up
from edits.models import User
from edits.services.team.first_run import setup_code

ROOT = Path(__file__).parent.parent


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def free_port() -> int:
    """A port that nobody used a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Became(Exception):
    """Stands for turning into the supervisor, which a test cannot survive."""


@pytest.fixture
def execve(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """The command lines and environments that the command turned into."""
    calls: list[tuple[list[str], dict[str, str]]] = []

    def become(path: str, words: list[str], environment: dict[str, str]) -> None:
        calls.append((words, environment))
        raise Became

    monkeypatch.setattr(os, "execve", become)
    monkeypatch.setattr(os, "chdir", lambda path: None)
    return calls


def test_a_taken_port_is_said_in_a_sentence(taken_port: int, settings: Settings) -> None:
    settings.PORT = taken_port
    with pytest.raises(CommandError, match=f"Port {taken_port} on 127.0.0.1 is taken"):
        call_command("up")


def test_the_practice_engine_moves_when_its_port_is_taken(taken_port: int, settings: Settings) -> None:
    settings.LOCAL_ENGINE_PORT = taken_port
    assert up.practice_port({}) not in {taken_port, 0}


def test_the_practice_engine_does_not_move_from_a_port_that_was_named(
    taken_port: int, settings: Settings
) -> None:
    settings.LOCAL_ENGINE_PORT = taken_port
    with pytest.raises(CommandError, match="Choose another LOCAL_ENGINE_PORT"):
        up.practice_port({"LOCAL_ENGINE_PORT": str(taken_port)})


@pytest.mark.django_db
def test_an_empty_installation_is_greeted_with_a_link_that_sets_it_up(
    settings: Settings, execve: list[tuple[list[str], dict[str, str]]]
) -> None:
    settings.PORT = free_port()
    out = StringIO()
    with pytest.raises(Became):
        call_command("up", stdout=out)
    address = f"http://127.0.0.1:{settings.PORT}{reverse('edits:setup')}"
    assert f"{address}?code={setup_code()}" in out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("known", [{"HTTPS": True}, {"SITE_URL_IS_GIVEN": True}])
def test_behind_a_proxy_it_is_greeted_with_the_proxys_address(
    settings: Settings, execve: list[tuple[list[str], dict[str, str]]], known: dict[str, bool]
) -> None:
    settings.PORT, settings.SITE_URL = free_port(), "https://example.com/retake"
    for name, value in known.items():
        setattr(settings, name, value)
    out = StringIO()
    with pytest.raises(Became):
        call_command("up", stdout=out)
    assert f"https://example.com/retake/setup/?code={setup_code()}" in out.getvalue()
    assert str(settings.PORT) not in out.getvalue()


def test_an_installation_with_an_account_does_not_show_the_code(
    alice: User, settings: Settings, execve: list[tuple[list[str], dict[str, str]]]
) -> None:
    settings.PORT = free_port()
    out = StringIO()
    with pytest.raises(Became):
        call_command("up", stdout=out)
    assert "setup" not in out.getvalue()
    assert f"http://127.0.0.1:{settings.PORT}/" in out.getvalue()


@pytest.mark.parametrize("collected", [True, False])
def test_static_files_that_were_not_collected_are_missed(
    alice: User,
    tmp_path: Path,
    settings: Settings,
    execve: list[tuple[list[str], dict[str, str]]],
    collected: bool,
) -> None:
    settings.PORT, settings.STATIC_ROOT = free_port(), tmp_path
    if collected:
        (tmp_path / up.MANIFEST).touch()
    out = StringIO()
    with pytest.raises(Became):
        call_command("up", stdout=out)
    assert ("collectstatic" in out.getvalue()) is not collected


def test_with_a_key_no_practice_engine_is_started(
    alice: User, settings: Settings, execve: list[tuple[list[str], dict[str, str]]]
) -> None:
    settings.PORT, settings.PRACTICE_ENGINE = free_port(), False
    with pytest.raises(Became):
        call_command("up", stdout=StringIO())
    words, environment = execve[0]
    assert not any("edits.local_engine" in word for word in words)
    assert environment["DATA_DIR"] == str(settings.DATA_DIR)


def test_every_program_is_told_about_the_engine_that_moved(
    alice: User,
    taken_port: int,
    settings: Settings,
    execve: list[tuple[list[str], dict[str, str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("STEPFUN_BASE_URL")
    settings.PORT, settings.PRACTICE_ENGINE, settings.LOCAL_ENGINE_PORT = free_port(), True, taken_port
    with pytest.raises(Became):
        call_command("up", stdout=StringIO())
    words, environment = execve[0]
    moved = environment["LOCAL_ENGINE_PORT"]
    assert moved != str(taken_port)
    assert any(word.endswith(f"edits.local_engine --port {moved}") for word in words)


def test_the_worker_alone_brings_the_practice_engine_and_no_web_server(
    alice: User, taken_port: int, settings: Settings, execve: list[tuple[list[str], dict[str, str]]]
) -> None:
    settings.PORT, settings.PRACTICE_ENGINE, settings.LOCAL_ENGINE_PORT = taken_port, True, free_port()
    out = StringIO()
    with pytest.raises(Became):
        call_command("up", "worker", stdout=out)
    words = " ".join(execve[0][0])
    assert "editor_site.worker" in words
    assert "edits.local_engine" in words
    assert "gunicorn" not in words
    assert out.getvalue() == ""


def test_the_web_server_alone_brings_nothing_else(
    alice: User, settings: Settings, execve: list[tuple[list[str], dict[str, str]]]
) -> None:
    settings.PORT, settings.PRACTICE_ENGINE = free_port(), True
    with pytest.raises(Became):
        call_command("up", "web", stdout=StringIO())
    words = " ".join(execve[0][0])
    assert "gunicorn" in words
    assert "editor_site.worker" not in words
    assert "edits.local_engine" not in words


def test_a_worker_alone_waits_until_somebody_else_has_migrated(
    alice: User,
    settings: Settings,
    execve: list[tuple[list[str], dict[str, str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    behind = iter([True, True, False])
    monkeypatch.setattr(up, "is_behind", lambda: next(behind))
    monkeypatch.setattr(up, "migrate", lambda: pytest.fail("the worker migrated"))
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    out = StringIO()
    with pytest.raises(Became):
        call_command("up", "worker", stdout=out)
    assert "Waiting until the web part has migrated" in out.getvalue()


@pytest.mark.django_db
def test_a_database_that_is_away_is_said_in_a_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> bool:
        raise OperationalError("connection refused")

    monkeypatch.setattr(up, "is_behind", refuse)
    settings.PORT = free_port()
    with pytest.raises(CommandError, match="The database cannot be used"):
        call_command("up")


def test_an_unknown_part_is_refused_by_name() -> None:
    with pytest.raises(CommandError, match="Unknown part queue\\. The parts are web and worker"):
        call_command("up", "queue")


def get(port: int, path: str) -> int:
    """The status of a page, 0 while nothing listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@pytest.mark.processes
def test_everything_starts_serves_and_ends_together(tmp_path: Path) -> None:
    """The real thing on a fresh folder: it migrates, a worker reports, Ctrl-C leaves nothing running."""
    port = free_port()
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= {"DATA_DIR": str(tmp_path), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        while get(port, "/readyz") != 200 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.1)
        answers = get(port, "/healthz"), get(port, "/readyz")
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert answers == (200, 200), output
    assert re.search(rf"http://127\.0\.0\.1:{port}/setup/\?code=\S+", output)
    assert process.returncode == 0
    assert get(port, "/healthz") == 0
    assert "Traceback" not in output
