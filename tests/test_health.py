"""The probes of load balancers and monitors."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from edits.models import EditRequest, Provider, User
from edits.views import health
from edits.views.health import Remembered
from tests.conftest import signed_in
from tests.factories import edit_of
from tests.stored import stored

TOKEN = "a-token-of-prometheus"
NOTHING_TO_TELL = {"provider": "open", "oldest_due_seconds": None}


def asked_by_monitor() -> Any:
    """What somebody with the token reads."""
    return Client().get("/readyz", headers={"authorization": f"Bearer {TOKEN}"})


@pytest.fixture(autouse=True)
def _token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What one test found does not answer for the next."""
    health.storage.forget()
    yield
    health.storage.forget()


@pytest.fixture
def worker(db: None) -> None:
    """A worker that was seen just now."""
    Provider.objects.filter(pk=1).update(worker_seen_at=timezone.now())


@pytest.mark.django_db
def test_healthz_answers_without_asking_the_database(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_health_is_told_before_the_first_account_exists() -> None:
    assert not User.objects.exists()
    assert Client().get("/healthz").status_code == 200
    assert Client().get("/readyz").status_code in {200, 503}


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("allowed", [["retake.example.com"], [".example.com"], ["*"], ["[::1]"]])
@pytest.mark.parametrize("host", ["10.0.0.5:8000", "[fd00::5]:8000", "retake_web", ""])
def test_balancers_and_monitors_ask_by_address(settings: Settings, allowed: list[str], host: str) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = allowed, True
    settings.METRICS_TOKEN = "a-token-of-prometheus"
    client = Client(HTTP_HOST=host)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    asked = client.get("/metrics", headers={"authorization": "Bearer a-token-of-prometheus"})
    assert asked.status_code == 200
    assert client.get("/metrics").status_code == 404


def test_pages_are_not_to_be_had_by_an_address_that_is_not_allowed(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["retake.example.com"]
    client = Client(HTTP_HOST="10.0.0.5:8000", raise_request_exception=False)
    for path in ("/", "/healthz/", "/v1/models", "/accounts/login/"):
        assert client.get(path).status_code == 400, path


@pytest.mark.usefixtures("worker")
def test_readyz_is_well_when_all_parts_work() -> None:
    response = asked_by_monitor()
    assert response.status_code == 200
    works = {"database": True, "migrations": True, "storage": True, "disk": True, "worker": True}
    assert response.json() == {"ready": True} | works | NOTHING_TO_TELL


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("works", [True, False])
@pytest.mark.parametrize("given", [None, "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN])
def test_others_read_whether_it_is_ready_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, works: bool, given: str | None
) -> None:
    monkeypatch.setattr(health, "has_room", lambda: works)
    response = Client().get("/readyz", headers={"authorization": given} if given else {})
    assert (response.status_code, response.json()) == (200 if works else 503, {"ready": works})


@pytest.mark.usefixtures("worker")
def test_without_a_token_in_the_settings_no_token_is_right(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    for given in ("Bearer", "Bearer ", "Bearer None"):
        response = Client().get("/readyz", headers={"authorization": given})
        assert response.json() == {"ready": True}


@pytest.mark.usefixtures("worker")
def test_of_people_only_administrators_read_the_details(alice: User, rita: User, root: User) -> None:
    read = {user.username: signed_in(user).get("/readyz").json().keys() for user in (alice, rita, root)}
    assert read["alice"] == read["rita"] == {"ready"}
    assert {"database", "provider", "oldest_due_seconds"} < read["root"]


@pytest.mark.usefixtures("worker")
def test_the_queue_is_not_read_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "oldest_due_seconds", lambda _: pytest.fail("it was read"))
    assert Client().get("/readyz").status_code == 200


@pytest.mark.usefixtures("worker")
def test_the_probe_leaves_no_file_behind() -> None:
    asked_by_monitor()
    assert stored() == []


@pytest.mark.django_db
@pytest.mark.parametrize("silent_for", [None, timedelta(seconds=61)])
def test_a_worker_that_is_not_heard_makes_it_unready(silent_for: timedelta | None) -> None:
    seen_at = timezone.now() - silent_for if silent_for else None
    Provider.objects.filter(pk=1).update(worker_seen_at=seen_at)
    response = asked_by_monitor()
    assert response.status_code == 503
    assert response.json()["worker"] is False


@pytest.mark.usefixtures("worker")
def test_a_full_disk_makes_it_unready_and_the_answer_tells_no_path() -> None:
    full = OSError(28, "No space left on device", "/srv/retake/pictures")
    with mock.patch.object(default_storage, "save", side_effect=full):
        response = asked_by_monitor()
    assert response.status_code == 503
    assert response.json()["storage"] is False
    assert b"/srv" not in response.content


@pytest.mark.usefixtures("worker")
def test_a_database_that_is_away_makes_it_unready_not_broken() -> None:
    with mock.patch.object(Provider.objects, "get", side_effect=OperationalError("db.internal refused")):
        response = asked_by_monitor()
        assert Client().get("/healthz").status_code == 200
    assert response.status_code == 503
    parts = response.json()
    assert (parts["database"], parts["worker"], parts["storage"]) == (False, False, True)
    assert (parts["provider"], parts["oldest_due_seconds"]) == ("unknown", None)
    assert b"internal" not in response.content


@pytest.mark.usefixtures("worker")
def test_a_database_that_was_not_migrated_is_not_said_to_be_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health, "_migrated", threading.Event())
    MigrationRecorder(connection).record_unapplied("edits", "0001_initial")  # until the test is over
    no_table = OperationalError("no such table: edits_provider")
    with mock.patch.object(Provider.objects, "get", side_effect=no_table):
        response = asked_by_monitor()
    assert response.status_code == 503
    parts = response.json()
    assert (parts["database"], parts["migrations"], parts["worker"]) == (True, False, False)
    assert "Migrations are not applied: run manage.py migrate" in caplog.text
    assert "does not answer" not in caplog.text


@pytest.mark.usefixtures("worker")
def test_a_newer_version_that_lacks_a_migration_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", threading.Event())
    monkeypatch.setattr(health, "lacking_migrations", lambda: ["edits.9999_newer"])
    response = asked_by_monitor()
    assert (response.status_code, response.json()["migrations"]) == (503, False)
    assert "9999" not in response.content.decode()


@pytest.mark.usefixtures("worker")
def test_migrations_are_not_asked_for_again_once_they_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked_by_monitor().json()["migrations"] is True
    monkeypatch.setattr(health, "lacking_migrations", lambda: pytest.fail("it asked again"))
    assert asked_by_monitor().json()["migrations"] is True


@pytest.mark.usefixtures("worker")
def test_a_database_that_goes_away_in_between_is_no_server_error() -> None:
    with mock.patch.object(health, "oldest_due_seconds", side_effect=OperationalError("gone")):
        response = asked_by_monitor()
    assert response.status_code == 200
    assert response.json()["provider"] == "unknown"


@pytest.mark.usefixtures("worker")
def test_a_disk_without_room_makes_it_unready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "has_room", lambda: False)
    response = asked_by_monitor()
    assert (response.status_code, response.json()["disk"]) == (503, False)


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"held_since": timezone.now(), "held_reason": "HTTP 401 with sk-123"}, "held"),
        ({"stopped_since": timezone.now(), "stopped_by": "root"}, "stopped"),
        ({"paused_until": timezone.now() + timedelta(hours=1)}, "paused"),
        ({"paused_until": timezone.now() - timedelta(hours=1)}, "open"),
    ],
)
def test_a_provider_that_takes_nothing_is_told_and_closes_no_page(
    fields: dict[str, datetime | str], word: str
) -> None:
    Provider.objects.filter(pk=1).update(**fields)
    response = asked_by_monitor()
    assert (response.status_code, response.json()["provider"]) == (200, word)
    assert b"sk-123" not in response.content
    assert b"root" not in response.content


