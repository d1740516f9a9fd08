"""The files that ship Retake: long enough to stop, complete enough to build."""

import re
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.conf import settings

from editor_site import gunicorn_conf

ROOT = Path(__file__).parent.parent
CODE = {"manage.py", "requirements.txt", "editor_site", "edits", "templates", "static"}


@pytest.fixture
def compose() -> dict[str, Any]:
    """The services of compose.yaml."""
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"])


def test_a_stop_leaves_time_for_the_longest_edit(compose: dict[str, Any]) -> None:
    grace_seconds = int(compose["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace_seconds >= 200
    assert grace_seconds > settings.STOP_GRACE_SECONDS > settings.STEPFUN_TIMEOUT_SECONDS


def test_web_and_worker_are_one_image_with_one_environment(compose: dict[str, Any]) -> None:
    for key in ("image", "build", "environment", "volumes"):
        assert compose["web"][key] == compose["worker"][key]


def test_compose_ships_no_password(compose: dict[str, Any]) -> None:
    environments = [compose[name]["environment"] for name in ("web", "postgres")]
    secrets = [
        value for each in environments for name, value in each.items() if "PASSWORD" in name or "KEY" in name
    ]
    assert len(secrets) == 2
    assert all(value.startswith("${") and ":?" in value for value in secrets)


def test_the_image_holds_all_code_and_nothing_else() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"^COPY (?!--from)(\S+)", dockerfile, re.MULTILINE)) == CODE
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in ignore if line.startswith("!")} == CODE
    assert "*" in ignore


def test_the_image_does_not_run_as_root_and_checks_its_health() -> None:
    last_stage = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")[-1]
    assert re.search(r"^USER [1-9]", last_stage, re.MULTILINE)
    assert "HEALTHCHECK" in last_stage


def test_who_stops_sending_does_not_keep_a_thread() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        gunicorn_conf.pre_request(None, SimpleNamespace(unreader=SimpleNamespace(sock=ours)))
        assert ours.gettimeout() == gunicorn_conf.SILENT_SECONDS <= 60
