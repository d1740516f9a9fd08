"""The event log: from its lines alone one can say what became of an edit and what it may have cost."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from edits.models import Charged, EditRequest, Reason, Status, User
from edits.services import event_log
from tests.factories import edit_of
from tests.log_lines import Lines, logged

NOW = timezone.now()
MARK = "a-prompt-that-nobody-else-types"


@pytest.fixture
def lines() -> Iterator[Lines]:
    with logged("edits") as found:
        yield found


@pytest.fixture
def edit(alice: User) -> EditRequest:
    """An edit that was claimed twelve seconds ago, for the second time."""
    return edit_of(
        alice,
        status=Status.RUNNING,
        started_at=NOW - timedelta(seconds=12.5),
        attempts_made=2,
        fence=3,
        prompt=MARK,
        source_name="IMG_of_my_family.jpg",
    )


def test_an_attempt_says_whose_it_is_before_anything_is_sent(edit: EditRequest, lines: Lines) -> None:
    event_log.attempt_began(edit, worker="machine-2")
    (line,) = lines.of("attempt began")
    assert line["edit"] == str(edit.public_id)
    assert (line["attempt"], line["fence"], line["worker"]) == (2, 3, "machine-2")
    assert line["timestamp"].endswith("Z")


def test_an_attempt_without_a_fault_says_that_it_was_charged(edit: EditRequest, lines: Lines) -> None:
    event_log.attempt_ended(
        edit, now=NOW, charged=Charged.YES, status=200, trace_id="t-9", provider_id="p-9", answer_bytes=0
    )
    (line,) = lines.of("attempt ended")
    assert (line["charged"], line["status"], line["trace_id"], line["provider_id"]) == (
        "yes",
        200,
        "t-9",
        "p-9",
    )
    assert (line["seconds"], line["answer_bytes"], line["level"]) == (12.5, 0, "info")
    assert "fault" not in line


def test_a_fault_is_a_warning_with_its_class(edit: EditRequest, lines: Lines) -> None:
    event_log.attempt_ended(edit, now=NOW, charged=Charged.MAYBE, fault="no_answer")
    (line,) = lines.of("attempt ended")
    assert (line["fault"], line["charged"], line["level"]) == ("no_answer", "maybe", "warning")
    assert "status" not in line


def test_a_clock_that_was_set_back_gives_no_negative_time(edit: EditRequest, lines: Lines) -> None:
    event_log.attempt_ended(edit, now=NOW - timedelta(hours=1), charged=Charged.NO, fault="not_sent")
    assert lines.of("attempt ended")[0]["seconds"] == 0


def test_what_follows_names_the_reason_or_the_time(edit: EditRequest, lines: Lines) -> None:
    again_at = NOW + timedelta(seconds=8)
    event_log.edit_moved(edit, to=Status.QUEUED, fault="busy", again_at=again_at)
    event_log.edit_moved(edit, to=Status.FAILED, reason=Reason.OUTCOME_UNKNOWN, fault="no_answer")
    event_log.edit_moved(edit, to=Status.SUCCEEDED)
    waits, failed, done = lines.of("edit moved")
    assert (waits["to"], waits["again_at"]) == ("queued", again_at.isoformat(timespec="seconds"))
    assert (failed["to"], failed["reason"], failed["level"]) == ("failed", "outcome_unknown", "warning")
    assert done["to"] == "succeeded"
    assert not {"reason", "fault", "again_at"} & done.keys()


def test_the_other_steps_name_the_edit_too(edit: EditRequest, lines: Lines) -> None:
    event_log.edit_taken_in(edit)
    event_log.answer_kept_aside(edit, size_bytes=812_000)
    event_log.answer_thrown_away(edit)
    assert {line["edit"] for line in lines.all} == {str(edit.public_id)}
    assert lines.of("edit taken in")[0]["again"] is True
    assert lines.of("answer kept aside")[0]["size_bytes"] == 812_000


def test_a_change_of_the_account_belongs_to_no_edit(lines: Lines) -> None:
    event_log.provider_changed("held", provider="stepfun", reason="HTTP 401: the key was refused")
    event_log.provider_changed("paused", provider="stepfun", until=NOW)
    event_log.provider_changed("open", provider="stepfun")
    held, paused, opened = lines.of("provider changed")
    assert (held["to"], held["reason"], held["level"]) == ("held", "HTTP 401: the key was refused", "warning")
    assert paused["until"] == NOW.isoformat(timespec="seconds")
    assert (opened["to"], opened["level"]) == ("open", "info")
    assert not any("edit" in line for line in lines.all)


def test_every_line_in_between_names_the_edit_even_a_traceback(edit: EditRequest, lines: Lines) -> None:
    with event_log.about(edit):
        try:
            raise OSError("disk full")
        except OSError:
            logging.getLogger("edits.services.pictures.storing").exception("It could not be stored")
    logging.getLogger("edits.services.pictures.storing").warning("Something else")
    inside, outside = lines.all
    assert (inside["edit"], inside["attempt"]) == (str(edit.public_id), 2)
    assert "disk full" in inside["exception"]
    assert "edit" not in outside


def test_nothing_that_a_person_wrote_can_come_into_it(edit: EditRequest, lines: Lines) -> None:
    event_log.edit_taken_in(edit)
    event_log.attempt_began(edit)
    event_log.attempt_ended(edit, now=NOW, charged=Charged.YES, status=200)
    event_log.answer_kept_aside(edit, size_bytes=1)
    event_log.edit_moved(edit, to=Status.SUCCEEDED)
    event_log.answer_thrown_away(edit)
    assert len(lines.all) == 6
    for secret in (MARK, "family", "alice"):
        assert secret not in lines.text


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_id_of_the_provider_cannot_forge_a_line(edit: EditRequest, form: str) -> None:
    with logged("edits", form=form) as lines:
        event_log.attempt_ended(edit, now=NOW, charged=Charged.YES, trace_id='x"\nattempt ended charged=no')
    assert len(lines.text.strip().splitlines()) == 1
