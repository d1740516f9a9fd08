"""Retrying: what follows each fault of the provider, how many calls it may cost, and who waits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from edits.http.edit_status import status_display
from edits.models import FIRST, Attempt, EditRequest, Provider, Reason, Status, User
from edits.providers import (
    Answer,
    GatewayFailed,
    NotAuthorized,
    ProviderError,
    RateLimited,
    Rejected,
    ResultLost,
    ServerFailed,
    SourceAway,
    Unanswered,
    Unexpected,
    Unreachable,
    UnsafeLink,
    Unusable,
)
from edits.services.api.api_keys import make_api_key
from edits.services.calls.retry_policy import (
    BUSY_PAUSES_SECONDS,
    LONGEST_PAUSE,
    LONGEST_WAIT,
    MOST_WAITS,
    UNREACHABLE_FOR,
    WAITS_FOR,
    Tries,
    note_awaited,
    release_unreached,
    tries_of,
)
from edits.services.calls.running import run_edit
from edits.services.queue.canceling import retry_edit
from edits.services.queue.claiming import claim_next
from tests.editors import LEASE, LIMITS, NOW, Editor, made, run, run_until_final
from tests.factories import edit_of


@pytest.mark.parametrize(
    ("error", "calls", "reason"),
    [
        (ServerFailed("HTTP 503", status=503), 5, Reason.SERVICE_UNAVAILABLE),
        (RateLimited("HTTP 429", status=429), 5, Reason.SERVICE_UNAVAILABLE),
        (GatewayFailed("HTTP 502", status=502), 2, Reason.OUTCOME_UNKNOWN),
        (Unanswered("no answer"), 1, Reason.OUTCOME_UNKNOWN),
        (Unusable("html", status=200), 1, Reason.BAD_RESULT),
        (Rejected("HTTP 400", status=400), 1, Reason.SERVICE_REJECTED),
        (Unexpected("HTTP 302", status=302), 1, Reason.BAD_RESULT),
        (ResultLost("404"), 1, Reason.RESULT_LOST),
        (UnsafeLink("private"), 1, Reason.BAD_RESULT),
    ],
)
def test_a_fault_that_stays_ends_after_so_many_calls(
    alice: User, error: ProviderError, calls: int, reason: Reason
) -> None:
    edit = edit_of(alice, queued_at=NOW)
    assert run_until_final(edit, Editor([error])) == calls
    assert (edit.status, edit.reason) == (Status.FAILED, reason)
    assert Attempt.objects.count() == calls
    assert set(Attempt.objects.values_list("charged", flat=True)) == {error.charged}


def test_an_earlier_call_that_nobody_knows_the_end_of_is_not_forgotten(alice: User) -> None:
    busy = ServerFailed("HTTP 503", status=503)
    edit = edit_of(alice, queued_at=NOW)
    run_until_final(edit, Editor([GatewayFailed("HTTP 502", status=502), busy]))
    assert (edit.status, edit.reason, edit.last_fault) == (Status.FAILED, Reason.OUTCOME_UNKNOWN, "busy")
    shown = status_display(edit, place=None, now=NOW)
    assert "may have been made and charged" in shown.sentence
    assert shown.may_cost_again


def test_what_its_owner_queued_again_is_judged_by_the_calls_since(alice: User) -> None:
    edit = edit_of(alice, queued_at=NOW)
    run_until_final(edit, Editor([Unanswered("no answer")]))
    assert retry_edit(edit=edit, now=NOW)
    edit.refresh_from_db()
    run_until_final(edit, Editor([ServerFailed("HTTP 503", status=503)]))
    assert edit.reason == Reason.SERVICE_UNAVAILABLE


@pytest.mark.parametrize("error", [Unreachable("x", cause="name"), ServerFailed("x", status=503)])
def test_what_was_not_done_is_done_later_with_the_same_seed(alice: User, error: ProviderError) -> None:
    edit = edit_of(alice)
    editor = Editor([error, made()])
    run_until_final(edit, editor)
    assert edit.status == Status.SUCCEEDED
    assert editor.calls[0] == editor.calls[1]
    assert list(edit.attempts.values_list("number", "fault")) == [(1, error.fault), (2, "")]


def test_a_long_wait_in_line_uses_up_no_time_for_trying(alice: User) -> None:
    unreachable = Unreachable("refused", cause="refused")
    edit = edit_of(alice, queued_at=NOW - timedelta(hours=2))
    editor = Editor([unreachable, made()])
    run_until_final(edit, editor)
    assert (edit.status, len(editor.calls)) == (Status.SUCCEEDED, 2)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unreachable("refused", cause="refused"), Reason.SERVICE_UNAVAILABLE),
        (SourceAway("no storage"), Reason.STORAGE),
    ],
)
@pytest.mark.slow
def test_after_half_an_hour_without_a_connection_it_fails_and_not_after_so_many_tries(
    alice: User, error: ProviderError, reason: Reason
) -> None:
    edit, editor, at = edit_of(alice), Editor([error]), NOW
    while run(edit, editor, at=at).status == Status.QUEUED:
        assert edit.not_before
        assert timedelta(seconds=1) <= edit.not_before - at <= timedelta(seconds=60)
        at = edit.not_before
    assert at - NOW >= UNREACHABLE_FOR
    assert edit.reason == reason
    assert len(editor.calls) > 20
    assert set(edit.attempts.values_list("charged", flat=True)) == {"no"}


def test_an_answer_in_between_starts_the_half_hour_anew(alice: User) -> None:
    unreachable, busy = Unreachable("refused", cause="refused"), ServerFailed("HTTP 503", status=503)
    edit, editor = edit_of(alice), Editor([unreachable, busy, unreachable])
    for minutes in (0, 5, 40):
        run(edit, editor, at=NOW + timedelta(minutes=minutes))
    assert edit.status == Status.QUEUED
    tries = tries_of([edit])[edit.pk]
    assert tries == Tries(2, NOW + timedelta(minutes=40) + UNREACHABLE_FOR)


def test_only_tries_that_met_the_same_fault_are_counted(alice: User) -> None:
    unreachable, busy = Unreachable("refused", cause="refused"), ServerFailed("HTTP 503", status=503)
    edit, editor = edit_of(alice), Editor([*[unreachable] * 4, busy])
    for minutes in range(5):
        run(edit, editor, at=NOW + timedelta(minutes=minutes))
    assert tries_of([edit])[edit.pk] == Tries(1, None)


def test_tries_before_its_owner_queued_it_again_do_not_count(alice: User) -> None:
    edit, editor = edit_of(alice), Editor([ServerFailed("HTTP 503", status=503)])
    run_until_final(edit, editor)
    retry_edit(edit=edit, now=NOW + timedelta(hours=1))
    run(edit, editor, at=NOW + timedelta(hours=1))
    assert (edit.attempts_made, tries_of([edit])[edit.pk]) == (6, Tries(1, None))


def test_when_the_provider_is_back_nobody_waits_on_for_what_could_not_be_reached(
    alice: User, bob: User
) -> None:
    later = NOW + timedelta(minutes=1)
    unreached = edit_of(alice, last_fault="not_sent", not_before=later)
    busy = edit_of(alice, last_fault="busy", not_before=later)
    fresh = edit_of(bob, not_before=later)
    assert release_unreached(FIRST) == 1
    for edit in (unreached, busy, fresh):
        edit.refresh_from_db()
    assert (unreached.not_before, busy.not_before, fresh.not_before) == (None, later, later)


def test_calls_that_reached_nobody_leave_those_that_may_be_refused(alice: User) -> None:
    edit = edit_of(alice)
    unreachable, busy = Unreachable("refused", cause="refused"), ServerFailed("HTTP 503", status=503)
    editor = Editor([*[unreachable] * 4, busy, busy, made()])
    run_until_final(edit, editor)
    assert edit.status == Status.SUCCEEDED


def test_a_refusal_is_told_in_the_providers_words(alice: User) -> None:
    error = Rejected("HTTP 400", status=400)
    error.provider_message = "image too strange"
    edit = run(edit_of(alice), Editor([error]))
    assert edit.message == "image too strange"


def test_it_waits_as_long_as_stepfun_asks_and_so_does_everybody(alice: User, bob: User) -> None:
    error = RateLimited("HTTP 429", status=429)
    error.retry_after = 7.0
    edit = run(edit_of(alice), Editor([error]))
    edit_of(bob)
    assert edit.not_before == NOW + timedelta(seconds=7)
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW + timedelta(seconds=6)) is None
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW + timedelta(seconds=7))


@pytest.mark.parametrize(("kind", "most"), [(RateLimited, LONGEST_PAUSE), (ServerFailed, LONGEST_WAIT)])
def test_no_server_makes_an_edit_wait_for_ever(
    alice: User, kind: type[RateLimited | ServerFailed], most: timedelta
) -> None:
    error = kind("HTTP", status=429)
    error.retry_after = 400 * 86_400.0
    edit = run(edit_of(alice), Editor([error]))
    assert edit.not_before == NOW + most


def test_what_began_before_a_pause_does_not_end_it(alice: User) -> None:
    long, short = RateLimited("HTTP 429", status=429), RateLimited("HTTP 429", status=429)
    long.retry_after, short.retry_after = 60.0, 5.0
    Provider.objects.update(verified_at=NOW)
    for _ in range(3):
        edit_of(alice)
    begun = [claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW) for _ in range(3)]
    outcomes: list[Answer | Exception] = [long, short, made()]
    for edit, outcome in zip(begun, outcomes, strict=True):
        assert edit
        editor = Editor([outcome])
        run_edit(edit, client_for=lambda _: editor, now=lambda: NOW)  # noqa: B023  used at once
        assert Provider.objects.get().paused_until == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_a_service_that_stays_busy_is_tried_five_times_over_at_least_ten_minutes(
    alice: User, status: int
) -> None:
    error = (RateLimited if status == 429 else ServerFailed)("HTTP", status=status)
    edit, editor, at = edit_of(alice), Editor([error]), NOW
    while run(edit, editor, at=at).status == Status.QUEUED:
        assert edit.not_before
        at = edit.not_before
    assert len(editor.calls) == 5
    assert timedelta(minutes=10) <= at - NOW <= timedelta(minutes=15)


@pytest.mark.parametrize("asked", [None, 2.0])
def test_an_edit_that_a_program_waits_for_is_tried_three_times_within_seconds(
    alice: User, asked: float | None
) -> None:
    key, _ = make_api_key(owner=alice, name="script", now=timezone.now())
    busy = RateLimited("HTTP 429", status=429)
    busy.retry_after = asked
    edit, editor, at = edit_of(alice, api_key=key), Editor([busy]), NOW
    while run(edit, editor, at=at).status == Status.QUEUED:
        assert edit.not_before
        at = edit.not_before
    assert (len(editor.calls), edit.reason) == (3, Reason.SERVICE_UNAVAILABLE)
    assert at - NOW <= timedelta(seconds=12)


def test_an_edit_whose_caller_does_not_wait_is_tried_as_one_from_the_page(alice: User) -> None:
    key, _ = make_api_key(owner=alice, name="script", now=timezone.now())
    edit = edit_of(alice, api_key=key, is_awaited=False)
    editor, at = Editor([ServerFailed("HTTP 503", status=503)]), NOW
    while run(edit, editor, at=at).status == Status.QUEUED:
        assert edit.not_before
        at = edit.not_before
    assert len(editor.calls) == 5
    assert at - NOW >= timedelta(minutes=10)


def test_a_caller_that_leaves_while_the_call_runs_is_noted(alice: User) -> None:
    key, _ = make_api_key(owner=alice, name="script", now=timezone.now())
    edit = edit_of(alice, api_key=key)
    editor = Editor([ServerFailed("HTTP 503", status=503)])
    editor.while_running = lambda: note_awaited([edit], is_awaited=False)
    run(edit, editor)
    assert edit.not_before
    assert edit.not_before - NOW >= timedelta(seconds=BUSY_PAUSES_SECONDS[0])


def test_nobody_waits_for_an_edit_that_its_owner_tries_again_on_the_page(alice: User) -> None:
    key, _ = make_api_key(owner=alice, name="script", now=timezone.now())
    edit = edit_of(
        alice, api_key=key, status=Status.FAILED, reason=Reason.SERVICE_UNAVAILABLE, last_fault="busy"
    )
    retry_edit(edit=edit, now=timezone.now())
    assert EditRequest.objects.get().is_awaited is False


@pytest.mark.parametrize(
    ("with_key", "before", "is_awaited", "after"),
    [
        (True, None, False, False),
        (True, False, True, True),
        (True, None, True, None),
        (False, None, False, None),
    ],
)
def test_whether_a_program_waits_is_written_where_it_changes(
    alice: User, with_key: bool, before: bool | None, is_awaited: bool, after: bool | None
) -> None:
    key = make_api_key(owner=alice, name="script", now=timezone.now())[0] if with_key else None
    edit = edit_of(alice, api_key=key, is_awaited=before)
    note_awaited([edit], is_awaited=is_awaited)
    assert EditRequest.objects.get().is_awaited is after


def test_a_wait_that_was_asked_for_is_no_try(alice: User) -> None:
    asked, busy = RateLimited("HTTP 429", status=429), ServerFailed("HTTP 503", status=503)
    asked.retry_after = 3.0
    edit, editor = edit_of(alice), Editor([*[asked] * 5, *[busy] * 4, made()])
    run_until_final(edit, editor)
    assert (edit.status, len(editor.calls)) == (Status.SUCCEEDED, 10)


@pytest.mark.slow
def test_a_service_that_only_ever_asks_to_wait_is_given_up_after_an_hour(alice: User) -> None:
    asked = RateLimited("HTTP 429", status=429)
    asked.retry_after = 3.0
    edit, editor, at = edit_of(alice), Editor([asked]), NOW
    while run(edit, editor, at=at).status == Status.QUEUED:
        assert edit.not_before
        assert edit.not_before - at >= timedelta(seconds=3)
        at = edit.not_before
    assert edit.reason == Reason.SERVICE_UNAVAILABLE
    assert WAITS_FOR <= at - NOW <= WAITS_FOR + timedelta(minutes=2)
    assert MOST_WAITS <= len(editor.calls) <= 400, "it is asked less and less often"


def test_a_busy_service_makes_no_other_edit_wait_as_long_as_the_one_that_was_refused_often(
    alice: User,
) -> None:
    edit, editor, at = edit_of(alice), Editor([RateLimited("HTTP 429", status=429)]), NOW
    for _ in range(4):
        run(edit, editor, at=at)
        assert edit.not_before
        at, before = edit.not_before, at
    paused_until = Provider.objects.get().paused_until
    assert paused_until
    assert edit.not_before
    assert paused_until - before <= timedelta(minutes=1) < edit.not_before - before


@pytest.mark.parametrize("asked", [None, 0.0, -5.0])
def test_without_a_sensible_wait_it_takes_its_own(alice: User, asked: float | None) -> None:
    error = RateLimited("HTTP 429", status=429)
    error.retry_after = asked
    edit = run(edit_of(alice), Editor([error]))
    assert edit.not_before is not None
    assert timedelta(seconds=1) <= edit.not_before - NOW <= timedelta(seconds=60)


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_a_fault_of_the_account_holds_the_queue_and_uses_nothing_up(alice: User, status: int) -> None:
    edit = edit_of(alice)
    for _ in range(19):
        edit_of(alice)
    editor = Editor([NotAuthorized(f"HTTP {status}", status=status)])
    run(edit, editor)
    assert edit.status == Status.QUEUED
    provider = Provider.objects.get()
    assert provider.held_since == NOW
    assert f"HTTP {status}" in provider.held_reason
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW + timedelta(seconds=299)) is None
    assert len(editor.calls) == 1


def test_a_probe_that_works_opens_the_queue_again(alice: User) -> None:
    edit = edit_of(alice)
    run(edit, Editor([NotAuthorized("HTTP 401", status=401)]))
    run(edit, Editor([made()]), at=NOW + timedelta(minutes=5))
    assert edit.status == Status.SUCCEEDED
    provider = Provider.objects.get()
    assert (provider.held_since, provider.held_reason) == (None, "")


def test_a_bad_certificate_holds_the_queue_too(alice: User) -> None:
    edit = run(edit_of(alice), Editor([Unreachable("self-signed", cause="tls")]))
    assert edit.status == Status.QUEUED
    assert Provider.objects.get().held_since


def test_an_edit_that_holds_the_queue_for_itself_alone_fails_and_lets_the_others_go_on(
    alice: User, bob: User
) -> None:
    gone = edit_of(alice)
    run(gone, Editor([NotAuthorized("HTTP 404", status=404)]))
    others = edit_of(bob)
    later = NOW + timedelta(minutes=5)
    run(others, Editor([made()]), at=later)
    assert others.status == Status.SUCCEEDED
    run(gone, Editor([NotAuthorized("HTTP 404", status=404)]), at=later)
    gone.refresh_from_db()
    assert (gone.status, gone.reason) == (Status.FAILED, Reason.SERVICE_REJECTED)
    assert Provider.objects.get().held_since is None


def test_a_key_that_is_refused_again_fails_no_edit(alice: User, bob: User) -> None:
    edit = edit_of(alice)
    run(edit, Editor([NotAuthorized("HTTP 401", status=401)]))
    other = edit_of(bob)
    later = NOW + timedelta(minutes=5)
    run(other, Editor([made()]), at=later)
    run(edit, Editor([NotAuthorized("HTTP 401", status=401)]), at=later)
    assert edit.status == Status.QUEUED
    assert Provider.objects.get().held_since == later
