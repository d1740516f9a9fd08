"""The settings as a whole: the lists that describe them are complete, and production is configured safely."""

import ast
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).parent.parent
READERS = {
    "address", "addresses", "choice", "flag", "host_names", "hosts", "integer", "kept_secret", "origins", "port",
    "text", "time_zone", "words",
}  # fmt: skip
PRODUCTION = {
    "HTTPS": "1",
    "ALLOWED_HOSTS": "retake.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://retake.example.com",
    "TRUSTED_PROXIES": "1",
    "STEPFUN_API_KEY": "a-key",
}


def settings_read() -> set[str]:
    """Every name that the settings ask the environment for."""
    tree = ast.parse((ROOT / "editor_site" / "settings.py").read_text(encoding="utf-8"))
    names = {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.func.attr in READERS
        and isinstance(node.args[0], ast.Constant)
    }
    return names | {"DATABASE_URL"}


def run(folder: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a management command in an environment of which nothing else is known."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=kept | {"DATA_DIR": str(folder)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def loaded(folder: Path, **environment: str) -> dict[str, Any]:
    """The settings as a process reads them in such an environment.  Raises ImproperlyConfigured."""
    os.umask(umask := os.umask(0))
    try:
        with patch.dict(os.environ, {"DATA_DIR": str(folder)} | environment, clear=True):
            return runpy.run_path(str(ROOT / "editor_site" / "settings.py"))
    finally:
        os.umask(umask)


def refusal(folder: Path, **environment: str) -> str:
    """What is wrong with these."""
    with pytest.raises(ImproperlyConfigured) as refused:
        loaded(folder, **environment)
    return str(refused.value)


def test_what_the_address_of_the_database_asks_for_is_kept(tmp_path: Path) -> None:
    address = "postgres://retake:secret@127.0.0.1:1/retake?sslmode=verify-full&connect_timeout=9"
    default = loaded(tmp_path, DATABASE_URL=address)["DATABASES"]["default"]
    assert default["OPTIONS"] == default["OPTIONS"] | {"sslmode": "verify-full", "connect_timeout": 9}
    assert default["CONN_HEALTH_CHECKS"] is True


def test_every_setting_stands_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE)) == settings_read()


def test_every_setting_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = "".join(
        line.split("|")[1] for line in readme.split("## Settings")[1].splitlines() if line.startswith("| `")
    )
    assert set(re.findall(r"`([A-Z][A-Z0-9_]+)`", rows)) == settings_read()


def test_the_example_changes_nothing_until_it_is_edited() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert [line for line in example.splitlines() if line and not line.startswith("#")] == []


@pytest.mark.processes
def test_production_as_the_readme_says_gives_no_warning(tmp_path: Path) -> None:
    done = run(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


@pytest.mark.parametrize(
    ("given", "seconds"),
    [({}, 0), ({"HTTPS": "1"}, 3600), ({"HTTPS": "1", "HSTS_SECONDS": "0"}, 0),
     ({"HTTPS": "1", "HSTS_SECONDS": "31536000"}, 31_536_000), ({"HSTS_SECONDS": "60"}, 0)],
)  # fmt: skip
def test_browsers_remember_https_for_an_hour_and_for_this_host_alone(
    tmp_path: Path, given: dict[str, str], seconds: int
) -> None:
    found = loaded(tmp_path, **given)
    assert found["SECURE_HSTS_SECONDS"] == seconds
    assert not found.get("SECURE_HSTS_INCLUDE_SUBDOMAINS")
    assert not found.get("SECURE_HSTS_PRELOAD")


def test_the_secret_key_is_the_same_at_the_next_start(tmp_path: Path) -> None:
    first, second = loaded(tmp_path)["SECRET_KEY"], loaded(tmp_path)["SECRET_KEY"]
    assert len(first) >= 64
    assert first == second


def test_an_unknown_model_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    said = refusal(tmp_path, STEPFUN_MODEL="step-9x-edit")
    assert "STEPFUN_MODEL must be one of step-1x-edit, step-image-edit-2" in said


@pytest.mark.parametrize(
    ("given", "practice", "base_url"),
    [
        ({}, True, "http://127.0.0.1:9101/v1"),
        ({"STEPFUN_API_KEY": "a-key"}, False, "https://api.stepfun.ai/v1"),
        ({"STEPFUN_API_KEY": "a-key", "STEPFUN_BASE_URL": "http://gpu:80/v1/"}, False, "http://gpu:80/v1"),
    ],
)
def test_the_key_decides_who_edits(
    tmp_path: Path, given: dict[str, str], practice: bool, base_url: str
) -> None:
    found = loaded(tmp_path, PORT="9100", **given)
    assert (found["PRACTICE_ENGINE"], found["STEPFUN_BASE_URL"]) == (practice, base_url)


def test_debug_is_off_unless_somebody_asks_for_it(tmp_path: Path) -> None:
    assert loaded(tmp_path)["DEBUG"] is False


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, "UTC"),
        ({"TZ": "Asia/Shanghai"}, "Asia/Shanghai"),
        ({"TZ": "Asia/Shanghai", "TIME_ZONE": "Europe/Berlin"}, "Europe/Berlin"),
    ],
)
def test_times_are_those_of_the_container_unless_a_zone_is_set(
    tmp_path: Path, given: dict[str, str], shown: str
) -> None:
    assert loaded(tmp_path, **given)["TIME_ZONE"] == shown


def test_mail_in_clear_is_only_sent_where_it_was_asked_for(tmp_path: Path) -> None:
    for scheme, expected in (("smtp+tls", (True, False)), ("smtps", (False, True))):
        found = loaded(tmp_path, EMAIL_URL=f"{scheme}://post:p%40ss@mail.example.com")
        assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == expected
        assert found["EMAIL_HOST_PASSWORD"] == "p@ss"
    said = refusal(tmp_path, EMAIL_URL="imap://mail.example.com")
    assert "EMAIL_URL must be an address that begins with smtp+tls://" in said


def test_a_bucket_is_asked_for_by_address_and_style_that_exist(tmp_path: Path) -> None:
    bare = refusal(tmp_path, AWS_STORAGE_BUCKET_NAME="retake", AWS_S3_ENDPOINT_URL="s3.example.com")
    assert "AWS_S3_ENDPOINT_URL must be an address that begins with https:// or http://" in bare
    refused = refusal(tmp_path, AWS_STORAGE_BUCKET_NAME="retake", AWS_S3_ADDRESSING_STYLE="host")
    assert "AWS_S3_ADDRESSING_STYLE must be path or virtual" in refused


def test_a_lease_cannot_run_out_between_two_sweeps(tmp_path: Path) -> None:
    refused = refusal(tmp_path, LEASE_SECONDS="3", SWEEP_SECONDS="3")
    assert "LEASE_SECONDS must be at least three times SWEEP_SECONDS" in refused


def test_a_token_that_could_be_guessed_is_refused(tmp_path: Path) -> None:
    refused = refusal(tmp_path, METRICS_TOKEN="fifteen-letters")
    assert "METRICS_TOKEN must have at least 16 characters" in refused
    assert "fifteen" not in refused
