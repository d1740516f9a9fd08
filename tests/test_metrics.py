"""Metrics: who may read them, and that each says what stands in the tables."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from edits.faults import LETTERS
from edits.models import Attempt, Budget, Charged, EditRequest, Provider, Reason, Status, User
from edits.services import metrics
from edits.services.calls import spooling
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of

TOKEN = "a-token-of-many-characters"
NOW = timezone.now()

Scrape = Callable[[], dict[tuple[str, ...], float]]


@pytest.fixture
def token(db: None, settings: Settings) -> str:
    settings.METRICS_TOKEN = TOKEN
    return f"Bearer {TOKEN}"


@pytest.fixture
def scrape(token: str) -> Scrape:
    """All samples at NOW, by name and values of labels in the order of the labels' names."""

    def read() -> dict[tuple[str, ...], float]:
        with mock.patch("edits.views.metrics.timezone.now", return_value=NOW):
            response = Client().get("/metrics", headers={"authorization": token})
        assert response.status_code == 200
        families = text_string_to_metric_families(response.text)
        samples = [sample for family in families for sample in family.samples]
        return {(s.name, *(s.labels[name] for name in sorted(s.labels))): s.value for s in samples}

    return read


def attempt_of(edit: EditRequest, *, ago: timedelta, seconds: float | None = 10.0, **fields: Any) -> Attempt:
    """A call that began so long ago and, unless ``seconds`` is None, took that long."""
    started_at = NOW - ago
    return Attempt.objects.create(
        edit=edit,
        number=edit.attempts.count() + 1,
        fence=1,
        started_at=started_at,
        ended_at=None if seconds is None else started_at + timedelta(seconds=seconds),
        seed_sent=edit.seed,
        **({"charged": Charged.YES} | fields),
    )


class TestWhoMayRead:
    def test_a_stranger_finds_nothing(self, stranger: Client) -> None:
        assert stranger.get("/metrics").status_code == 404

    def test_only_administrators_find_it(self, alice: User, rita: User, root: User) -> None:
        codes = [signed_in(person).get("/metrics").status_code for person in (alice, rita, root)]
        assert codes == [404, 404, 200]

    def test_a_deactivated_administrator_finds_nothing(self, root: User) -> None:
        browser = signed_in(root)
        User.objects.filter(pk=root.pk).update(is_active=False)
        assert browser.get("/metrics").status_code == 404

    def test_the_token_opens_it_in_any_case_of_the_scheme(self, token: str) -> None:
        for given in (token, f"bearer {TOKEN}", f"BEARER  {TOKEN} "):
            assert Client().get("/metrics", headers={"authorization": given}).status_code == 200

    @pytest.mark.parametrize(
        "wrong",
        [
            "Bearer",
            "Bearer ",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN[:-1]}",
            f"Basic {TOKEN}",
            TOKEN,
            "Bearer ü",
        ],
    )
    @pytest.mark.usefixtures("token")
    def test_any_other_does_not(self, wrong: str) -> None:
        assert Client().get("/metrics", headers={"authorization": wrong}).status_code == 404

    @pytest.mark.usefixtures("token")
    def test_a_token_in_the_address_counts_for_nothing(self) -> None:
        assert Client().get("/metrics", {"token": TOKEN}).status_code == 404

    @pytest.mark.parametrize("given", ["Bearer", "Bearer "])
    def test_without_a_token_in_the_settings_none_is_taken(
        self, db: None, settings: Settings, given: str
    ) -> None:
        settings.METRICS_TOKEN = ""
        assert Client().get("/metrics", headers={"authorization": given}).status_code == 404

    def test_a_wrong_token_is_not_made_up_for_by_a_session(self, root: User, token: str) -> None:
        assert signed_in(root).get("/metrics", headers={"authorization": f"{token}x"}).status_code == 404

    def test_nobody_keeps_it(self, root: User) -> None:
        response = signed_in(root).get("/metrics")
        assert response["Content-Type"].startswith("text/plain; version=")
        assert "no-store" in response["Cache-Control"]


