"""Running: what each answer and each fault of the provider makes of an edit, and what it may have cost."""

from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError, connection
from django.utils import timezone

from edits.edit_call import EditOptions, Picture
from edits.models import Attempt, Charged, EditRequest, Reason, ReturnedImage, Status, User, Verdict
from edits.providers import Unanswered
from edits.providers.answers import MOST_ID_CHARS
from edits.services.calls import running
from edits.services.calls.spooling import SpooledAnswer, spool_answer
from edits.services.pictures.storing import picture_bytes
from edits.services.queue.canceling import cancel_edit, retry_edit
from edits.services.queue.claiming import claim_next
from tests.editors import LEASE, LIMITS, NOW, Editor, answer, made, run, run_until_final, stopped
from tests.factories import edit_of, finished_edit_of, picture, upload_of
from tests.stored import stored


class TestAnswers:
    """Expected outcomes are values."""

    def test_the_stored_bytes_and_parameters_are_sent(self, alice: User) -> None:
        edit = edit_of(alice, seed=5, steps=30, cfg_scale=7.5, size="768x768")
        editor = Editor([made()])
        run(edit, editor)
        (call,) = editor.calls
        assert call.options == EditOptions(edit.prompt, 5, 30, 7.5, "768x768")
        assert call.pictures == (Picture(picture_bytes(edit.upload.file), "source.png", "image/png"),)

    def test_a_picture_makes_it_done(self, alice: User) -> None:
        data = picture(width_px=640, height_px=480)
        edit = run(edit_of(alice), Editor([made(data, seed=77120)]))
        assert (edit.status, edit.finished_at, edit.lease_until) == (Status.SUCCEEDED, NOW, None)
        result = edit.result
        assert picture_bytes(result.file) == data
        assert (result.width_px, result.height_px, result.format) == (640, 480, "PNG")
        assert (result.seed_used, result.withheld) == (77120, False)

    def test_what_pages_show_is_ready_with_it(self, alice: User) -> None:
        edit = run(edit_of(alice), Editor([made()]))
        for file in (
            edit.result.thumb_320,
            edit.result.thumb_1024,
            edit.upload.thumb_320,
            edit.result.change_map,
        ):
            assert picture_bytes(file)
            assert str(file.name).endswith(".jpg" if file == edit.result.thumb_1024 else ".webp")
        assert edit.result.placeholder.startswith("data:image/webp")
        assert 0 <= (edit.result.changed_share or 0) <= 1

    def test_the_attempt_says_what_it_cost_and_how_to_find_it(self, alice: User) -> None:
        run(edit_of(alice), Editor([made(trace_id="t-9", provider_id="p-9")]))
        attempt = Attempt.objects.get()
        assert (attempt.charged, attempt.status, attempt.fault) == (Charged.YES, 200, "")
        assert (attempt.trace_id, attempt.provider_id, attempt.ended_at) == ("t-9", "p-9", NOW)

    @pytest.mark.parametrize("name", ["trace_id", "provider_id"])
    def test_the_longest_id_that_is_kept_fits_its_column(self, name: str) -> None:
        assert getattr(Attempt._meta.get_field(name), "max_length", 0) == MOST_ID_CHARS

    def test_a_seed_that_is_not_confirmed_does_not_fail_a_paid_edit(self, alice: User) -> None:
        edit = run(edit_of(alice, seed=9), Editor([made(seed=None)]))
        assert edit.status == Status.SUCCEEDED
        assert edit.seed_to_repeat == 9

    def test_another_seed_is_stored_beside_the_one_sent(self, alice: User) -> None:
        edit = run(edit_of(alice, seed=123), Editor([made(seed=124)]))
        assert (edit.seed, edit.result.seed_used, edit.seed_to_repeat) == (123, 124, 124)

    def test_a_refused_request_is_filtered_and_free(self, alice: User) -> None:
        edit = run(edit_of(alice), Editor([stopped(stage="request")]))
        assert (edit.status, edit.filtered_at_stage) == (Status.FILTERED, "request")
        assert edit.review.decision == ""
        assert not ReturnedImage.objects.exists()
        assert Attempt.objects.get().charged == Charged.NO

    def test_a_filtered_picture_is_withheld_apart_and_nothing_is_derived_of_it(self, alice: User) -> None:
        edit = run(edit_of(alice), Editor([stopped(data=picture())]))
        assert edit.status == Status.FILTERED
        assert edit.result.withheld
        assert len(stored("quarantine")) == 1
        assert stored("results") == []

    @pytest.mark.parametrize("data", [None, b"", b"not a picture"])
    def test_filtered_without_a_readable_picture_is_filtered_all_the_same(
        self, alice: User, data: bytes | None
    ) -> None:
        edit = run(edit_of(alice), Editor([stopped(data=data)]))
        assert edit.status == Status.FILTERED
        assert not ReturnedImage.objects.exists()

    @pytest.mark.parametrize("data", [b"<svg/>", b"", picture()[:100]])
    def test_a_success_that_is_no_picture_fails_and_is_not_bought_again(
        self, alice: User, data: bytes
    ) -> None:
        edit = edit_of(alice)
        calls = run_until_final(edit, Editor([answer(image=data)]))
        assert (edit.status, edit.reason, calls) == (Status.FAILED, Reason.BAD_RESULT, 1)
        assert Attempt.objects.get().charged == Charged.YES

    def test_a_thumbnail_that_fails_does_not_cost_the_result(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> bytes:
            raise OSError("thumbnailer")

        monkeypatch.setattr("edits.services.pictures.renditions.thumbnail", broken)
        edit = run(edit_of(alice), Editor([made()]))
        assert edit.status == Status.SUCCEEDED
        assert not edit.result.thumb_320


class TestReceipts:
    """A re-run with the same seed proves itself."""

    def rerun(self, alice: User, data: bytes) -> ReturnedImage:
        first = finished_edit_of(alice)
        first.result.file.save("results/known.png", ContentFile(picture(mark=3)))
        again = edit_of(alice, rerun_of=first)
        return run(again, Editor([made(data)])).result

    def test_the_same_bytes_are_identical(self, alice: User) -> None:
        result = self.rerun(alice, picture(mark=3))
        assert (result.receipt, result.similarity) == (Verdict.IDENTICAL, 1.0)

    def test_another_picture_is_different(self, alice: User) -> None:
        result = self.rerun(alice, picture(mark=200))
        assert result.receipt == Verdict.DIFFERENT
        assert (result.similarity or 0) < 1

    def test_a_first_picture_that_was_damaged_does_not_cost_the_result(self, alice: User) -> None:
        first = finished_edit_of(alice)
        first.result.file.save("results/damaged.png", ContentFile(b"damaged"))
        again = run(edit_of(alice, rerun_of=first), Editor([made()]))
        assert (again.status, again.result.receipt) == (Status.SUCCEEDED, "")

    def test_an_edit_that_repeats_nothing_has_no_receipt(self, alice: User) -> None:
        assert run(edit_of(alice), Editor([made()])).result.receipt == ""


class TestWhatHappensMeanwhile:
    """The row may change while the call runs."""

    def test_a_canceled_edit_stays_canceled_and_its_answer_is_thrown_away(self, alice: User) -> None:
        edit = edit_of(alice)
        editor = Editor([made()], while_running=lambda: cancel_edit(edit=edit, now=timezone.now()))  # type: ignore[arg-type]
        run(edit, editor)
        assert edit.status == Status.CANCELED
        assert not ReturnedImage.objects.exists()
        assert stored("results") == []

    def test_a_worker_that_comes_too_late_changes_nothing(self, alice: User) -> None:
        edit = edit_of(alice)

        def take_over() -> None:
            EditRequest.objects.running().update(fence=2)

        run(edit, Editor([made()], while_running=take_over))
        assert (edit.status, edit.fence) == (Status.RUNNING, 2)
        assert stored("results") == []

    def test_a_defect_of_ours_is_an_interruption_and_the_second_one_is_final(self, alice: User) -> None:
        edit = edit_of(alice)
        editor = Editor([RuntimeError("defect")])
        run(edit, editor)
        assert (edit.status, edit.last_fault) == (Status.QUEUED, "no_answer")
        run(edit, editor)
        assert (edit.status, edit.reason) == (Status.FAILED, Reason.INTERRUPTED)
        assert [attempt.charged for attempt in edit.attempts.all()] == [Charged.MAYBE, Charged.MAYBE]

    def test_a_source_that_cannot_be_read_costs_nothing_and_is_tried_later(self, alice: User) -> None:
        edit, editor = edit_of(alice), Editor([made()])
        edit.upload.file.storage.delete(str(edit.upload.file.name))
        run(edit, editor)
        assert (edit.status, edit.last_fault, editor.calls) == (Status.QUEUED, "storage", [])
        assert edit.not_before is not None
        assert edit.not_before > NOW
        assert Attempt.objects.get().charged == Charged.NO

    def test_a_failed_edit_can_be_tried_again_with_the_same_seed(self, alice: User) -> None:
        edit = run(edit_of(alice, seed=31), Editor([Unanswered("no answer")]))
        later = NOW + timedelta(minutes=1)
        assert retry_edit(edit=edit, now=later)
        editor = Editor([made()])
        run(edit, editor, at=later)
        assert edit.status == Status.SUCCEEDED
        assert editor.calls[0].options.seed == 31
        assert edit.attempts_made == 2

    def test_an_edit_that_waits_can_be_sent_now(self, alice: User) -> None:
        edit = edit_of(alice, not_before=NOW + timedelta(hours=1))
        assert retry_edit(edit=edit, now=timezone.now())
        edit.refresh_from_db()
        assert edit.not_before is None

    @pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.SUCCEEDED, Status.FILTERED])
    def test_nothing_else_can_be_tried_again(self, alice: User, status: Status) -> None:
        assert not retry_edit(edit=edit_of(alice, status=status), now=timezone.now())

    @pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FILTERED, Status.FAILED, Status.CANCELED])
    def test_what_has_ended_cannot_be_canceled(self, alice: User, status: Status) -> None:
        assert not cancel_edit(edit=edit_of(alice, status=status), now=timezone.now())


