"""The files that ship Retake: long enough to stop, complete enough to build."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from editor_site import gunicorn_conf
from edits.http.body_size import MOST_BYTES
from tests.test_settings import settings_read

ROOT = Path(__file__).parent.parent
CODE = {"manage.py", "requirements.txt", "editor_site", "edits", "templates", "static"}


UNITS = {name: ROOT / "docs" / "systemd" / f"retake-{name}.service" for name in ("web", "worker")}
PAPER = ROOT / "docs" / "deployment.md"
NOT_OURS = {"POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB", "BIND"}
"""Names in capitals that belong to others, or to compose.yaml alone."""


@pytest.fixture
def compose() -> dict[str, Any]:
    """The services of compose.yaml."""
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"])


def test_a_stop_leaves_time_for_the_longest_edit(compose: dict[str, Any]) -> None:
    grace_seconds = int(compose["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace_seconds > settings.STOP_GRACE_SECONDS > settings.STEPFUN_TIMEOUT_SECONDS


def seconds_to_stop(unit: str) -> int:
    """What systemd gives the unit until it kills it."""
    return int(
        re.findall(r"^TimeoutStopSec=(\d+)$", UNITS[unit].read_text(encoding="utf-8"), re.MULTILINE)[0]
    )


def test_systemd_gives_both_parts_time_to_end(compose: dict[str, Any]) -> None:
    assert seconds_to_stop("worker") > settings.STOP_GRACE_SECONDS
    assert seconds_to_stop("web") > gunicorn_conf.graceful_timeout
    for text in (unit.read_text(encoding="utf-8") for unit in UNITS.values()):
        assert "KillMode=mixed" in text, "a signal to all at once would cut off what the worker runs"
        assert "Restart=always" in text
    web_seconds = int(compose["web"]["stop_grace_period"].removesuffix("s"))
    assert web_seconds > gunicorn_conf.graceful_timeout


def test_each_service_has_a_health_check(compose: dict[str, Any]) -> None:
    image_has_one = "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for name, service in compose.items():
        asked = service.get("healthcheck", {}).get("test")
        assert asked or (image_has_one and name == "web"), name
    assert compose["worker"]["healthcheck"]["test"][1:] == ["python", "-m", "editor_site.probe", "worker"]


@pytest.mark.processes
def test_systemd_understands_its_units(tmp_path: Path) -> None:
    systemd_analyze = shutil.which("systemd-analyze")
    if systemd_analyze is None:
        pytest.skip("no systemd on this machine")
    for name, unit in UNITS.items():
        text = unit.read_text(encoding="utf-8").replace("/srv/retake/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
        assert f"manage.py up {name}\n" in text
    said = subprocess.run(
        [systemd_analyze, "verify", *map(str, tmp_path.iterdir())],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    about_ours = [line for line in said.stderr.splitlines() if "retake-" in line]
    assert about_ours == []


@pytest.mark.parametrize("path", [PAPER, *UNITS.values(), ROOT / "compose.yaml"], ids=lambda path: path.name)
def test_papers_name_no_setting_that_does_not_exist(path: Path) -> None:
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z0-9]+)+\b", path.read_text(encoding="utf-8"))) - NOT_OURS
    known = settings_read() | {"PYTHONUNBUFFERED"}
    assert {name.removesuffix("_FILE") for name in named - known} - known - {
        "AF_INET",
        "AF_INET6",
        "AF_UNIX",
    } == set()


def test_the_proxy_lets_retake_itself_refuse_what_is_too_large() -> None:
    (most_mb,) = re.findall(r"client_max_body_size (\d+)m;", PAPER.read_text(encoding="utf-8"))
    assert int(most_mb) * 2**20 >= MOST_BYTES + 2**20


def test_the_proxy_waits_for_calls_as_long_as_they_may_take() -> None:
    (api,) = re.findall(r"location /v1/ \{.*?\}", PAPER.read_text(encoding="utf-8"), re.DOTALL)
    (seconds,) = re.findall(r"proxy_read_timeout (\d+)s;", api)
    assert int(seconds) > settings.API_WAIT_SECONDS


def test_links_of_the_papers_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)", PAPER.read_text(encoding="utf-8")):
        assert (PAPER.parent / link).exists(), link


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