class TestTheQueue:
    def test_an_empty_installation_has_figures(self, scrape: Scrape) -> None:
        found = scrape()
        assert found["retake_database_up",] == 1
        assert [found["retake_edits", status] for status in ("queued", "running", "saving")] == [0, 0, 0]
        assert found["retake_queue_age_seconds",] == 0
        assert found["retake_worker_silent_seconds",] == float("inf")
        assert found["retake_disk_free_bytes",] > 0

    def test_edits_that_have_not_ended_are_counted(self, alice: User, bob: User, scrape: Scrape) -> None:
        for status in (Status.QUEUED, Status.QUEUED, Status.RUNNING, Status.SAVING, Status.SUCCEEDED):
            edit_of(alice, status=status)
        edit_of(bob, status=Status.RUNNING, lease_until=NOW - timedelta(seconds=1))
        filtered_edit_of(bob)
        found = scrape()
        assert [found["retake_edits", status] for status in ("queued", "running", "saving")] == [2, 2, 1]
        assert (found["retake_edits_past_lease",], found["retake_reviews_waiting",]) == (1, 1)
        assert found["retake_calls_in_flight",] == 2

    def test_the_queue_is_as_old_as_the_first_that_may_go_out(self, alice: User, scrape: Scrape) -> None:
        edit_of(alice, queued_at=NOW - timedelta(minutes=20))
        edit_of(alice, queued_at=NOW - timedelta(hours=2), not_before=NOW + timedelta(hours=1))
        assert scrape()["retake_queue_age_seconds",] == 1200

    def test_what_was_tried_lately_stands_under_its_end(self, alice: User, scrape: Scrape) -> None:
        done = edit_of(alice, status=Status.SUCCEEDED)
        failed = edit_of(alice, status=Status.FAILED, reason=Reason.OUTCOME_UNKNOWN)
        old = edit_of(alice, status=Status.FAILED)
        for _ in range(2):
            attempt_of(done, ago=timedelta(minutes=5))
        attempt_of(failed, ago=timedelta(minutes=5))
        attempt_of(old, ago=timedelta(hours=3))
        tried = {
            key[1:]: value for key, value in scrape().items() if key[0] == "retake_edits_tried_last_hour"
        }
        assert tried == {("", "succeeded"): 1, ("outcome_unknown", "failed"): 1}


