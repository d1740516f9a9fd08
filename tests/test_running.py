"""Running: what each answer and each fault of the provider makes of an edit, and what it may have cost."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from edits.models import Attempt, Charged, EditRequest, Provider, Reason, ReturnedImage, Status, User, Verdict
from edits.services.canceling import cancel_edit, retry_edit
from edits.services.claiming import Limits, claim_next
from edits.services.running import run_edit
from edits.services.storing import picture_bytes
from edits.stepfun import (
    GatewayFailed,
    NotAuthorized,
    RateLimited,
    Rejected,
    ResultLost,
    ServerFailed,
    StepFunError,
    Unanswered,
    Unexpected,
    Unreachable,
    UnsafeLink,
    Unusable,
)
from tests.editors import Editor, answer, made, stopped
from tests.factories import edit_of, finished_edit_of, picture, upload_of

LIMITS = Limits(concurrent=5, per_minute=1000, lease=timedelta(seconds=30))
NOW = timezone.now()


def run(edit: EditRequest, editor: Editor, *, at: datetime = NOW) -> EditRequest:
    """Claim and run the next edit, and read the given one again."""
    claimed = claim_next(limits=LIMITS, now=at)
    assert claimed is not None
    run_edit(claimed, client=editor, now=lambda: at)
    edit.refresh_from_db()
    return edit


def run_until_final(edit: EditRequest, editor: Editor) -> int:
    """Go on as the worker would, whenever the edit may be sent; returns the number of calls."""
    at = NOW
    for _ in range(20):
        if not run(edit, editor, at=at).is_active:
            break
        at = max(edit.not_before or at, at)
    return len(editor.calls)


def files(media_root: Path, folder: str) -> list[Path]:
    return [path for path in (media_root / folder).rglob("*") if path.is_file()]


class TestAnswers:
    """Expected outcomes are values."""

    def test_the_stored_bytes_and_parameters_are_sent(self, alice: User) -> None:
        edit = edit_of(alice, seed=5, steps=30, cfg_scale=7.5, size="768x768")
        editor = Editor([made()])
        run(edit, editor)
        (request,) = editor.calls
        assert request["image"] == picture_bytes(edit.upload.file)
        assert (request["prompt"], request["seed"], request["steps"]) == (edit.prompt, 5, 30)
        assert (request["cfg_scale"], request["size"]) == (7.5, "768x768")
        assert (request["filename"], request["content_type"]) == ("source.png", "image/png")

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
        assert edit.result.placeholder.startswith("data:image/webp")
        assert 0 <= (edit.result.changed_share or 0) <= 1

    def test_the_attempt_says_what_it_cost_and_how_to_find_it(self, alice: User) -> None:
        run(edit_of(alice), Editor([made(trace_id="t-9", provider_id="p-9")]))
        attempt = Attempt.objects.get()
        assert (attempt.charged, attempt.status, attempt.fault) == (Charged.YES, 200, "")
        assert (attempt.trace_id, attempt.provider_id, attempt.ended_at) == ("t-9", "p-9", NOW)

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

    def test_a_filtered_picture_is_withheld_apart_and_nothing_is_derived_of_it(
        self, alice: User, media_root: Path
    ) -> None:
        edit = run(edit_of(alice), Editor([stopped(data=picture())]))
        assert edit.status == Status.FILTERED
        assert edit.result.withheld
        assert len(files(media_root, "quarantine")) == 1
        assert files(media_root, "results") == []

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

        monkeypatch.setattr("edits.services.renditions.thumbnail", broken)
        edit = run(edit_of(alice), Editor([made()]))
        assert edit.status == Status.SUCCEEDED
        assert not edit.result.thumb_320


class TestReceipts:
    """A re-run with the same seed proves itself."""

    def rerun(self, alice: User, data: bytes) -> ReturnedImage:
        first = finished_edit_of(alice)
        first.result.file.storage.delete(first.result.file.name)
        first.result.file.storage.save(first.result.file.name, ContentFile(picture(mark=3)))
        again = edit_of(alice, rerun_of=first)
        return run(again, Editor([made(data)])).result

    def test_the_same_bytes_are_identical(self, alice: User) -> None:
        result = self.rerun(alice, picture(mark=3))
        assert (result.receipt, result.similarity) == (Verdict.IDENTICAL, 1.0)

    def test_another_picture_is_different(self, alice: User) -> None:
        result = self.rerun(alice, picture(mark=200))
        assert result.receipt == Verdict.DIFFERENT
        assert (result.similarity or 0) < 1

    def test_an_edit_that_repeats_nothing_has_no_receipt(self, alice: User) -> None:
        assert run(edit_of(alice), Editor([made()])).result.receipt == ""


class TestFaults:
    """The classes of fault: whether it is sent again, and what its owner reads."""

    @pytest.mark.parametrize(
        ("error", "calls", "reason"),
        [
            (Unreachable("refused", cause="refused"), 8, Reason.SERVICE_UNAVAILABLE),
            (ServerFailed("HTTP 503", status=503), 3, Reason.SERVICE_UNAVAILABLE),
            (RateLimited("HTTP 429", status=429), 3, Reason.SERVICE_UNAVAILABLE),
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
        self, alice: User, error: StepFunError, calls: int, reason: Reason
    ) -> None:
        edit = edit_of(alice, queued_at=NOW)
        assert run_until_final(edit, Editor([error])) == calls
        assert (edit.status, edit.reason) == (Status.FAILED, reason)
        assert Attempt.objects.count() == calls
        assert set(Attempt.objects.values_list("charged", flat=True)) == {error.charged}

    @pytest.mark.parametrize("error", [Unreachable("x", cause="name"), ServerFailed("x", status=503)])
    def test_what_was_not_done_is_done_later_with_the_same_seed(
        self, alice: User, error: StepFunError
    ) -> None:
        edit = edit_of(alice)
        editor = Editor([error, made()])
        run_until_final(edit, editor)
        assert edit.status == Status.SUCCEEDED
        assert editor.calls[0] == editor.calls[1]
        assert list(edit.attempts.values_list("number", "fault")) == [(1, error.fault), (2, "")]

    def test_a_refusal_is_told_in_the_providers_words(self, alice: User) -> None:
        error = Rejected("HTTP 400", status=400)
        error.provider_message = "image too strange"
        edit = run(edit_of(alice), Editor([error]))
        assert edit.message == "image too strange"

    def test_it_waits_as_long_as_stepfun_asks_and_so_does_everybody(self, alice: User, bob: User) -> None:
        error = RateLimited("HTTP 429", status=429)
        error.retry_after = 7.0
        edit = run(edit_of(alice), Editor([error]))
        edit_of(bob)
        assert edit.not_before == NOW + timedelta(seconds=7)
        assert claim_next(limits=LIMITS, now=NOW + timedelta(seconds=6)) is None
        assert claim_next(limits=LIMITS, now=NOW + timedelta(seconds=7))

    @pytest.mark.parametrize("asked", [None, 0.0, -5.0])
    def test_without_a_sensible_wait_it_takes_its_own(self, alice: User, asked: float | None) -> None:
        error = RateLimited("HTTP 429", status=429)
        error.retry_after = asked
        edit = run(edit_of(alice), Editor([error]))
        assert edit.not_before is not None
        assert timedelta(seconds=1) <= edit.not_before - NOW <= timedelta(seconds=60)

    @pytest.mark.parametrize("status", [401, 402, 403, 404])
    def test_a_fault_of_the_account_holds_the_queue_and_uses_nothing_up(
        self, alice: User, status: int
    ) -> None:
        edit = edit_of(alice)
        for _ in range(19):
            edit_of(alice)
        editor = Editor([NotAuthorized(f"HTTP {status}", status=status)])
        run(edit, editor)
        assert edit.status == Status.QUEUED
        provider = Provider.objects.get()
        assert provider.held_since == NOW
        assert f"HTTP {status}" in provider.held_reason
        assert claim_next(limits=LIMITS, now=NOW + timedelta(seconds=299)) is None
        assert len(editor.calls) == 1

    def test_a_probe_that_works_opens_the_queue_again(self, alice: User) -> None:
        edit = edit_of(alice)
        run(edit, Editor([NotAuthorized("HTTP 401", status=401)]))
        run(edit, Editor([made()]), at=NOW + timedelta(minutes=5))
        assert edit.status == Status.SUCCEEDED
        provider = Provider.objects.get()
        assert (provider.held_since, provider.held_reason) == (None, "")

    def test_a_bad_certificate_holds_the_queue_too(self, alice: User) -> None:
        edit = run(edit_of(alice), Editor([Unreachable("self-signed", cause="tls")]))
        assert edit.status == Status.QUEUED
        assert Provider.objects.get().held_since


class TestWhatHappensMeanwhile:
    """The row may change while the call runs."""

    def test_a_canceled_edit_stays_canceled_and_its_answer_is_thrown_away(
        self, alice: User, media_root: Path
    ) -> None:
        edit = edit_of(alice)
        editor = Editor([made()], while_running=lambda: cancel_edit(edit=edit))  # type: ignore[arg-type,return-value]
        run(edit, editor)
        assert edit.status == Status.CANCELED
        assert not ReturnedImage.objects.exists()
        assert files(media_root, "results") == []

    def test_a_worker_that_comes_too_late_changes_nothing(self, alice: User, media_root: Path) -> None:
        edit = edit_of(alice)

        def take_over() -> None:
            EditRequest.objects.running().update(fence=2)

        run(edit, Editor([made()], while_running=take_over))
        assert (edit.status, edit.fence) == (Status.RUNNING, 2)
        assert files(media_root, "results") == []

    def test_a_defect_of_ours_is_an_interruption_and_the_second_one_is_final(self, alice: User) -> None:
        edit = edit_of(alice)
        editor = Editor([RuntimeError("defect")])
        run(edit, editor)
        assert (edit.status, edit.last_fault) == (Status.QUEUED, "C")
        run(edit, editor)
        assert (edit.status, edit.reason) == (Status.FAILED, Reason.INTERRUPTED)
        assert [attempt.charged for attempt in edit.attempts.all()] == [Charged.MAYBE, Charged.MAYBE]

    def test_a_failed_edit_can_be_tried_again_with_the_same_seed(self, alice: User) -> None:
        edit = run(edit_of(alice, seed=31), Editor([Unanswered("no answer")]))
        later = NOW + timedelta(minutes=1)
        assert retry_edit(edit=edit, now=later)
        editor = Editor([made()])
        run(edit, editor, at=later)
        assert edit.status == Status.SUCCEEDED
        assert editor.calls[0]["seed"] == 31
        assert edit.attempts_made == 2

    def test_an_edit_that_waits_can_be_sent_now(self, alice: User) -> None:
        edit = edit_of(alice, not_before=NOW + timedelta(hours=1))
        assert retry_edit(edit=edit)
        edit.refresh_from_db()
        assert edit.not_before is None

    @pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.SUCCEEDED, Status.FILTERED])
    def test_nothing_else_can_be_tried_again(self, alice: User, status: Status) -> None:
        assert not retry_edit(edit=edit_of(alice, status=status))

    @pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FILTERED, Status.FAILED, Status.CANCELED])
    def test_what_has_ended_cannot_be_canceled(self, alice: User, status: Status) -> None:
        assert not cancel_edit(edit=edit_of(alice, status=status))


def test_the_source_of_two_edits_gets_its_thumbnails_once(alice: User, media_root: Path) -> None:
    upload = upload_of()
    for _ in range(2):
        run(edit_of(alice, upload=upload), Editor([made()]))
    assert len(files(media_root, "uploads")) == 3
