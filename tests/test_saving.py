"""Saving: an answer that was paid for is on the disk before anything else, and in the history in the end."""

import os
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from edits.models import Attempt, Charged, EditRequest, Reason, ReturnedImage, Status, User
from edits.services.calls import saving, spooling
from edits.services.calls.call_results import verified
from edits.services.calls.failures import record_interruption
from edits.services.calls.recording import record_outcome
from edits.services.calls.saving import give_up_unsaved, save_spooled
from edits.services.calls.spooling import folder, purge_set_aside, spool_answer
from edits.services.pictures.storing import picture_bytes, put_back
from edits.services.queue.canceling import cancel_edit, retry_edit
from edits.services.queue.claiming import claim_next
from tests.editors import LEASE, LIMITS, NOW, Editor, made, run, stopped
from tests.factories import edit_of, filtered_edit_of, picture
from tests.stored import stored

LATER = NOW + timedelta(seconds=5)


@pytest.fixture(autouse=True)
def _fresh_machine() -> Iterator[None]:
    yield
    for path in folder().iterdir():
        path.unlink()
    spooling._unwritten.clear()
    saving.is_blocked.clear()


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception | None], None]:
    """Lets storing a result fail with this error, or work again with None."""

    def set_to(error: Exception | None) -> None:
        monkeypatch.undo()
        if error:
            monkeypatch.setattr("edits.services.calls.recording.save_picture", raising(error))

    return set_to


def raising(error: Exception) -> Callable[..., str]:
    def fail(*_: Any, **__: Any) -> str:
        raise error

    return fail


def spooled() -> list[str]:
    return sorted(path.name for path in folder().iterdir())


def claimed(edit: EditRequest) -> EditRequest:
    found = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
    assert found == edit
    return found


def answer_file(owner: User, number: int) -> Path:
    """The file of an answer to an edit of this person."""
    path = folder() / f"{edit_of(owner).public_id}-{number}.answer"
    path.write_bytes(b"paid")
    return path


FULL = OSError(28, "No space left on device")
LOCKED = OperationalError("database is locked")


