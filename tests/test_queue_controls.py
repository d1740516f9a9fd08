"""Stopping and resuming the queue, and asking before the time: what moves, what is written down, what stays."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from edits.models import FIRST, AuditEntry, EditRequest, Provider, User
from edits.services.provider import queue_controls
from edits.services.provider.queue_controls import (
    is_long_wait,
    pause_until,
    resume_sending,
    stop_sending,
    try_now,
)
from edits.services.queue.claiming import PROBE_EVERY, QueueLimits, claim_next
from tests.editors import LEASE
from tests.factories import edit_of

NOW = timezone.now()
MINUTE = timedelta(minutes=1)
LIMITS = QueueLimits(concurrent=5, per_minute=100)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each worker that was woken."""
    calls: list[str] = []
    monkeypatch.setattr(queue_controls, "notify_worker", lambda: calls.append("woken"))
    return calls


def provider(**fields: Any) -> Provider:
    """The provider's row, with these fields changed first."""
    Provider.objects.update(**fields)
    return Provider.objects.get(pk=1)


def actions() -> list[str]:
    """What the audit log says that Root did, the first first."""
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


class TestStopping:
    def test_it_says_who_and_since_when(self, root: User) -> None:
        assert stop_sending(Provider.objects.get(), actor=root, now=NOW)
        row = provider()
        assert (row.stopped_since, row.stopped_by) == (NOW, root.name)
        assert actions() == ["stopped sending"]

    def test_the_second_to_stop_changes_nothing(self, root: User) -> None:
        stop_sending(Provider.objects.get(), actor=root, now=NOW)
        assert not stop_sending(Provider.objects.get(), actor=root, now=NOW + MINUTE)
        assert provider().stopped_since == NOW
        assert actions() == ["stopped sending"]

    def test_resuming_wakes_a_worker(
        self, root: User, alice: User, woken: list[str], django_capture_on_commit_callbacks: Any
    ) -> None:
        edit = edit_of(alice)
        stop_sending(Provider.objects.get(), actor=root, now=NOW)
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW) is None
        with django_capture_on_commit_callbacks(execute=True):
            assert resume_sending(Provider.objects.get(), actor=root, now=NOW + MINUTE)
        assert woken == ["woken"]
        assert actions() == ["stopped sending", "resumed sending"]
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW + MINUTE) == edit

    def test_resuming_what_goes_on_changes_nothing(self, root: User, woken: list[str]) -> None:
        assert not resume_sending(Provider.objects.get(), actor=root, now=NOW)
        assert (actions(), woken) == ([], [])

    def test_resuming_opens_no_queue_that_is_held(self, root: User) -> None:
        provider(held_since=NOW, held_reason="HTTP 402", probe_at=NOW + PROBE_EVERY)
        stop_sending(Provider.objects.get(), actor=root, now=NOW)
        resume_sending(Provider.objects.get(), actor=root, now=NOW)
        assert provider().held_reason == "HTTP 402"


class TestTryingNow:
    def test_a_held_queue_is_probed_at_once(
        self, root: User, alice: User, woken: list[str], django_capture_on_commit_callbacks: Any
    ) -> None:
        edit_of(alice)
        provider(held_since=NOW, held_reason="HTTP 401", probe_at=NOW + PROBE_EVERY)
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW) is None
        with django_capture_on_commit_callbacks(execute=True):
            assert try_now(Provider.objects.get(), actor=root, now=NOW) == ""
        assert woken == ["woken"]
        assert provider().held_since == NOW, "only a call that works opens the queue"
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW) is None, (
            "one probe, not the whole queue"
        )
        assert actions() == ["asked the provider again"]

    def test_a_wait_of_hours_is_cut_short(self, root: User, alice: User) -> None:
        until = NOW + timedelta(hours=24)
        answered = edit_of(alice, last_fault="busy", not_before=until, attempts_made=1)
        unreached = edit_of(alice, last_fault="not_sent", not_before=until, attempts_made=1)
        provider(paused_since=NOW, paused_until=until, verified_at=NOW)
        assert try_now(Provider.objects.get(), actor=root, now=NOW + MINUTE) == ""
        row = provider()
        assert (row.paused_since, row.paused_until) == (None, None)
        assert row.verified_at is None, "calls go out two at a time until one works"
        answered.refresh_from_db()
        unreached.refresh_from_db()
        assert (answered.not_before, unreached.not_before) == (None, until)

    def test_a_short_wait_is_obeyed(self, root: User, woken: list[str]) -> None:
        until = NOW + 14 * MINUTE
        provider(paused_since=NOW, paused_until=until)
        assert try_now(Provider.objects.get(), actor=root, now=NOW) == queue_controls.WAIT_IS_OBEYED
        assert provider().paused_until == until
        assert (actions(), woken) == ([], [])

    def test_nothing_is_tried_while_sending_is_stopped(self, root: User) -> None:
        provider(held_since=NOW, held_reason="HTTP 401", probe_at=NOW + PROBE_EVERY)
        stop_sending(Provider.objects.get(), actor=root, now=NOW)
        assert try_now(Provider.objects.get(), actor=root, now=NOW) == queue_controls.STOPPED
        assert provider().probe_at == NOW + PROBE_EVERY

    def test_an_open_queue_needs_no_trying(self, root: User) -> None:
        provider(paused_since=NOW - 30 * MINUTE, paused_until=NOW - MINUTE)
        assert try_now(Provider.objects.get(), actor=root, now=NOW) == queue_controls.NOTHING_HELD
        assert not EditRequest.objects.exists()


class TestWaiting:
    def test_a_longer_pause_stays(self, db: None) -> None:
        pause_until(FIRST, NOW + 5 * MINUTE, now=NOW)
        pause_until(FIRST, NOW + 2 * MINUTE, now=NOW + MINUTE)
        row = provider()
        assert (row.paused_since, row.paused_until) == (NOW, NOW + 5 * MINUTE)

    @pytest.mark.parametrize(("minutes", "long"), [(15, False), (16, True), (1440, True)])
    def test_it_is_long_as_a_whole(self, db: None, minutes: int, long: bool) -> None:
        until = NOW + minutes * MINUTE
        row = provider(paused_since=NOW, paused_until=until)
        assert is_long_wait(row, now=NOW) is long
        assert is_long_wait(row, now=until - MINUTE) is long
        assert not is_long_wait(row, now=until)

    def test_where_nobody_wrote_its_beginning_the_rest_counts(self, db: None) -> None:
        row = provider(paused_until=NOW + 20 * MINUTE)
        assert is_long_wait(row, now=NOW)
        assert not is_long_wait(row, now=NOW + 10 * MINUTE)
