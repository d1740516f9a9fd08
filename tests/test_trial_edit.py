"""The test of the connection: one real call over HTTP, what it says, what it costs and what it changes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from edits.models import Attempt, AuditEntry, Provider, Status, User
from edits.providers import Client
from edits.services.provider import trial_edit
from edits.services.provider.trial_edit import TrialEdit, trial_client, try_connection
from edits.services.queue.claiming import PROBE_EVERY, QueueLimits
from tests.editors import Editor, made
from tests.factories import default_model, edit_of
from tests.provider import provider
from tests.provider_client import client_of

NOW = timezone.now()
LIMITS = QueueLimits(concurrent=2, per_minute=3)
NOWHERE = "http://127.0.0.1:1/v1"  # nothing listens on this port


def try_it(actor: User, client: Any, **changes: Any) -> TrialEdit:
    """Root presses the button now."""
    asked: dict[str, Any] = {"model": default_model(), "limits_of": lambda _: LIMITS, "now": lambda: NOW}
    return try_connection(actor=actor, client_for=lambda _: client, **(asked | changes))


def row(**fields: Any) -> Provider:
    """The provider's row, with these fields changed first."""
    Provider.objects.update(**fields)
    return Provider.objects.get(pk=1)


def hold() -> None:
    """As after a refused key."""
    row(held_since=NOW, held_reason="HTTP 401", probe_at=NOW + PROBE_EVERY, verified_at=None)


class TestWhatItSays:
    def test_a_picture_came(self, root: User) -> None:
        clock = iter([10.0, 13.25])
        with provider("ok") as stepfun:
            trial = try_it(root, client_of(stepfun), clock=lambda: next(clock))
            assert stepfun.calls == stepfun.charged == 1
        assert trial.sentence == "It works. step-1x-edit answered in 3.2 s."
        assert (trial.works, trial.status, trial.trace_id, trial.charged) == (True, 200, "trace-1", "yes")

    def test_the_least_is_asked_for(self, root: User) -> None:
        with provider("ok") as stepfun:
            try_it(root, client_of(stepfun))
            (received,) = stepfun.received
        assert (received.fields["steps"], received.fields["size"]) == ("1", "512x512")
        assert len(received.image) < 2000

    @pytest.mark.parametrize(
        ("fault", "words", "status", "charged"),
        [
            ("401", "Check STEPFUN_API_KEY (HTTP 401, trace trace-1)", 401, "no"),
            ("402", "The account has no balance left", 402, "no"),
            ("404", "Check STEPFUN_BASE_URL and STEPFUN_MODEL", 404, "no"),
            ("429:30", "too many calls", 429, "no"),
            ("503", "overloaded", 503, "no"),
            ("502", "A gateway", 502, "maybe"),
            ("html_200", "cannot be read as a picture", 200, "yes"),
            ("b64_nonimage", "cannot be read as a picture", 200, "yes"),
            ("reset_after_body", "No answer arrived", None, "maybe"),
        ],
    )
    def test_each_fault_has_plain_words_and_its_price(
        self, root: User, fault: str, words: str, status: int | None, charged: str
    ) -> None:
        with provider(fault) as stepfun:
            trial = try_it(root, client_of(stepfun))
            assert stepfun.calls == 1, "a test never asks twice"
        assert words in trial.sentence
        assert (trial.sent, trial.works, trial.status, trial.charged) == (True, False, status, charged)

    def test_a_server_that_is_away_costs_nothing(self, root: User) -> None:
        client = Client(base_url=NOWHERE, api_key="k", connect_seconds=2.0)
        trial = try_it(root, client)
        assert trial.sentence.startswith("Connection refused.")
        assert (trial.works, trial.charged) == (False, "no")

    def test_it_gives_up_on_a_server_that_hangs(self, root: User) -> None:
        with provider("hang") as stepfun:
            trial = try_it(root, client_of(stepfun, timeout_seconds=0.3))
        assert trial.sentence == "No answer arrived in time."
        assert (trial.works, trial.charged) == (False, "maybe")
        assert row().test_until is None, "it is over, and holds no place any more"

    @pytest.mark.parametrize("fault", ["451", "filtered_image"])
    def test_a_filter_that_stops_it_proves_the_connection(self, root: User, fault: str) -> None:
        with provider(fault) as stepfun:
            trial = try_it(root, client_of(stepfun))
        assert trial.works
        assert "content filter stopped" in trial.sentence