class TestStorageAway:
    """The storage or the database cannot take a picture that is paid."""

    @pytest.mark.parametrize("error", [FULL, LOCKED])
    def test_the_edit_is_saving_and_done_as_soon_as_it_can_be(
        self, alice: User, away: Callable[[Exception | None], None], error: Exception
    ) -> None:
        away(error)
        edit = run(edit_of(alice), editor := Editor([made(data := picture(mark=5))]))
        assert (edit.status, edit.finished_at, edit.lease_until) == (Status.SAVING, None, None)
        assert spooled() == [f"{edit.public_id}-1.answer"]
        assert save_spooled(lease=LEASE, now=LATER) == 0
        away(None)
        assert save_spooled(lease=LEASE, now=LATER) == 1
        edit.refresh_from_db()
        assert (edit.status, edit.finished_at) == (Status.SUCCEEDED, LATER)
        assert picture_bytes(edit.result.file) == data
        assert spooled() == []
        assert len(editor.calls) == 1

    def test_nothing_more_is_asked_for_meanwhile(
        self, alice: User, away: Callable[[Exception | None], None]
    ) -> None:
        away(FULL)
        run(edit_of(alice), Editor([made()]))
        assert saving.is_blocked.is_set()
        save_spooled(lease=LEASE, now=LATER)
        assert saving.is_blocked.is_set()
        away(None)
        save_spooled(lease=LEASE, now=LATER)
        assert not saving.is_blocked.is_set()

    def test_a_disk_too_full_for_the_spool_keeps_it_in_memory(
        self, alice: User, away: Callable[[Exception | None], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit = edit_of(alice)
        away(FULL)
        monkeypatch.setattr(spooling.os, "fsync", raising(FULL))
        run(edit, Editor([made()]))
        assert (edit.status, spooled(), spooling.count()) == (Status.SAVING, [], 1)
        away(None)
        save_spooled(lease=LEASE, now=LATER)
        edit.refresh_from_db()
        assert (edit.status, spooling.count()) == (Status.SUCCEEDED, 0)

    def test_a_defect_of_ours_sets_it_aside_and_keeps_no_other_from_its_place(
        self, alice: User, away: Callable[[Exception | None], None]
    ) -> None:
        away(RuntimeError("defect"))
        edit = run(edit_of(alice), Editor([made()]))
        assert (edit.status, edit.reason) == (Status.FAILED, Reason.STORAGE)
        assert spooled() == [f"{edit.public_id}-1.set-aside"]
        assert Attempt.objects.get().charged == Charged.YES
        assert save_spooled(lease=LEASE, now=LATER) == 0

    def test_an_edit_canceled_meanwhile_leaves_nothing(
        self, alice: User, away: Callable[[Exception | None], None]
    ) -> None:
        away(FULL)
        edit = run(edit_of(alice), Editor([made()]))
        assert cancel_edit(edit=edit, now=timezone.now())
        away(None)
        assert save_spooled(lease=LEASE, now=LATER) == 1
        edit.refresh_from_db()
        assert (edit.status, spooled()) == (Status.CANCELED, [])
        assert stored("results") == []

    def test_an_edit_deleted_meanwhile_leaves_nothing(
        self, alice: User, away: Callable[[Exception | None], None]
    ) -> None:
        away(FULL)
        run(edit_of(alice), Editor([made()])).delete()
        away(None)
        assert save_spooled(lease=LEASE, now=LATER) == 1
        assert spooled() == []

    def test_a_filtered_picture_is_saved_as_withheld(
        self, alice: User, away: Callable[[Exception | None], None]
    ) -> None:
        away(FULL)
        edit = run(edit_of(alice), Editor([stopped(data=picture())]))
        assert edit.status == Status.SAVING
        away(None)
        save_spooled(lease=LEASE, now=LATER)
        edit.refresh_from_db()
        assert (edit.status, edit.result.withheld) == (Status.FILTERED, True)
        assert edit.review is not None

    def test_the_answer_of_a_machine_that_does_not_come_back_is_given_up_after_a_day(
        self, alice: User
    ) -> None:
        edit = edit_of(alice, status=Status.SAVING, now=NOW)
        assert give_up_unsaved(lease=LEASE, now=NOW + timedelta(hours=23)) == 0
        assert give_up_unsaved(lease=LEASE, now=NOW + timedelta(hours=25)) == 1
        edit.refresh_from_db()
        assert (edit.status, edit.reason) == (Status.FAILED, Reason.STORAGE)


class TestKilledWorkers:
    """What a worker that was killed left on its disk."""

    def left_behind(self, alice: User) -> EditRequest:
        """An edit whose worker was killed right after it had spooled the answer."""
        edit = claimed(edit_of(alice))
        spool_answer(edit, verified(made(picture(mark=9))), now=NOW).release()
        return edit

    def test_the_answer_is_recorded_after_the_restart(self, alice: User) -> None:
        edit = self.left_behind(alice)
        assert save_spooled(lease=LEASE, now=LATER) == 1
        edit.refresh_from_db()
        assert edit.status == Status.SUCCEEDED
        assert [(a.fault, a.charged) for a in edit.attempts.all()] == [("", Charged.YES)]

    def test_it_comes_in_time_while_the_edit_waits_to_be_bought_again(self, alice: User) -> None:
        edit = self.left_behind(alice)
        record_interruption(edit, now=LATER, detail="The worker was lost.")
        save_spooled(lease=LEASE, now=LATER)
        edit.refresh_from_db()
        assert (edit.status, edit.last_fault) == (Status.SUCCEEDED, "")
        assert [(a.fault, a.charged, a.status) for a in edit.attempts.all()] == [("", Charged.YES, 200)]
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=LATER) is None

    def test_it_mends_an_edit_that_had_failed(self, alice: User) -> None:
        edit = self.left_behind(alice)
        EditRequest.objects.update(
            status=Status.FAILED, reason=Reason.INTERRUPTED, lease_until=None, finished_at=NOW
        )
        save_spooled(lease=LEASE, now=LATER)
        edit.refresh_from_db()
        assert (edit.status, edit.reason) == (Status.SUCCEEDED, "")

    def test_it_comes_too_late_once_another_call_began(self, alice: User) -> None:
        edit = self.left_behind(alice)
        record_interruption(edit, now=LATER, detail="The worker was lost.")
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=LATER) == edit
        save_spooled(lease=LEASE, now=LATER)
        edit.refresh_from_db()
        assert (edit.status, edit.fence) == (Status.RUNNING, 2)
        assert not ReturnedImage.objects.exists()
        assert spooled() == []
        assert edit.attempts.get(number=1).charged == Charged.YES  # what it cost is known now

    def test_an_answer_that_is_on_record_is_never_asked_for_again(self, alice: User) -> None:
        """The disk with the answer may be another machine's."""
        edit = claimed(edit_of(alice))
        Attempt.objects.update(ended_at=NOW, charged=Charged.YES, status=200)
        record_interruption(edit, now=LATER, detail="The worker was lost.")
        edit.refresh_from_db()
        assert edit.status == Status.SAVING
        assert not retry_edit(edit=edit, now=timezone.now())

    def test_a_second_try_overwrites_what_the_first_one_left(self, alice: User) -> None:
        edit = self.left_behind(alice)
        (kept,) = spooling.spooled_answers()
        put_back(f"{kept.stem}/full.png", kept.outcome.picture.data[:50] if kept.outcome.picture else b"")
        assert saving.save(kept, now=LATER)
        edit.refresh_from_db()
        assert stored(kept.stem) == [edit.result.file.name]
        assert picture_bytes(edit.result.file) == picture(mark=9)

    def test_the_same_answer_recorded_twice_keeps_its_file(self, alice: User) -> None:
        edit = self.left_behind(alice)
        (kept,) = spooling.spooled_answers()
        assert record_outcome(edit, kept.outcome, stem=kept.stem, now=LATER)
        assert saving.save(kept, now=LATER)
        edit.refresh_from_db()
        assert picture_bytes(edit.result.file) == picture(mark=9)


