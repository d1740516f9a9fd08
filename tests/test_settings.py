"""The settings as a whole: the lists that describe them are complete, and production is configured safely."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READERS = {"text", "integer", "flag", "words", "kept_secret"}
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


def test_what_the_address_of_the_database_asks_for_is_kept(tmp_path: Path) -> None:
    address = "postgres://retake:secret@127.0.0.1:1/retake?sslmode=verify-full&connect_timeout=9"
    code = "from django.conf import settings; print(settings.DATABASES['default'])"
    printed = run(tmp_path, "shell", "-v0", "-c", code, DATABASE_URL=address).stdout
    assert "'sslmode': 'verify-full'" in printed
    assert "'connect_timeout': 9" in printed
    assert "'CONN_HEALTH_CHECKS': True" in printed


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


def test_production_as_the_readme_says_gives_no_warning(tmp_path: Path) -> None:
    done = run(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


def test_the_secret_key_is_the_same_at_the_next_start(tmp_path: Path) -> None:
    show = ("shell", "--no-imports", "-c", "from django.conf import settings; print(settings.SECRET_KEY)")
    first, second = run(tmp_path, *show), run(tmp_path, *show)
    assert len(first.stdout.strip()) >= 64, first.stderr
    assert first.stdout == second.stdout


def test_an_unknown_model_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    done = run(tmp_path, "check", STEPFUN_MODEL="step-9x-edit")
    assert done.returncode != 0
    assert "STEPFUN_MODEL must be one of step-1x-edit, step-image-edit-2" in done.stderr


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
    code = "from django.conf import settings as s; print(s.PRACTICE_ENGINE, s.STEPFUN_BASE_URL)"
    done = run(tmp_path, "shell", "--no-imports", "-c", code, PORT="9100", **given)
    assert done.stdout.split() == [str(practice), base_url], done.stderr


def test_debug_is_off_unless_somebody_asks_for_it(tmp_path: Path) -> None:
    code = "from django.conf import settings; print(settings.DEBUG)"
    assert run(tmp_path, "shell", "--no-imports", "-c", code).stdout.strip() == "False"


def test_mail_in_clear_is_only_sent_where_it_was_asked_for(tmp_path: Path) -> None:
    shown = "from django.conf import settings as s; print(s.EMAIL_USE_TLS, s.EMAIL_USE_SSL, s.EMAIL_HOST_PASSWORD)"
    for scheme, expected in (("smtp+tls", "True False p@ss"), ("smtps", "False True p@ss")):
        done = run(
            tmp_path, "shell", "-v0", "-c", shown, EMAIL_URL=f"{scheme}://post:p%40ss@mail.example.com"
        )
        assert done.stdout.strip() == expected, done.stderr
    refused = run(tmp_path, "check", EMAIL_URL="imap://mail.example.com")
    assert "EMAIL_URL must begin with smtp+tls://" in refused.stderr


def test_a_lease_cannot_run_out_between_two_sweeps(tmp_path: Path) -> None:
    refused = run(tmp_path, "check", LEASE_SECONDS="3", SWEEP_SECONDS="3")
    assert "LEASE_SECONDS must be at least three times SWEEP_SECONDS" in refused.stderr


def test_a_token_that_could_be_guessed_is_refused(tmp_path: Path) -> None:
    refused = run(tmp_path, "check", METRICS_TOKEN="fifteen-letters")
    assert "METRICS_TOKEN must have at least 16 characters" in refused.stderr
    assert "fifteen" not in refused.stderr