class TestCalls:
    def test_they_are_counted_by_fault_and_charge(self, alice: User, scrape: Scrape) -> None:
        edit = edit_of(alice, status=Status.FAILED)
        attempt_of(edit, ago=timedelta(seconds=30))
        attempt_of(edit, ago=timedelta(minutes=50), fault="gateway", charged=Charged.MAYBE)
        attempt_of(edit, ago=timedelta(minutes=2), seconds=None, charged=Charged.MAYBE)
        attempt_of(edit, ago=timedelta(hours=23), fault="busy", charged=Charged.NO)
        attempt_of(edit, ago=timedelta(hours=25), fault="busy", charged=Charged.NO)
        found = scrape()
        hour = {key[1:]: value for key, value in found.items() if key[0] == "retake_attempts_last_hour"}
        day = {key[1:]: value for key, value in found.items() if key[0] == "retake_attempts_last_day"}
        assert hour == {("yes", "none"): 1, ("maybe", "B'"): 1, ("maybe", "open"): 1}
        assert day == hour | {("no", "B"): 1}
        assert (found["retake_calls_last_minute",], found["retake_calls_in_flight",]) == (1, 1)

    def test_alarms_on_the_letters_of_earlier_versions_go_on_working(
        self, alice: User, scrape: Scrape
    ) -> None:
        edit = edit_of(alice)
        for fault, letter in LETTERS.items():
            attempt_of(edit, ago=timedelta(minutes=1), fault=fault, charged=Charged.NO)
            attempt_of(edit, ago=timedelta(minutes=1), fault=letter, charged=Charged.NO)  # by an older worker
        found = scrape()
        hour = {key[2]: value for key, value in found.items() if key[0] == "retake_attempts_last_hour"}
        assert hour == {letter: 2 for letter in LETTERS.values()}

    def test_the_account_s_limits_stand_beside_them(self, scrape: Scrape, settings: Settings) -> None:
        settings.STEPFUN_MAX_CONCURRENT, settings.STEPFUN_MAX_PER_MINUTE = 7, 70
        found = scrape()
        assert found["retake_calls_in_flight_limit",] == 7
        assert found["retake_calls_last_minute_limit",] == 70

    def test_the_time_that_answers_take_is_told_in_quantiles(self, alice: User, scrape: Scrape) -> None:
        edit = edit_of(alice, status=Status.SUCCEEDED)
        for seconds in range(1, 11):
            attempt_of(edit, ago=timedelta(minutes=seconds), seconds=seconds)
        attempt_of(edit, ago=timedelta(minutes=1), seconds=180, fault="no_answer")
        attempt_of(edit, ago=timedelta(hours=2), seconds=500)
        found = scrape()
        assert [found["retake_call_seconds", q] for q in ("0.5", "0.9", "0.99")] == [6, 10, 10]

    def test_without_an_answer_there_is_no_time(self, scrape: Scrape) -> None:
        assert not [key for key in scrape() if key[0] == "retake_call_seconds"]


class TestTheBudget:
    def test_what_is_spent_stands_beside_what_may_be(self, alice: User, scrape: Scrape) -> None:
        edit = edit_of(alice, status=Status.SUCCEEDED)
        attempt_of(edit, ago=timedelta(0))
        attempt_of(edit, ago=timedelta(0), fault="busy", charged=Charged.NO)
        attempt_of(edit, ago=timedelta(days=32))
        Budget.objects.update_or_create(pk=1, defaults={"team_per_month": 500})
        found = scrape()
        assert (found["retake_budget_calls", "day"], found["retake_budget_calls", "month"]) == (1, 1)
        assert found["retake_budget_calls_limit", "month"] == 500
        assert ("retake_budget_calls_limit", "day") not in found


class TestTheProvider:
    @pytest.mark.parametrize(
        ("fields", "state", "what"),
        [
            ({}, "open", None),
            ({"held_since": NOW, "held_reason": "HTTP 401 key sk-77"}, "held", "held_since"),
            ({"stopped_since": NOW, "stopped_by": "root"}, "stopped", "stopped_since"),
            ({"paused_until": NOW + timedelta(hours=1)}, "paused", "paused_until"),
        ],
    )
    def test_exactly_one_state_is_told(
        self, fields: dict[str, Any], state: str, what: str | None, scrape: Scrape
    ) -> None:
        Provider.objects.filter(pk=1).update(**fields)
        found = scrape()
        states = {key[2]: value for key, value in found.items() if key[0] == "retake_provider_state"}
        assert states == {name: float(name == state) for name in ("open", "paused", "held", "stopped")}
        times = {
            key[2]: value for key, value in found.items() if key[0] == "retake_provider_timestamp_seconds"
        }
        assert list(times) == ([what] if what else [])
        if what:
            assert times[what] == pytest.approx(fields[what].timestamp())

    def test_each_provider_has_its_own_figures_and_all_count_together(
        self, alice: User, scrape: Scrape
    ) -> None:
        other = Provider.objects.create(
            name="GPU", slug="gpu", stored_url="http://127.0.0.1:1/v1", stored_max_concurrent=3
        )
        mine = edit_of(alice, provider=other)
        attempt_of(mine, ago=timedelta(minutes=1), account=other, fault="busy", charged=Charged.NO)
        attempt_of(edit_of(alice), ago=timedelta(minutes=1), fault="busy", charged=Charged.NO)
        attempt_of(edit_of(alice), ago=timedelta(minutes=1))
        Provider.objects.filter(pk=other.pk).update(held_since=NOW, held_reason="HTTP 401")
        found = scrape()
        assert (
            found["retake_provider_state", "gpu", "held"]
            == found["retake_provider_state", "stepfun", "open"]
            == 1
        )
        assert found["retake_provider_calls_in_flight_limit", "gpu"] == 3
        assert (
            found["retake_provider_edits_queued", "gpu"],
            found["retake_provider_edits_queued", "stepfun"],
        ) == (1, 2)
        assert found["retake_provider_attempts_last_hour", "no", "B", "gpu"] == 1
        assert found["retake_attempts_last_hour", "no", "B"] == 2

    def test_the_worker_s_silence_grows(self, scrape: Scrape) -> None:
        Provider.objects.filter(pk=1).update(worker_seen_at=NOW - timedelta(seconds=90))
        assert scrape()["retake_worker_silent_seconds",] == 90

    def test_no_name_reason_or_prompt_is_told(self, alice: User, root: User) -> None:
        edit_of(alice, prompt="only-alice-types-this")
        Provider.objects.filter(pk=1).update(held_since=NOW, held_reason="HTTP 401 key sk-77")
        text = signed_in(root).get("/metrics").text
        for secret in ("alice", "only-alice", "sk-77", "HTTP 401"):
            assert secret not in text