class TestWhatItChanges:
    def test_a_picture_opens_a_queue_that_was_held(self, root: User) -> None:
        hold()
        trial = try_it(root, Editor([made()]))
        assert trial.opened_queue
        assert trial.sentence.endswith("The hold is over, and waiting edits are sent again.")
        after = row()
        assert (after.held_since, after.held_reason, after.probe_at) == (None, "", None)
        assert after.verified_at == NOW

    def test_a_test_that_began_before_the_hold_does_not_open_the_queue(self, root: User) -> None:
        later = NOW + timedelta(seconds=5)

        def hold_meanwhile() -> None:
            row(held_since=later, held_reason="HTTP 401", verified_at=None)

        editor = Editor([made()], while_running=hold_meanwhile)
        moments = iter([NOW])
        trial = try_it(root, editor, now=lambda: next(moments, later + timedelta(seconds=5)))
        after = row()
        assert trial.works
        assert not trial.opened_queue
        assert (after.held_since, after.verified_at) == (later, None)

    def test_a_fault_keeps_it_held_for_the_newest_reason(self, root: User) -> None:
        hold()
        with provider("402") as stepfun:
            try_it(root, client_of(stepfun))
        after = row()
        assert "balance" in after.held_reason
        assert after.held_since == NOW

    def test_a_fault_does_not_hold_a_queue_that_is_open(self, root: User) -> None:
        row(verified_at=NOW)
        with provider("401") as stepfun:
            try_it(root, client_of(stepfun))
        assert (row().held_since, row().verified_at) == (None, NOW)

    def test_a_429_pauses_the_queue(self, root: User) -> None:
        with provider("429:30") as stepfun:
            try_it(root, client_of(stepfun))
        assert row().paused_until == NOW + timedelta(seconds=30)

    def test_what_an_administrator_stopped_stays_stopped(self, root: User) -> None:
        row(stopped_since=NOW, stopped_by="Root")
        assert try_it(root, Editor([made()])).works
        assert row().stopped_since == NOW

    def test_it_belongs_to_no_edit_and_stands_in_the_audit_log(self, root: User) -> None:
        with provider("402") as stepfun:
            try_it(root, client_of(stepfun, api_key="sk-very-secret"))
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.subject) == (
            root,
            "tested the connection",
            "stepfun/step-1x-edit",
        )
        assert "HTTP 402" in entry.detail
        assert "Not charged" in entry.detail
        assert "secret" not in entry.detail
        assert not Attempt.objects.exists()


class TestLimits:
    def refused(self, root: User, words: str, **changes: Any) -> None:
        editor = Editor([made()])
        trial = try_it(root, editor, **changes)
        assert words in trial.sentence
        assert (trial.sent, trial.works, editor.calls) == (False, False, [])
        assert not AuditEntry.objects.exists()

    def test_not_beside_as_many_calls_as_the_account_allows(self, root: User, alice: User) -> None:
        for _ in range(2):
            edit_of(alice, status=Status.RUNNING)
        self.refused(root, "as the account allows at once")

    def test_not_when_the_calls_of_the_minute_are_used_up(self, root: User, alice: User) -> None:
        for number in range(3):
            Attempt.objects.create(
                edit=edit_of(alice, status=Status.SUCCEEDED), number=number + 1, fence=1, seed_sent=1,
                started_at=NOW - timedelta(seconds=30), ended_at=NOW,
            )  # fmt: skip
        self.refused(root, "no calls left in this minute")

    def test_not_before_the_service_wants_to_be_asked(self, root: User) -> None:
        row(paused_until=NOW + timedelta(minutes=5))
        self.refused(root, "asked for a wait until")

    def test_not_twice_in_a_minute(self, root: User) -> None:
        try_it(root, Editor([made()]))
        AuditEntry.objects.all().delete()
        self.refused(root, "less than a minute ago", now=lambda: NOW + timedelta(seconds=59))
        assert try_it(root, Editor([made()]), now=lambda: NOW + timedelta(seconds=61)).works

    def test_not_beside_another_test(self, root: User) -> None:
        second: list[TrialEdit] = []
        first = Editor([made()], while_running=lambda: second.append(try_it(root, Editor([made()]))))
        assert try_it(root, first).works
        assert "already running" in second[0].refusal

    def test_it_takes_a_place_while_it_runs(self, root: User) -> None:
        seen: list[tuple[int, int]] = []
        editor = Editor(
            [made()],
            while_running=lambda: seen.append((row().tests_in_flight(NOW), row().tests_in_last_minute(NOW))),
        )
        try_it(root, editor)
        assert seen == [(1, 1)]
        assert (row().tests_in_flight(NOW), row().tests_in_last_minute(NOW)) == (0, 1)


@pytest.mark.django_db
def test_it_is_shorter_than_an_edit_may_take(settings: Settings) -> None:
    settings.STEPFUN_TIMEOUT_SECONDS = 180
    client = trial_client(default_model())
    assert client.timeout_seconds == trial_edit.MOST_SECONDS
    assert client.timeout_seconds + client.download_seconds < 60, "a web server ends what takes a minute"
    settings.STEPFUN_TIMEOUT_SECONDS = 20
    assert trial_client(default_model()).timeout_seconds == 20