@pytest.mark.usefixtures("worker")
def test_many_callers_cost_one_probe() -> None:
    with mock.patch.object(default_storage, "save", wraps=default_storage.save) as save:
        codes = {asked_by_monitor().status_code for _ in range(5)}
    assert (codes, save.call_count) == ({200}, 1)


class TestRemembered:
    """A check that is not repeated for every caller."""

    def test_it_is_asked_anew_when_its_time_is_over(self) -> None:
        clock, outcomes = [100.0], iter([True, False])
        remembered = Remembered(lambda: next(outcomes), for_seconds=5, clock=lambda: clock[0])
        assert remembered.works()
        clock[0] = 104.9
        assert remembered.works()
        clock[0] = 105.0
        assert not remembered.works()

    def test_a_failure_is_remembered_like_a_success(self) -> None:
        asked = []

        def fails() -> bool:
            asked.append(1)
            raise OSError("no space")

        remembered = Remembered(fails, for_seconds=5, clock=lambda: 0.0)
        assert not remembered.works()
        assert not remembered.works()
        assert len(asked) == 1

    def test_callers_at_once_wait_for_the_one_that_asks(self) -> None:
        began, may_end, asked = threading.Event(), threading.Event(), []
        outcomes: list[bool] = []

        def check() -> bool:
            asked.append(1)
            began.set()
            return may_end.wait(60)

        remembered = Remembered(check, for_seconds=60, clock=lambda: 0.0)
        callers = [
            threading.Thread(target=lambda: outcomes.append(remembered.works()), daemon=True)
            for _ in range(8)
        ]
        for caller in callers:
            caller.start()
        assert began.wait(60)
        may_end.set()
        for caller in callers:
            caller.join(60)
        assert (outcomes, len(asked)) == ([True] * 8, 1)

    def test_a_check_that_hangs_has_failed_for_those_who_wait(self) -> None:
        began, may_end = threading.Event(), threading.Event()

        def hangs() -> bool:
            began.set()
            return may_end.wait(60)

        remembered = Remembered(hangs, for_seconds=0.01)
        first = threading.Thread(target=remembered.works, daemon=True)
        first.start()
        assert began.wait(60)
        assert not remembered.works()
        may_end.set()
        first.join(60)


@pytest.mark.usefixtures("worker")
def test_the_age_of_the_queue_counts_only_what_may_go_out(alice: User) -> None:
    now = timezone.now()
    edit_of(alice, queued_at=now - timedelta(seconds=90))
    edit_of(alice, queued_at=now - timedelta(hours=2), not_before=now + timedelta(seconds=30))
    assert EditRequest.objects.count() == 2
    age = asked_by_monitor().json()["oldest_due_seconds"]
    assert 90 <= age < 100


@pytest.mark.parametrize("method", ["TRACE", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_only_read(db: None, path: str, method: str) -> None:
    assert Client().generic(method, path).status_code == 405


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/metrics", 404)])
def test_their_heads_can_be_asked_for(db: None, path: str, status: int) -> None:
    assert Client().head(path).status_code == status