class TestThisMachine:
    def test_answers_that_wait_on_its_disk_are_counted(
        self, scrape: Scrape, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(spooling, "count", lambda: 3)
        assert scrape()["retake_spooled_answers",] == 3

    def test_it_still_speaks_when_the_database_is_away(self, scrape: Scrape) -> None:
        with mock.patch.object(metrics.EditRequest, "objects") as objects:
            objects.queued.side_effect = OperationalError("db.internal refused")
            found = scrape()
        assert found["retake_database_up",] == 0
        assert ("retake_edits", "queued") not in found
        assert found["retake_disk_free_bytes",] > 0


def test_the_number_of_queries_does_not_grow(alice: User, bob: User, scrape: Scrape) -> None:
    scrape()
    with CaptureQueriesContext(connection) as few:
        scrape()
    for owner in (alice, bob):
        for status in (Status.QUEUED, Status.RUNNING, Status.SAVING, Status.SUCCEEDED, Status.FAILED):
            edit = edit_of(owner, status=status)
            attempt_of(edit, ago=timedelta(minutes=1), fault="busy")
            attempt_of(edit, ago=timedelta(minutes=1))
    with CaptureQueriesContext(connection) as many:
        scrape()
    assert len(many) == len(few) <= 21


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite for its plans")
def test_no_query_looks_at_what_ended_long_ago(scrape: Scrape) -> None:
    """Each follows an index: a scrape of a million edits costs what waits and what is recent."""
    with CaptureQueriesContext(connection) as asked:
        scrape()
    plans = []
    for query in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plans += [(step[3], query["sql"]) for step in cursor.fetchall()]
    assert len(plans) >= len(asked) > 10
    few_rows = "SCAN edits_provider"
    scans = [plan for plan in plans if plan[0].startswith("SCAN") and "INDEX" not in plan[0]]
    scans = [plan for plan in scans if plan[0] != few_rows]
    assert scans == []


def test_every_metric_stands_in_the_papers_and_no_other(alice: User, token: str) -> None:
    attempt_of(edit_of(alice), ago=timedelta(0))
    response = Client().get("/metrics", headers={"authorization": token})
    reported = {family.name for family in text_string_to_metric_families(response.text)}
    table = (Path(settings.BASE_DIR) / "docs" / "operating.md").read_text(encoding="utf-8")
    assert set(re.findall(r"retake_[a-z_]+", table)) == reported
