"""System checks of providers that administrators added: provoked one by one, silent without a cause or a database."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as current
from django.core.checks import ERROR, WARNING, run_checks
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone
from pytest_django import Settings

from edits import checks
from edits.checks import provider_rows
from edits.models import Provider
from edits.services.provider.keys import encrypt_key
from edits.services.queue.claiming import QueueLimits
from tests.log_lines import logged

KEY = "sk-this-is-never-shown"
DATABASES = ["default"]


@pytest.fixture
def added(db: None, settings: Settings) -> Callable[..., Provider]:
    """Adds a provider with nothing to find fault with, but for what is named."""
    settings.STOP_GRACE_SECONDS, settings.WORKER_THREADS, settings.STEPFUN_MAX_CONCURRENT = 400, 16, 5

    def add(**fields: Any) -> Provider:
        usual = {
            "name": "Painters",
            "slug": "painters",
            "preset": "openai",
            "stored_url": "https://images.example.com/v1",
            "encrypted_key": encrypt_key(KEY),
            "added_at": timezone.now(),
        }
        return Provider.objects.create(**(usual | fields))

    return add


def found(*, deploy: bool = False, databases: list[str] | None = DATABASES) -> list[Any]:
    """What the checks of rows say; those of settings are left out."""
    mine = {"Painters", "All providers", "STOP_GRACE_SECONDS to at least"}
    messages = run_checks(tags=[checks.TAG], databases=databases, include_deployment_checks=deploy)
    return [each for each in messages if any(name in f"{each.msg}{each.hint}" for name in mine)]


CASES: list[tuple[str, dict[str, Any]]] = [
    ("W001", {"encrypted_key": ""}),
    ("W002", {"stored_url": "http://images.example.com/v1"}),
    ("W002", {"stored_url": "http://10.0.0.5:8091/v1"}),
    ("W003", {"stored_timeout_seconds": 336}),
    ("W003", {"preset": "litellm", "stored_timeout_seconds": 168}),
    ("W004", {"stored_max_concurrent": 12}),
    ("W011", {"key_variable": "PAINTERS_API_KEY"}),
    ("W011", {"key_variable": "SECRET_KEY"}),
    ("E001", {"stored_result_hosts": ["files.example.com:443", "10.0.0.5:9000"]}),
]
SILENT: list[dict[str, Any]] = [
    {},
    {"preset": "vllm-omni", "encrypted_key": ""},
    {"stored_url": "http://127.0.0.1:8091/v1"},
    {"stored_url": "http://10.0.0.5:8091/v1", "is_private": True},
    {"preset": "litellm", "stored_timeout_seconds": 167},
    {"stored_timeout_seconds": 335, "stored_max_concurrent": 11},
    {"stored_result_hosts": ["10.0.0.5:9000"], "is_private": True},
    {"encrypted_key": "", "stored_url": "http://x.example.com/v1", "removed_at": timezone.now()},
]


@pytest.mark.processes
@pytest.mark.parametrize(("id", "fields"), CASES)
def test_it_is_provoked(added: Callable[..., Provider], id: str, fields: dict[str, Any]) -> None:
    added(**fields)
    (message,) = found(deploy=True)
    assert message.id == f"retake.{id}"
    assert message.level == (ERROR if id[0] == "E" else WARNING)
    assert message.hint
    assert KEY not in f"{message.msg}{message.hint}"


@pytest.mark.processes
@pytest.mark.parametrize("fields", SILENT)
def test_it_is_silent_where_all_is_well(added: Callable[..., Provider], fields: dict[str, Any]) -> None:
    added(**fields)
    assert found(deploy=True) == []


@pytest.mark.processes
def test_the_provider_of_the_settings_is_not_judged_by_its_row(added: Callable[..., Provider]) -> None:
    assert found(deploy=True) == []


def test_result_hosts_are_left_to_the_check_of_a_deployment(added: Callable[..., Provider]) -> None:
    added(stored_result_hosts=["10.0.0.5:9000"])
    assert found() == []


def test_a_key_that_another_secret_key_encrypted_is_found(
    added: Callable[..., Provider], settings: Settings
) -> None:
    added()
    assert found() == []
    settings.SECRET_KEY = "another one"
    (message,) = found()
    assert message.id == "retake.W011"
    assert "Painters cannot be read: SECRET_KEY has changed" in message.msg


def test_a_key_in_the_environment_is_fine_until_it_is_gone(
    added: Callable[..., Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    added(encrypted_key="", key_variable="PAINTERS_API_KEY")
    monkeypatch.setenv("PAINTERS_API_KEY", KEY)
    assert found() == []
    monkeypatch.setenv("PAINTERS_API_KEY", " ")
    assert [message.id for message in found()] == ["retake.W011"]


def test_a_key_file_that_cannot_be_read_is_found(
    added: Callable[..., Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    added(encrypted_key="", key_variable="PAINTERS_API_KEY")
    monkeypatch.setenv("PAINTERS_API_KEY_FILE", "/no/such/file")
    (message,) = found()
    assert (message.id, "PAINTERS_API_KEY_FILE cannot be read" in message.msg) == ("retake.W011", True)


def test_without_a_database_nothing_is_asked(added: Callable[..., Provider], settings: Settings) -> None:
    added(encrypted_key="")
    assert found(databases=None) == []


@pytest.mark.processes
def test_before_the_tables_exist_nothing_is_found(
    added: Callable[..., Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    added(encrypted_key="")

    def no_table() -> None:
        raise DatabaseError("no such table: edits_provider")

    monkeypatch.setattr(Provider.objects, "current", no_table)
    assert found(deploy=True) == []


def test_the_command_asks_rows_only_where_a_database_is_named(
    added: Callable[..., Provider], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.CELERY_BROKER_URL = "folder://localhost"
    added(encrypted_key="")
    call_command("check")
    assert "W001" not in capsys.readouterr().err
    call_command("check", databases=DATABASES)
    assert "retake.W001" in capsys.readouterr().err


def test_a_worker_logs_them_too(added: Callable[..., Provider]) -> None:
    added(encrypted_key="")
    with logged("edits.checks") as lines:
        checks.log_findings()
    assert any("retake.W001: Painters has no key" in line["event"] for line in lines.all)


def test_the_longest_call_of_each_provider_covers_what_a_stop_has_to_wait_for(
    added: Callable[..., Provider],
) -> None:
    provider = added(stored_timeout_seconds=900)
    longest = provider_rows.CONNECT_SECONDS + 900 + provider_rows.DOWNLOAD_SECONDS
    assert QueueLimits.of(provider).longest_call >= timedelta(seconds=longest)
    assert longest > current.STOP_GRACE_SECONDS
