"""How settings are read from the environment."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from editor_site import env


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment, put back afterwards."""
    for name in ("NAME", "NAME_FILE", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_blank_setting_is_an_absent_one(given: pytest.MonkeyPatch) -> None:
    given.setenv("NAME", "  ")
    assert env.text("NAME", "default") == "default"
    assert env.integer("NAME", 7) == 7
    assert env.flag("NAME") is False
    assert env.words("NAME", "a, b,,") == ["a", "b"]


def test_a_file_named_by_name_file_holds_the_value(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("$ecret\n")
    given.setenv("NAME_FILE", str(tmp_path / "key"))
    assert env.text("NAME") == "$ecret"


def test_a_file_that_is_not_there_is_named_without_its_path(
    given: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given.setenv("NAME_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="NAME_FILE cannot be read: No such file"):
        env.text("NAME")


@pytest.mark.parametrize("value", ["0", "-3"])
def test_a_number_that_would_stop_everything_is_refused(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("NAME", value)
    with pytest.raises(ImproperlyConfigured, match=f"NAME must be at least 1, not {value}"):
        env.integer("NAME", 5)
    assert env.integer("NAME", 5, least=-9) == int(value)


@pytest.mark.parametrize("value", ["eighty", "8.5", "0x50", "80 81"])
def test_a_bad_number_says_which_setting_it_is(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("NAME", value)
    with pytest.raises(ImproperlyConfigured, match="NAME must be a whole number"):
        env.integer("NAME", 1)


@pytest.mark.parametrize(
    ("value", "meant"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False)]
)
def test_a_flag_is_said_in_the_usual_ways(given: pytest.MonkeyPatch, value: str, meant: bool) -> None:
    given.setenv("NAME", value)
    assert env.flag("NAME", default=not meant) is meant


def test_a_flag_that_is_neither_says_which_setting_it_is(given: pytest.MonkeyPatch) -> None:
    given.setenv("NAME", "maybe")
    with pytest.raises(ImproperlyConfigured, match="NAME must be true or false"):
        env.flag("NAME")


def test_a_database_address_may_hold_an_encoded_password(given: pytest.MonkeyPatch) -> None:
    given.setenv("DATABASE_URL", "postgres://retake:p%40ss@db:5433/retake?sslmode=require")
    database = env.database("sqlite:///unused")
    assert (database["ENGINE"], database["PASSWORD"]) == ("django.db.backends.postgresql", "p@ss")
    assert (database["HOST"], database["PORT"]) == ("db", 5433)


def test_a_secret_is_made_once_and_kept_for_its_owner_alone(
    given: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = env.kept_secret("NAME", tmp_path)
    assert len(first) >= 64
    assert env.kept_secret("NAME", tmp_path) == first
    assert stat.S_IMODE((tmp_path / "name").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["name"]


def test_processes_that_make_the_secret_at_once_agree(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib as p, editor_site.env as e; print(e.kept_secret('NAME', p.Path(sys.argv[1])))"
    )
    makers = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    secrets = {maker.communicate(timeout=60)[0].strip() for maker in makers}
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 64


def test_a_given_secret_is_used_and_not_written_down(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setenv("NAME", "given")
    assert env.kept_secret("NAME", tmp_path) == "given"
    assert not any(tmp_path.iterdir())
