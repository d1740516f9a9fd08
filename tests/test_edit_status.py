"""What the card of an edit says: every status, and what must never be promised."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from edits.http.edit_status import StatusDisplay, failure_sentence, status_display
from edits.models import FIRST, Decision, EditRequest, Provider, Reason, ReviewCase, Status, User
from edits.providers import RateLimited, ServerFailed
from edits.services.calls.retry_policy import Tries
from edits.services.queue.positions import QueuePosition
from tests import editors
from tests.factories import edit_of, filtered_edit_of, finished_edit_of

NOW = timezone.now()


def shown(edit: EditRequest, place: QueuePosition | None = None) -> StatusDisplay:
    return status_display(edit, place=place, now=NOW)


def place(
    position: int = 0, wait: float | None = None, run: float | None = None, tries: Tries | None = None
) -> QueuePosition:
    return QueuePosition(position=position, wait_seconds=wait, run_seconds=run, tries=tries)


@pytest.mark.parametrize("status", Status)
def test_every_status_has_words(alice: User, status: Status) -> None:
    said = shown(edit_of(alice, status=status))
    assert said.kind
    assert said.title
    assert said.sentence.endswith(".")


def test_a_waiting_edit_says_its_place_and_how_long(alice: User) -> None:
    said = shown(edit_of(alice), place(position=2, wait=40.0, run=18.0))
    assert (said.kind, said.title, said.detail) == ("queued", "2nd in queue", "starts in about 40 s")


def test_the_first_in_line_is_next(alice: User) -> None:
    assert shown(edit_of(alice), place(position=1)).title == "Next in queue"


def test_no_time_is_promised_where_none_is_known(alice: User) -> None:
    assert shown(edit_of(alice), place(position=3)).detail == ""
    assert shown(edit_of(alice)).title == "Queued"


def test_what_waits_while_an_administrator_stopped_sending_says_so(alice: User) -> None:
    edit = edit_of(alice, last_fault="account")
    Provider.objects.update(stopped_since=NOW, stopped_by="Root", held_since=NOW, held_reason="HTTP 401")
    said = shown(EditRequest.objects.with_cards(alice).get(pk=edit.pk), place(position=2, wait=40.0))
    assert (said.kind, said.title) == ("held", "StepFun is switched off")
    assert "Root" not in said.sentence
    running = edit_of(alice, status=Status.RUNNING)
    assert shown(EditRequest.objects.with_cards(alice).get(pk=running.pk)).kind == "running"


def test_a_running_edit_is_measured_against_the_usual_time(alice: User) -> None:
    edit = edit_of(alice, status=Status.RUNNING, started_at=NOW - timedelta(seconds=12))
    said = shown(edit, place(run=18.0))
    assert (said.title, said.detail) == ("12 s", "of about 18 s")
    assert (said.elapsed_seconds, said.expected_seconds) == (12, 18)


@pytest.mark.parametrize(("seconds", "late"), [(35, False), (36, False), (37, True), (600, True)])
def test_after_twice_the_usual_time_it_says_so(alice: User, seconds: int, late: bool) -> None:
    edit = edit_of(alice, status=Status.RUNNING, started_at=NOW - timedelta(seconds=seconds))
    said = shown(edit, place(run=18.0))
    assert (said.detail == "taking longer than usual") is late


def test_practice_edits_of_a_moment_are_not_called_late_at_once(alice: User) -> None:
    edit = edit_of(alice, status=Status.RUNNING, started_at=NOW - timedelta(seconds=2))
    assert shown(edit, place(run=0.2)).detail == "of about 1 s"


def test_the_first_edit_ever_has_no_bar(alice: User) -> None:
    edit = edit_of(alice, status=Status.RUNNING, started_at=NOW - timedelta(seconds=3))
    said = shown(edit, place())
    assert (said.title, said.detail, said.expected_seconds) == ("3 s", "Editing", 0)


def test_a_clock_that_went_back_shows_no_negative_time(alice: User) -> None:
    edit = edit_of(alice, status=Status.RUNNING, started_at=NOW + timedelta(seconds=5))
    assert shown(edit).title == "0 s"


@pytest.mark.parametrize(
    ("fault", "made", "title", "detail", "tries"),
    [
        ("busy", 1, "StepFun is busy", "", "(2 of 5)"),
        ("gateway", 1, "No answer from StepFun", "It may have been charged.", "(2 of 2)"),
    ],
)
def test_an_edit_that_waits_for_another_try_says_why_when_and_which(
    alice: User, fault: str, made: int, title: str, detail: str, tries: str
) -> None:
    again_at = NOW + timedelta(minutes=3)
    edit = edit_of(alice, last_fault=fault, attempts_made=7, not_before=again_at)
    said = shown(edit, place(tries=Tries(made, None)))
    assert (said.kind, said.box_class) == ("retrying", "is-retrying")
    assert (said.title, said.detail, said.again_at, said.tries) == (title, detail, again_at, tries)
    assert said.again == "at"


@pytest.mark.parametrize(
    ("fault", "title"),
    [("not_sent", "StepFun cannot be reached"), ("storage", "Our storage does not answer")],
)
def test_what_was_not_sent_is_tried_until_a_time_and_not_so_many_times(
    alice: User, fault: str, title: str
) -> None:
    until = NOW + timedelta(minutes=20)
    edit = edit_of(alice, last_fault=fault, attempts_made=40, not_before=NOW + timedelta(seconds=50))
    said = shown(edit, place(tries=Tries(40, until)))
    assert (said.title, said.detail) == (title, "Nothing was sent or charged.")
    assert (said.again, said.again_at, said.tries) == ("until", until, "")


@pytest.mark.parametrize("minutes", [16, 60 * 24])
def test_a_long_wait_that_the_provider_asked_for_is_told_to_everybody(alice: User, minutes: int) -> None:
    until = NOW + timedelta(minutes=minutes)
    Provider.objects.update(paused_since=NOW, paused_until=until)
    said = shown(edit_of(alice), place(position=2, wait=40.0))
    assert (said.kind, said.title) == ("held", "StepFun is paused")
    assert said.detail == "Your edit is kept."
    assert (said.again, said.again_at) == ("paused_until", until)


def test_the_next_in_line_starts_in_a_moment(alice: User) -> None:
    assert shown(edit_of(alice), place(position=1, wait=0.2, run=18.0)).detail == "starts in a moment"


@pytest.mark.parametrize(
    ("wait", "words"), [(None, "about 20 s"), (20.0, "about 20 s"), (50.0, "about 50 s")]
)
def test_a_short_pause_is_said_and_is_part_of_the_estimate(
    alice: User, wait: float | None, words: str
) -> None:
    Provider.objects.update(paused_since=NOW, paused_until=NOW + timedelta(seconds=20))
    said = shown(edit_of(alice), place(position=1, wait=wait, run=8.0))
    assert (said.kind, said.title) == ("queued", "Next in queue")
    assert said.detail == f"continues in {words}"


def test_a_pause_that_is_over_is_not_mentioned(alice: User) -> None:
    Provider.objects.update(paused_since=NOW, paused_until=NOW - timedelta(seconds=1))
    assert shown(edit_of(alice), place(position=1, wait=0.0)).detail == "starts in a moment"


@pytest.mark.parametrize(
    ("seconds", "again", "words"), [(20, "in", "20 s"), (89, "in", "89 s"), (90, "at", ""), (600, "at", "")]
)
def test_a_back_off_of_seconds_is_said_in_seconds(alice: User, seconds: int, again: str, words: str) -> None:
    edit = edit_of(alice, last_fault="busy", attempts_made=1, not_before=NOW + timedelta(seconds=seconds))
    said = shown(edit, place(tries=Tries(1, None)))
    assert (said.again, said.again_in, said.again_at) == (again, words, edit.not_before)


def test_who_tries_again_by_itself_says_so_until_the_pause_is_long(alice: User) -> None:
    again_at = NOW + timedelta(minutes=14)
    Provider.objects.update(paused_since=NOW, paused_until=again_at)
    edit = edit_of(alice, last_fault="busy", attempts_made=1, not_before=again_at)
    assert shown(edit).kind == "retrying"
    assert shown(edit_of(alice)).again_at == again_at


def test_the_practice_engine_is_not_called_stepfun(alice: User, settings: Any) -> None:
    settings.PRACTICE_ENGINE = True
    edit = edit_of(alice, last_fault="busy", attempts_made=1, not_before=NOW + timedelta(minutes=1))
    assert shown(edit).title == "Practice engine is busy"


def test_no_number_is_told_where_the_tries_are_not_known(alice: User) -> None:
    edit = edit_of(alice, last_fault="busy", attempts_made=1, not_before=NOW + timedelta(minutes=1))
    assert shown(edit).tries == ""


def test_an_edit_whose_wait_is_over_is_simply_in_line(alice: User) -> None:
    edit = edit_of(alice, last_fault="busy", attempts_made=1, not_before=NOW - timedelta(seconds=1))
    assert shown(edit, place(position=1)).kind == "queued"


def test_a_held_queue_promises_no_time(alice: User) -> None:
    Provider.objects.update(held_since=NOW, held_reason="HTTP 401")
    said = shown(edit_of(alice), place(position=2, wait=40.0))
    assert (said.kind, said.title) == ("held", "StepFun is on hold")
    assert "kept" in said.detail
    assert "40" not in said.sentence


def test_an_account_fault_says_that_an_administrator_knows(alice: User) -> None:
    assert "administrator" in shown(edit_of(alice, last_fault="account", attempts_made=1)).detail


def test_a_filtered_edit_is_neutral_and_not_a_failure(alice: User) -> None:
    said = shown(filtered_edit_of(alice))
    assert (said.kind, said.box_class, said.title) == (
        "filtered",
        "is-filtered",
        "Stopped by the content filter",
    )


def test_the_author_reads_what_came_of_the_review(alice: User, rita: User) -> None:
    edit = filtered_edit_of(alice)
    case = ReviewCase.objects.filter(edit=edit)
    case.update(asked_for_at=NOW)
    assert shown(_again(edit)).detail == "A reviewer will look at it."
    case.update(question_open=True, question="Whose picture is it?")
    assert shown(_again(edit)).detail == "A reviewer asks: Whose picture is it?"
    case.update(
        question_open=False,
        decision=Decision.KEPT_HIDDEN,
        reason="It shows a real person.",
        decided_at=NOW,
        decided_by=rita,
    )
    assert shown(_again(edit)).detail == "A reviewer kept it hidden: It shows a real person."
    case.update(decision=Decision.DISMISSED)
    assert shown(_again(edit)).detail == "A reviewer closed the case."


@pytest.mark.parametrize("reason", Reason)
def test_a_failure_names_its_cause_without_a_code(alice: User, reason: Reason) -> None:
    said = shown(edit_of(alice, status=Status.FAILED, reason=reason))
    assert said.kind == "failed"
    assert said.title
    assert "_" not in said.sentence


def test_what_the_service_said_about_a_refusal_is_told(alice: User) -> None:
    edit = edit_of(alice, status=Status.FAILED, reason=Reason.SERVICE_REJECTED, message="prompt is too vague")
    said = shown(edit)
    assert said.title == "The service refused this edit"
    assert said.detail == "It says: prompt is too vague"


@pytest.mark.parametrize(
    ("reason", "risky"),
    [
        (Reason.SERVICE_REJECTED, False),
        (Reason.SERVICE_UNAVAILABLE, False),
        (Reason.OUTCOME_UNKNOWN, True),
        (Reason.INTERRUPTED, True),
        (Reason.BAD_RESULT, True),
        (Reason.NO_PICTURE, True),
        (Reason.RESULT_LOST, True),
    ],
)
def test_another_try_is_warned_of_where_it_may_cost_again(alice: User, reason: Reason, risky: bool) -> None:
    edit = edit_of(alice, status=Status.FAILED, reason=reason)
    assert shown(edit).may_cost_again is risky


@pytest.mark.parametrize(
    ("reason", "fault", "title", "detail"),
    [
        (
            Reason.STORAGE,
            "storage",
            "Our storage did not return the picture to send",
            "Nothing was sent or charged.",
        ),
        (
            Reason.SERVICE_UNAVAILABLE,
            "not_sent",
            "The service could not be reached",
            "Nothing was sent or charged.",
        ),
        (
            Reason.SERVICE_UNAVAILABLE,
            "busy",
            "The service is overloaded",
            "Tried once, nothing was delivered.",
        ),
        (
            Reason.BAD_RESULT,
            "rejected",
            "Unexpected answer",
            "The service neither accepted nor refused the edit. It may have been charged.",
        ),
    ],
)
def test_a_failure_says_what_the_last_fault_was(
    alice: User, reason: Reason, fault: str, title: str, detail: str
) -> None:
    said = shown(edit_of(alice, status=Status.FAILED, reason=reason, last_fault=fault))
    assert (said.title, said.detail) == (title, detail)
    assert said.may_cost_again is ("may have been charged" in detail)


def test_a_finished_edit_has_nothing_to_say(alice: User) -> None:
    said = shown(finished_edit_of(alice))
    assert (said.kind, said.detail) == ("done", "")


def _again(edit: EditRequest) -> EditRequest:
    return EditRequest.objects.select_related("review").get(pk=edit.pk)


def test_a_picture_whose_thumbnails_are_not_made_yet_is_shown_in_a_moment(alice: User) -> None:
    edit = finished_edit_of(alice)
    edit.result.placeholder = ""
    now = edit.finished_at
    assert now is not None
    said = status_display(edit, place=None, now=now)
    assert (said.kind, said.is_moving) == ("finishing", True)
    assert status_display(edit, place=None, now=now + timedelta(seconds=11)).kind == "done"


def test_open_pages_go_on_asking_for_what_moves_and_for_nothing_else(alice: User) -> None:
    moving = {status for status in Status if shown(edit_of(alice, status=status)).is_moving}
    assert moving == {Status.QUEUED, Status.RUNNING, Status.SAVING}


@pytest.mark.parametrize(
    ("statuses", "title"),
    [((503, 500), "The service had an error"), ((500, 503), "The service is overloaded")],
)
@pytest.mark.parametrize("with_card", [True, False])
def test_a_failure_by_http_500_is_an_error_wherever_it_is_read(
    alice: User, statuses: tuple[int, ...], title: str, with_card: bool
) -> None:
    edit = edit_of(alice, status=Status.FAILED, reason=Reason.SERVICE_UNAVAILABLE, last_fault="busy")
    for number, status in enumerate(statuses, start=1):
        edit.attempts.create(
            account_id=FIRST, number=number, fence=number, started_at=NOW, ended_at=NOW, seed_sent=1,
            worker="m", status=status, fault="busy", charged="no",
        )  # fmt: skip
    edits = EditRequest.objects.with_cards(alice) if with_card else EditRequest.objects
    assert failure_sentence(edits.get(pk=edit.pk)).startswith(title)


@pytest.mark.parametrize(
    ("status", "words"), [(500, "had an error"), *[(s, "is busy") for s in (429, 503, 529)]]
)
def test_the_card_says_error_for_500_and_busy_for_the_others(alice: User, status: int, words: str) -> None:
    error = (RateLimited if status == 429 else ServerFailed)("HTTP", status=status)
    edit = editors.run(edit_of(alice), editors.Editor([error]))
    card = EditRequest.objects.with_cards(alice).get(pk=edit.pk)
    assert status_display(card, place=None, now=editors.NOW).title == f"StepFun {words}"