def test_the_source_of_two_edits_gets_its_thumbnails_once(alice: User) -> None:
    upload = upload_of()
    for _ in range(2):
        run(edit_of(alice, upload=upload), Editor([made()]))
    assert len(stored("uploads")) == 3


def test_a_database_that_is_away_before_the_call_costs_nothing(alice: User) -> None:
    def away(_: EditRequest) -> Editor:
        raise OperationalError("the database is away")

    edit = edit_of(alice)
    claimed = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
    assert claimed == edit
    running.run_edit(claimed, client_for=away, now=lambda: NOW)
    edit.refresh_from_db()
    assert (edit.status, edit.last_fault) == (Status.QUEUED, "storage")
    assert Attempt.objects.get().charged == Charged.NO


def test_nothing_is_asked_of_the_database_between_a_paid_answer_and_the_disk(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage = ExitStack()

    def refuse(*_: object) -> None:
        raise OperationalError("the database is away")

    def begin() -> None:
        outage.enter_context(connection.execute_wrapper(refuse))

    def keep_and_end(*args: Any, **fields: Any) -> SpooledAnswer:
        kept = spool_answer(*args, **fields)
        outage.close()
        return kept

    monkeypatch.setattr(running, "spool_answer", keep_and_end)
    editor = Editor([made()], while_running=begin)
    with outage:
        edit = run(edit_of(alice), editor)
    assert (edit.status, len(editor.calls)) == (Status.SUCCEEDED, 1)
    assert Attempt.objects.get().charged == Charged.YES
