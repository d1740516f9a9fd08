"""The table of faults, end to end: answers that say no, wait, or nothing that makes sense."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from edits.models import Provider, Reason, Status, User
from edits.services.calls.running import run_edit
from edits.services.queue.claiming import claim_next
from tests.editors import LEASE, LIMITS, NOW
from tests.fault_table import Row, check, played, submitted, worked_off
from tests.provider import provider
from tests.provider_client import client_of

FAILED, QUEUED, DONE, FILTERED = Status.FAILED, Status.QUEUED, Status.SUCCEEDED, Status.FILTERED
HELD = "The administrators have been notified. Your edit is kept."
UNKNOWN = "The edit may have been made and charged. Your picture and prompt are kept."


def not_done(fault: str) -> Row:
    """Answered with "not done", each time."""
    return Row(
        fault,
        calls=5,
        status=FAILED,
        reason=Reason.SERVICE_UNAVAILABLE,
        card="The service had an error" if fault.startswith("500") else "The service is overloaded",
        detail="Tried 5 times, nothing was delivered.",
    )


def gateway(fault: str) -> Row:
    """Something in between that cannot know."""
    return Row(
        fault,
        calls=2,
        status=FAILED,
        reason=Reason.OUTCOME_UNKNOWN,
        charged="maybe",
        card="No answer arrived",
        detail=UNKNOWN,
    )


def refused(fault: str, said: str) -> Row:
    """The request itself."""
    return Row(
        fault,
        calls=1,
        status=FAILED,
        reason=Reason.SERVICE_REJECTED,
        card="The service refused this edit",
        detail=said,
    )


def account(fault: str) -> Row:
    """For the operator to fix."""
    return Row(fault, calls=1, status=QUEUED, held=True, card="StepFun is on hold", detail=HELD)


def senseless(fault: str, *, charged: str = "no") -> Row:
    """An answer that no edit should get."""
    return Row(
        fault,
        calls=1,
        status=FAILED,
        reason=Reason.BAD_RESULT,
        charged=charged,
        card="Unexpected answer",
        detail="The service neither accepted nor refused the edit. It may have been charged.",
    )


def then_done(fault: str) -> Row:
    """Busy for once."""
    return Row(f"{fault} ok", calls=2, status=DONE, charged="yes", card="Done")


def stopped(fault: str) -> Row:
    """The content filter refused the request."""
    return Row(fault, calls=1, status=FILTERED, card="Stopped by the content filter")


REFUSALS = [
    *[refused(fault, f"It says: provider says {fault}") for fault in ("400", "415", "422", "413")],
    refused("400_html", ""),
    *[account(fault) for fault in ("401", "402", "403", "404", "405")],
    *[not_done(fault) for fault in ("429", "429_bad", "429_zero", "429_negative")],
    *[
        then_done(fault)
        for fault in ("429", "429:3", "429_date:5", "429_bad", "408", "425", "500", "503", "529")
    ],
    Row(
        "429_huge",
        calls=1,
        status=QUEUED,
        card="StepFun is paused",
        detail="Your edit is kept.",
    ),
    *[not_done(fault) for fault in ("408", "425", "500", "503", "529", "500_html", "503_html", "503_retry")],
    stopped("451"),
    stopped("403_content"),
    *[gateway(fault) for fault in ("502", "504", "520", "502_html")],
    Row("502 ok", calls=2, status=DONE, charged="yes", card="Done"),
    *[senseless(fault) for fault in ("409", "418", "501", "307_canary", "302_canary", "301_self")],
    *[senseless(fault, charged="maybe") for fault in ("204", "206", "299")],
]


@pytest.mark.parametrize("row", REFUSALS, ids=str)
def test_a_refusal_ends_as_the_table_says(row: Row, alice: User) -> None:
    with played(row, alice) as outcome:
        check(row, outcome)


@pytest.mark.parametrize(("fault", "least_seconds"), [("429:3", 3), ("429_date:5", 3), ("503_retry", 7)])
def test_it_is_not_sent_before_the_wait_that_was_asked_for_is_over(
    fault: str, least_seconds: int, alice: User, bob: User
) -> None:
    with provider(fault, "ok") as p:
        edit = submitted(alice)
        claimed = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
        assert claimed
        run_edit(claimed, client_for=lambda _: client_of(p), now=lambda: NOW)
        edit.refresh_from_db()
        assert edit.not_before is not None
        assert edit.not_before - NOW >= timedelta(seconds=least_seconds)
        assert (
            claim_next(
                lease=LEASE, limits_of=lambda _: LIMITS, now=edit.not_before - timedelta(milliseconds=1)
            )
            is None
        )
        if fault.startswith("429"):
            submitted(bob)
            assert (
                claim_next(
                    lease=LEASE, limits_of=lambda _: LIMITS, now=edit.not_before - timedelta(milliseconds=1)
                )
                is None
            )
        assert p.calls == 1


def test_a_wait_of_a_day_is_the_whole_queues_and_is_told_to_all_who_wait(alice: User, bob: User) -> None:
    row = next(row for row in REFUSALS if row.fault == "429_huge")
    with played(row, alice) as outcome:
        until = Provider.objects.get().paused_until
        assert until == NOW + timedelta(days=1)
        assert (outcome.card.again, outcome.card.again_at) == ("paused_until", until)
        outcome.edit = submitted(bob)
        assert outcome.card.title == "StepFun is paused"
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=until - timedelta(seconds=1)) is None
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=until)


@pytest.mark.parametrize("fault", ["401", "402", "403", "404", "405"])
def test_a_wrong_account_costs_twenty_edits_two_calls_and_none_of_them(fault: str, alice: User) -> None:
    edits = [submitted(alice) for _ in range(20)]
    with provider(fault) as p:
        begun = [claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW) for _ in edits]
        for edit in filter(None, begun):
            run_edit(edit, client_for=lambda _: client_of(p), now=lambda: NOW)
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW + timedelta(seconds=299)) is None
        assert p.calls <= 2
    for edit in edits:
        edit.refresh_from_db()
    assert {edit.status for edit in edits} == {QUEUED}
    reason = Provider.objects.get().held_reason
    assert f"HTTP {fault}" in reason


def test_an_account_that_is_mended_lets_all_of_them_go_on(alice: User) -> None:
    edit = submitted(alice)
    with provider("402", "ok") as p, provider() as elsewhere:
        client = client_of(p)
        worked_off(edit, client, there=p, elsewhere=elsewhere)
        assert edit.status == QUEUED
        probe = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW + timedelta(minutes=5))
        assert probe
        run_edit(probe, client_for=lambda _: client, now=lambda: NOW + timedelta(minutes=5))
        assert (p.calls, p.charged) == (2, 1)
    edit.refresh_from_db()
    assert edit.status == DONE
    assert Provider.objects.get().held_since is None


@pytest.mark.parametrize("fault", ["307_canary", "302_canary", "301_self"])
def test_a_redirect_is_told_to_the_operator_and_takes_the_picture_nowhere(
    fault: str, alice: User, caplog: Any
) -> None:
    with caplog.at_level(logging.WARNING, "edits.security"), played(senseless(fault), alice) as outcome:
        assert [each.name for each in caplog.records if each.name == "edits.security"] == ["edits.security"]
        assert outcome.there.downloads == []
        assert len(outcome.there.received) == 1