class TestSpool:
    """Files on this machine's disk."""

    def test_only_the_server_may_read_them(self, alice: User) -> None:
        kept = spool_answer(claimed(edit_of(alice)), verified(stopped(data=picture())), now=NOW)
        assert kept.path is not None
        assert stat.S_IMODE(os.stat(kept.path).st_mode) == 0o600
        assert stat.S_IMODE(os.stat(folder()).st_mode) == 0o700
        kept.forget()

    def test_one_that_somebody_works_on_is_left_alone(self, alice: User) -> None:
        kept = spool_answer(claimed(edit_of(alice)), verified(made()), now=NOW)
        assert list(spooling.spooled_answers()) == []
        kept.release()
        assert [again.edit_id for again in spooling.spooled_answers()] == [kept.edit_id]

    def test_what_is_read_again_is_what_was_kept(self, alice: User) -> None:
        outcome = verified(made(seed=None, trace_id="t-1"))
        spool_answer(claimed(edit_of(alice)), outcome, now=NOW).release()
        (again,) = spooling.spooled_answers()
        assert (again.outcome, again.answered_at, again.fence) == (outcome, NOW, 1)
        again.release()

    @pytest.mark.parametrize("left", [b"", b"{}\n", b'{"edit_id": 1', b"\xff\xfe"])
    def test_a_damaged_one_is_set_aside(self, db: None, left: bytes) -> None:
        (folder() / "x-1.answer").write_bytes(left)
        assert list(spooling.spooled_answers()) == []
        assert spooled() == ["x-1.set-aside"]

    def test_what_was_being_written_when_its_worker_was_killed_is_removed(self, db: None) -> None:
        draft = folder() / "x-1.part"
        draft.write_bytes(b"half")
        assert list(spooling.spooled_answers()) == []
        assert spooled() == ["x-1.part"]  # it may be another thread's, in this moment
        os.utime(draft, (0, 0))
        assert list(spooling.spooled_answers()) == []
        assert spooled() == []

    def test_what_was_set_aside_is_deleted_after_thirty_days_and_the_log_says_so(
        self, alice: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        old, young, waits = (answer_file(alice, number) for number in range(3))
        for path in (old, young):
            spooling.put_aside(path)
        os.utime(old.with_suffix(".set-aside"), ((NOW - timedelta(days=31)).timestamp(),) * 2)
        os.utime(waits, (0, 0))  # however old, it is paid and may still be stored
        assert purge_set_aside(now=NOW) == 1
        assert spooled() == sorted([young.with_suffix(".set-aside").name, waits.name])
        assert old.name[:36] in caplog.text
        assert "set-aside deleted" in caplog.text

    def test_the_days_of_what_is_set_aside_begin_then(self, alice: User) -> None:
        path = answer_file(alice, 1)
        os.utime(path, (0, 0))
        spooling.put_aside(path)
        assert purge_set_aside(now=timezone.now()) == 0

    def test_a_decided_review_is_not_opened_again(self, alice: User) -> None:
        edit = filtered_edit_of(alice)
        again = verified(stopped(data=picture()))
        assert not record_outcome(edit, again, stem="quarantine/late", now=timezone.now())
        edit.refresh_from_db()
        assert edit.status == Status.FILTERED
        assert ReturnedImage.objects.get().pk == edit.result.pk
