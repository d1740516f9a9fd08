"""Where an edit stands, in words: every status, and what must never be promised."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from edits.models import Decision, EditRequest, Provider, Reason, ReviewCase, Status, User
from edits.services.calls.retrying import Tries
from edits.services.queue.queueing import Place
from edits.views.standing import DONE, Standing, standing_of
from tests.factories import edit_of, filtered_edit_of, finished_edit_of

NOW = timezone.now()


def standing(edit: EditRequest, place: Place | None = None) -> Standing:
    return standing_of(edit, place=place, now=NOW)


def place(
    position: int = 0, wait: float | None = None, run: float | None = None, tries: Tries | None = None
) -> Place:
    return Place(position=position, wait_seconds=wait, run_seconds=run, tries=tries)


@pytest.mark.parametrize("status", Status)
def test_every_status_has_words(alice: User, status: Status) -> None:
    said = standing(edit_of(alice, status=status))
    assert said.kind
    assert said.title
    assert said.sentence.endswith(".")


def test_a_waiting_edit_says_its_place_and_how_long(alice: User) -> None:
    said = standing(edit_of(alice), place(position=2, wait=40.0, run=18.0))
    assert (said.kind, said.title, said.detail) == ("queued", "2nd in queue", "about 40 s")


def test_the_first_in_line_is_next(alice: User) -> None:
    assert standing(edit_of(alice), place(position=1)).title == "Next in queue"


def test_no_time_is_promised_where_none_is_known(alice: User) -> None:
    assert standing(edit_of(alice), place(position=3)).detail == ""
    assert standing(edit_of(alice)).title == "Queued"


def test_what_waits_while_an_administrator_stopped_sending_says_so(alice: User) -> None:
    edit = edit_of(alice, last_fault="F")
    Provider.objects.update(stopped_since=NOW, stopped_by="Root", held_since=NOW, held_reason="HTTP 401")
    said = standing(EditRequest.objects.with_cards(alice).get(pk=edit.pk), place(position=2, wait=40.0))
    assert (said.kind, said.title) == ("held", "StepFun is switched off")
    assert "Root" not in said.sentence
    running = edit_of(alice, status=Status.RUNNING)
    assert standing(EditRequest.objects.with_cards(alice).get(pk=running.pk)).kind == "running"


def test_a_running_edit_is_measured_against_the_usual_time(alice: User) -> None:
    edit = edit_of(alice, status=Status.RUNNING, started_at=NOW - timedelta(seconds=12))
    said = standing(edit, place(run=18.0))
    assert (said.title, said.detail) == ("12 s", "of about 18 s")
    assert (said.elapsed_seconds, said.expected_seconds) == (12, 18)


@pytest.mark.parametrize(("seconds", "late"), [(35, False), (36, False), (37, True), (600, True)])
def test_after_twice_the_usual_time_it_says_so(alice: User, seconds: int, late: bool) -> None:
    edit = edit_of(alice, status=Status.RUNNING, started_at=NOW - timedelta(seconds=seconds))
    said = standing(edit, place(run=18.0))
    assert (said.detail == "taking longer than usual") is late


def test_practice_edits_of_a_moment_are_not_called_late_at_once(alice: User) -> None:
    edit = edit_of(alice, status=Status.RUNNING, started_at=NOW - timedelta(seconds=2))
    assert standing(edit, place(run=0.2)).detail == "of about 1 s"


def test_the_first_edit_ever_has_no_bar(alice: User) -> None:
    edit = edit_of(alice, status=Status.RUNNING, started_at=NOW - timedelta(seconds=3))
    said = standing(edit, place())
    assert (said.title, said.detail, said.expected_seconds) == ("3 s", "Editing", 0)


def test_a_clock_that_went_back_shows_no_negative_time(alice: User) -> None:
    edit = edit_of(alice, status=Status.RUNNING, started_at=NOW + timedelta(seconds=5))
    assert standing(edit).title == "0 s"


@pytest.mark.parametrize(
    ("fault", "made", "title", "detail", "tries"),
    [
        ("B", 1, "StepFun is busy", "Trying again", "(2 of 5)"),
        ("B'", 1, "No answer from StepFun", "It may have been charged. Trying again", "(2 of 2)"),
    ],
)
def test_an_edit_that_waits_for_another_try_says_why_when_and_which(
    alice: User, fault: str, made: int, title: str, detail: str, tries: str
) -> None:
    again_at = NOW + timedelta(minutes=3)
    edit = edit_of(alice, last_fault=fault, attempts_made=7, not_before=again_at)
    said = standing(edit, place(tries=Tries(made, None)))
    assert (said.kind, said.box_class) == ("retrying", "is-retrying")
    assert (said.title, said.detail, said.again_at, said.tries) == (title, detail, again_at, tries)
    assert said.again == "at"


@pytest.mark.parametrize(
    ("fault", "title"), [("A", "StepFun cannot be reached"), ("S", "Our storage does not answer")]
)
def test_what_was_not_sent_is_tried_until_a_time_and_not_so_many_times(
    alice: User, fault: str, title: str
) -> None:
    until = NOW + timedelta(minutes=20)
    edit = edit_of(alice, last_fault=fault, attempts_made=40, not_before=NOW + timedelta(seconds=50))
    said = standing(edit, place(tries=Tries(40, until)))
    assert (said.title, said.detail) == (title, "Nothing was sent or charged. Trying again")
    assert (said.again, said.again_at, said.tries) == ("until", until, "")


@pytest.mark.parametrize(("minutes", "far"), [(16, False), (60 * 24, True)])
def test_a_long_wait_that_the_provider_asked_for_is_told_to_everybody(
    alice: User, minutes: int, far: bool
) -> None:
    until = NOW + timedelta(minutes=minutes)
    Provider.objects.update(paused_since=NOW, paused_until=until)
    said = standing(edit_of(alice), place(position=2, wait=40.0))
    assert (said.kind, said.title) == ("held", "StepFun is paused")
    assert said.detail == "Your edit is kept. The service asked us to wait"
    assert (said.again, said.again_at, said.again_is_far) == ("until", until, far)


def test_a_short_pause_is_no_reason_to_worry_who_waits(alice: User) -> None:
    Provider.objects.update(paused_since=NOW, paused_until=NOW + timedelta(seconds=50))
    assert standing(edit_of(alice), place(position=1)).kind == "queued"


def test_who_tries_again_by_itself_says_so_until_the_pause_is_long(alice: User) -> None:
    again_at = NOW + timedelta(minutes=14)
    Provider.objects.update(paused_since=NOW, paused_until=again_at)
    edit = edit_of(alice, last_fault="B", attempts_made=1, not_before=again_at)
    assert standing(edit).kind == "retrying"
    assert standing(edit_of(alice)).again_at == again_at


def test_the_practice_engine_is_not_called_stepfun(alice: User, settings: Any) -> None:
    settings.PRACTICE_ENGINE = True
    edit = edit_of(alice, last_fault="B", attempts_made=1, not_before=NOW + timedelta(minutes=1))
    assert standing(edit).title == "Practice engine is busy"


def test_no_number_is_told_where_the_tries_are_not_known(alice: User) -> None:
    edit = edit_of(alice, last_fault="B", attempts_made=1, not_before=NOW + timedelta(minutes=1))
    assert standing(edit).tries == ""


def test_an_edit_whose_wait_is_over_is_simply_in_line(alice: User) -> None:
    edit = edit_of(alice, last_fault="B", attempts_made=1, not_before=NOW - timedelta(seconds=1))
    assert standing(edit, place(position=1)).kind == "queued"


def test_a_held_queue_promises_no_time(alice: User) -> None:
    Provider.objects.update(held_since=NOW, held_reason="HTTP 401")
    said = standing(edit_of(alice), place(position=2, wait=40.0))
    assert (said.kind, said.title) == ("held", "StepFun is on hold")
    assert "kept" in said.detail
    assert "40" not in said.sentence


def test_an_account_fault_says_that_an_administrator_knows(alice: User) -> None:
    assert "administrator" in standing(edit_of(alice, last_fault="F", attempts_made=1)).detail


def test_a_filtered_edit_is_neutral_and_not_a_failure(alice: User) -> None:
    said = standing(filtered_edit_of(alice))
    assert (said.kind, said.box_class, said.title) == (
        "filtered",
        "is-filtered",
        "Stopped by the content filter",
    )


def test_the_author_reads_what_came_of_the_review(alice: User, rita: User) -> None:
    edit = filtered_edit_of(alice)
    case = ReviewCase.objects.filter(edit=edit)
    case.update(asked_for_at=NOW)
    assert standing(_again(edit)).detail == "A reviewer will look at it."
    case.update(question_open=True, question="Whose picture is it?")
    assert standing(_again(edit)).detail == "A reviewer asks: Whose picture is it?"
    case.update(
        question_open=False,
        decision=Decision.KEPT_HIDDEN,
        reason="It shows a real person.",
        decided_at=NOW,
        decided_by=rita,
    )
    assert standing(_again(edit)).detail == "A reviewer kept it hidden: It shows a real person."
    case.update(decision=Decision.DISMISSED)
    assert standing(_again(edit)).detail == "A reviewer closed it."


@pytest.mark.parametrize("reason", Reason)
def test_a_failure_names_its_cause_without_a_code(alice: User, reason: Reason) -> None:
    said = standing(edit_of(alice, status=Status.FAILED, reason=reason))
    assert said.kind == "failed"
    assert said.title
    assert "_" not in said.sentence


def test_what_the_service_said_about_a_refusal_is_told(alice: User) -> None:
    edit = edit_of(alice, status=Status.FAILED, reason=Reason.SERVICE_REJECTED, message="prompt is too vague")
    said = standing(edit)
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
    assert standing(edit).may_cost_again is risky


@pytest.mark.parametrize(
    ("reason", "fault", "title", "detail"),
    [
        (Reason.STORAGE, "S", "Our storage gave no picture to send", "Nothing was sent or charged."),
        (
            Reason.SERVICE_UNAVAILABLE,
            "A",
            "The service could not be reached",
            "Nothing was sent or charged.",
        ),
        (
            Reason.SERVICE_UNAVAILABLE,
            "B",
            "The service is overloaded",
            "Tried once, nothing was delivered.",
        ),
        (
            Reason.BAD_RESULT,
            "E",
            "Unexpected answer",
            "The service said neither yes nor no. It may have been charged.",
        ),
    ],
)
def test_a_failure_says_what_the_last_fault_was(
    alice: User, reason: Reason, fault: str, title: str, detail: str
) -> None:
    said = standing(edit_of(alice, status=Status.FAILED, reason=reason, last_fault=fault))
    assert (said.title, said.detail) == (title, detail)
    assert said.may_cost_again is ("may have been charged" in detail)


def test_a_finished_edit_has_nothing_to_say(alice: User) -> None:
    assert standing(finished_edit_of(alice)) is DONE


def _again(edit: EditRequest) -> EditRequest:
    return EditRequest.objects.select_related("review").get(pk=edit.pk)


def test_a_picture_whose_thumbnails_are_not_made_yet_is_shown_in_a_moment(alice: User) -> None:
    edit = finished_edit_of(alice)
    edit.result.placeholder = ""
    now = edit.finished_at
    assert now is not None
    said = standing_of(edit, place=None, now=now)
    assert (said.kind, said.is_moving) == ("finishing", True)
    assert standing_of(edit, place=None, now=now + timedelta(seconds=11)) == DONE


def test_open_pages_go_on_asking_for_what_moves_and_for_nothing_else(alice: User) -> None:
    moving = {status for status in Status if standing(edit_of(alice, status=status)).is_moving}
    assert moving == {Status.QUEUED, Status.RUNNING, Status.SAVING}
