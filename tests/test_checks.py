"""System checks: each is provoked by what it warns of, and silent without it."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as current
from django.core.checks import ERROR, WARNING, CheckMessage, run_checks

from edits import checks
from edits.checks import bucket, data_folder, files, machines, provider, webhooks
from tests.log_lines import logged

SQLITE = "editor_site.sqlite_serialized"
TUNED = {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": "PRAGMA journal_mode=WAL;"}
ROOT = Path(current.BASE_DIR)
TYPED_SECRET = "sk-aaaabbbbccccdddd"


def database(engine: str = SQLITE, **more: Any) -> dict[str, Any]:
    return {"DATABASES": {"default": {"ENGINE": engine, "OPTIONS": TUNED} | more}}


def cache(backend: str) -> dict[str, Any]:
    return {"CACHES": {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}}


Check = Callable[..., list[CheckMessage]]
Look = Callable[[Check, dict[str, Any]], list[CheckMessage]]
Case = tuple[Check, str, list[dict[str, Any]], list[dict[str, Any]]]

CASES: list[Case] = [
    (
        provider.there_is_a_key,
        "W001",
        [{"PRACTICE_ENGINE": False, "STEPFUN_API_KEY": ""}],
        [
            {"PRACTICE_ENGINE": True, "STEPFUN_API_KEY": ""},
            {"PRACTICE_ENGINE": False, "STEPFUN_API_KEY": "a-key"},
        ],
    ),
    (
        provider.the_key_travels_encrypted,
        "W002",
        [{"STEPFUN_BASE_URL": url} for url in ("http://gpu:80/v1", "http://10.0.0.5/v1", "ftp://x/v1", "x")],
        [
            {"STEPFUN_BASE_URL": url}
            for url in (
                "https://api.stepfun.ai/v1",
                "http://127.0.0.1:9/v1",
                "http://[::1]:9/v1",
                "http://localhost/v1",
            )
        ],
    ),
    (
        provider.results_come_from_the_open_internet,
        "E001",
        [
            {"STEPFUN_RESULT_HOSTS": ["files.example.com:443", entry]}
            for entry in (
                "127.0.0.1:8000",
                "10.0.0.5:9000",
                "[::1]:80",
                "169.254.169.254:80",
                "[fd00::1]:443",
                "gpu:80",
                "localhost:9",
                "files.internal:443",
                "2130706433:80",
                "127.1:80",
            )
        ],
        [{"STEPFUN_RESULT_HOSTS": []}, {"STEPFUN_RESULT_HOSTS": ["files.example.com:443", "8.8.8.8:443"]}],
    ),
    (
        webhooks.webhooks_go_to_the_open_internet,
        "E007",
        [{"WEBHOOK_PRIVATE_HOSTS": [entry]} for entry in ("127.0.0.1:8000", "hooks:80", "[fd00::1]:443")],
        [{"WEBHOOK_PRIVATE_HOSTS": []}, {"WEBHOOK_PRIVATE_HOSTS": ["hooks.example.com:8443"]}],
    ),
    (
        provider.a_stop_waits_for_the_longest_call,
        "W003",
        [{"STEPFUN_TIMEOUT_SECONDS": 180, "STOP_GRACE_SECONDS": 244}],
        [{"STEPFUN_TIMEOUT_SECONDS": 180, "STOP_GRACE_SECONDS": 245}],
    ),
    (
        provider.threads_suffice_for_the_account,
        "W004",
        [{"STEPFUN_MAX_CONCURRENT": 17, "WORKER_THREADS": 16}],
        [{"STEPFUN_MAX_CONCURRENT": 16, "WORKER_THREADS": 16}],
    ),
    (
        files.static_files_hold_nothing_private,
        "E002",
        [
            {"STATIC_ROOT": Path("/srv/site"), "MEDIA_ROOT": Path("/srv/site/pictures")},
            {"STATIC_ROOT": Path("/srv/site"), "DATA_DIR": Path("/srv/site/../site")},
            {"STATICFILES_DIRS": [Path("/srv")], "DATA_DIR": Path("/srv/data")},
        ],
        [{"STATIC_ROOT": Path("/srv/site"), "DATA_DIR": Path("/srv"), "MEDIA_ROOT": Path("/srv/site2/pictures")}],
    ),
    (
        files.the_disk_has_room,
        "W005",
        [{"FREE_DISK_MEGABYTES": 10**9}],
        [{"FREE_DISK_MEGABYTES": 0}],
    ),
    (
        machines.messages_outlive_their_process,
        "E005",
        [{"CELERY_BROKER_URL": "memory://"}],
        [{"CELERY_BROKER_URL": "folder://localhost"}, {"CELERY_BROKER_URL": "redis://r:6379/0"}],
    ),
    (
        machines.sqlite_waits_for_its_turn,
        "W006",
        [
            database(OPTIONS={}),
            *(database(OPTIONS={k: v for k, v in TUNED.items() if k != missing}) for missing in TUNED),
            database(OPTIONS=TUNED | {"timeout": 1}),
            database(OPTIONS=TUNED | {"transaction_mode": "DEFERRED"}),
        ],
        [database(), database("django.db.backends.postgresql", OPTIONS={})],
    ),
    (
        machines.sqlite_stays_on_one_machine,
        "W007",
        [database() | {"CELERY_BROKER_URL": url} for url in ("redis://r:6379/0", "amqp://r")],
        [
            database() | {"CELERY_BROKER_URL": "folder://localhost"},
            database("django.db.backends.postgresql") | {"CELERY_BROKER_URL": "redis://r:6379/0"},
        ],
    ),
    (
        machines.throttles_count_for_all_processes,
        "W008",
        [cache("locmem.LocMemCache"), cache("dummy.DummyCache")],
        [cache("db.DatabaseCache"), cache("redis.RedisCache")],
    ),
    (
        machines.times_are_in_utc,
        "W009",
        [{"USE_TZ": False}, database(TIME_ZONE="Europe/Berlin")],
        [database() | {"USE_TZ": True, "TIME_ZONE": "Europe/Berlin"}, database(TIME_ZONE=None)],
    ),
    (
        machines.proxies_are_counted,
        "W010",
        [{"HTTPS": True, "ALLAUTH_TRUSTED_PROXY_COUNT": 0}],
        [
            {"HTTPS": True, "ALLAUTH_TRUSTED_PROXY_COUNT": 1},
            {"HTTPS": False, "ALLAUTH_TRUSTED_PROXY_COUNT": 0},
        ],
    ),
    (machines.links_have_an_address, "E008", [{"SITE_URL": ""}], [{"SITE_URL": "http://localhost:8000"}]),
    (machines.debug_is_off, "E006", [{"DEBUG": True}], [{"DEBUG": False}]),
]  # fmt: skip

ELSEWHERE: dict[Check, str] = {
    files.no_secret_is_in_the_repository: "E004",
    data_folder.the_data_folder_is_private: "W014",
    data_folder.the_data_folder_takes_files: "E003",
    data_folder.the_data_folder_is_on_this_machine: "W013",
    data_folder.the_env_file_is_private: "W012",
    bucket.the_bucket_works: "E010",
    bucket.pictures_come_encrypted: "W016",
    files.downloads_can_be_signed: "W017",
}
"""What takes more than a setting to look at: below, in test_checks_data_folder.py or test_strict_bucket.py."""


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Look:
    """What a check says where these settings are so.  No signal is sent: nothing connects to such databases."""

    def look(check: Check, changes: dict[str, Any]) -> list[CheckMessage]:
        for name, value in changes.items():
            monkeypatch.setattr(current, name, value)
        return check(app_configs=None)

    return look


@pytest.mark.parametrize(
    ("check", "id", "changes"),
    [pytest.param(c, i, change, id=f"{i}-{n}") for c, i, bad, _ in CASES for n, change in enumerate(bad)],
)
def test_it_is_provoked(check: Check, id: str, changes: dict[str, Any], found: Look) -> None:
    (message,) = found(check, changes)
    assert message.id == f"retake.{id}"
    assert message.level == (ERROR if id[0] == "E" else WARNING)
    assert message.hint


@pytest.mark.parametrize(
    ("check", "changes"),
    [pytest.param(c, change, id=f"{i}-{n}") for c, i, _, good in CASES for n, change in enumerate(good)],
)
def test_it_is_silent_where_all_is_well(check: Check, changes: dict[str, Any], found: Look) -> None:
    assert found(check, changes) == []


def test_every_check_has_its_cases_and_an_id_of_its_own() -> None:
    tested = {
        f"{check.__module__.rpartition('.')[2]}.{check.__name__}"
        for check in {c for c, *_ in CASES} | ELSEWHERE.keys()
    }
    assert tested == {*checks.ALWAYS, *checks.BEFORE_START, *checks.DEPLOYMENT}
    ids = [*(id for _, id, *_ in CASES), *ELSEWHERE.values()]
    assert len(set(ids)) == len(ids)


def test_downloads_that_cannot_be_signed_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.downloads_can_be_signed(None) == []
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    [message] = files.downloads_can_be_signed(None)
    assert message.id == "retake.W017"


def test_every_check_is_documented() -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    ids = [*(id for _, id, *_ in CASES), *ELSEWHERE.values(), "W011", "W015"]
    assert [id for id in ids if f"retake.{id}" not in page] == []


@pytest.mark.processes
def test_the_worker_s_round_asks_all_but_those_about_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "DEBUG", True)
    monkeypatch.setattr(current, "CELERY_BROKER_URL", "memory://")
    ids = {message.id for message in run_checks(tags=[checks.TAG])}
    assert "retake.E005" in ids
    assert "retake.E006" not in ids
    deployed = {message.id for message in run_checks(tags=[checks.TAG], include_deployment_checks=True)}
    assert "retake.E006" in deployed


@pytest.mark.django_db
def test_a_worker_logs_what_is_set_wrong_in_one_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "CELERY_BROKER_URL", "memory://")
    monkeypatch.setattr(current, "USE_TZ", False)
    monkeypatch.setattr(current, "SILENCED_SYSTEM_CHECKS", ["retake.W009"])
    with logged("edits.checks") as lines:
        checks.log_findings()
    (line,) = (line for line in lines.all if "retake.E005" in line["event"])
    assert line["level"] == "error"
    assert "Leave it unset on one machine" in line["event"]
    assert "retake.W009" not in lines.text


class TestSecretsInTheRepository:
    @pytest.fixture
    def repository(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A repository with an .env that git does not track yet."""
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True, timeout=60)
        (tmp_path / ".env").write_text(f"STEPFUN_API_KEY={TYPED_SECRET}\n")
        monkeypatch.setattr(current, "BASE_DIR", tmp_path)
        monkeypatch.setattr(current, "STEPFUN_API_KEY", TYPED_SECRET)
        return tmp_path

    def track(self, folder: Path, name: str) -> None:
        subprocess.run(["git", "-C", str(folder), "add", "-f", name], check=True, timeout=60)

    @pytest.mark.processes
    def test_a_tracked_env_file_is_found_and_the_secret_not_repeated(self, repository: Path) -> None:
        self.track(repository, ".env")
        (message,) = files.no_secret_is_in_the_repository(app_configs=None)
        assert (message.id, message.level) == ("retake.E004", ERROR)
        assert "STEPFUN_API_KEY is in .env" in message.msg
        assert TYPED_SECRET not in f"{message.msg}{message.hint}"

    @pytest.mark.processes
    def test_the_key_of_an_added_provider_is_a_secret_too(
        self, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(current, "STEPFUN_API_KEY", "")
        monkeypatch.setenv("PAINTERS_API_KEY", TYPED_SECRET)
        self.track(repository, ".env")
        (message,) = files.no_secret_is_in_the_repository(app_configs=None)
        assert "PAINTERS_API_KEY is in .env" in message.msg

    @pytest.mark.processes
    def test_a_file_that_is_not_tracked_is_nobody_s_business(self, repository: Path) -> None:
        (repository / "README.md").write_text("no secrets here")
        self.track(repository, "README.md")
        assert files.no_secret_is_in_the_repository(app_configs=None) == []

    @pytest.mark.processes
    def test_a_placeholder_is_no_secret(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(current, "STEPFUN_API_KEY", "none")
        (repository / "Makefile").write_text("STEPFUN_API_KEY=none")
        self.track(repository, "Makefile")
        assert files.no_secret_is_in_the_repository(app_configs=None) == []

    @pytest.mark.processes
    def test_a_tracked_file_that_was_deleted_does_no_harm(self, repository: Path) -> None:
        self.track(repository, ".env")
        (repository / ".env").unlink()
        assert files.no_secret_is_in_the_repository(app_configs=None) == []

    def test_without_a_repository_there_is_nothing_to_look_through(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / ".env").write_text(TYPED_SECRET)
        monkeypatch.setattr(current, "BASE_DIR", tmp_path)
        monkeypatch.setattr(current, "STEPFUN_API_KEY", TYPED_SECRET)
        assert files.no_secret_is_in_the_repository(app_configs=None) == []
