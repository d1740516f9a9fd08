"""Decisions about stopped edits, what they move, and how they are taken back."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL.Image import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from edits.models import Decision, EditRequest, ReviewCase, Role, Status, Upload, User
from edits.services import reviewing
from edits.services.curating.sharing import share_edit
from edits.services.pictures import renditions
from edits.services.pictures.renditions import make_missing
from edits.services.queue.canceling import retry_edit
from tests.conftest import person
from tests.factories import filtered_edit_of
from tests.reviews import NOW, SOON, kept_hidden, kinds, released
from tests.stored import stored


@pytest.fixture
def case(alice: User) -> ReviewCase:
    """Alice's edit, stopped after a picture was made."""
    return filtered_edit_of(alice, now=NOW).review


@pytest.fixture
def mina(db: None) -> User:
    """A second reviewer."""
    return person("mina", Role.REVIEWER)


class TestReleasing:
    def test_the_author_gets_the_picture_and_nobody_else(
        self, case: ReviewCase, alice: User, bob: User, rita: User
    ) -> None:
        assert released(case, rita).done
        edit = EditRequest.objects.get(pk=case.edit_id)
        assert (edit.status, edit.shared_at, edit.result.withheld) == (Status.SUCCEEDED, None, False)
        assert not EditRequest.objects.visible_to(bob).exists()
        assert not EditRequest.objects.visible_to(rita).exists()

    def test_the_picture_leaves_quarantine_with_the_same_bytes(
        self, case: ReviewCase, rita: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        before = case.edit.result.file
        data = before.read()
        with django_capture_on_commit_callbacks(execute=True):
            assert released(case, rita).done
        after = EditRequest.objects.get(pk=case.edit_id).result.file
        assert str(before).startswith("quarantine/")
        assert str(after).startswith("results/")
        assert after.read() == data
        assert not default_storage.exists(str(before))

    def test_the_quarantined_file_stays_until_the_decision_is_committed(
        self, case: ReviewCase, rita: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        with django_capture_on_commit_callbacks(execute=False):
            assert released(case, rita).done
        assert default_storage.exists(str(case.edit.result.file))

    def test_a_worker_is_woken_to_make_its_thumbnails(
        self,
        case: ReviewCase,
        rita: User,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        woken: list[bool] = []
        monkeypatch.setattr("edits.services.transitions.notify_worker", lambda: woken.append(True))
        with django_capture_on_commit_callbacks(execute=True):
            assert released(case, rita).done
        assert woken == [True]

    def test_the_provider_s_finish_reason_is_not_rewritten(self, case: ReviewCase, rita: User) -> None:
        released(case, rita)
        assert EditRequest.objects.get(pk=case.edit_id).result.finish_reason == "content_filtered"

    def test_without_a_picture_there_is_nothing_to_release(self, alice: User, rita: User) -> None:
        case = filtered_edit_of(alice, with_picture=False).review
        outcome = released(case, rita)
        assert not outcome.done
        assert outcome.sentence == "No picture came back, so there is none to release."
        assert EditRequest.objects.get(pk=case.edit_id).status == Status.FILTERED

    def test_a_storage_that_is_down_decides_nothing(
        self, case: ReviewCase, rita: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object, **__: object) -> str:
            raise OSError("No space left on device")

        monkeypatch.setattr("edits.services.reviewing.quarantine.save_picture", full)
        with pytest.raises(OSError):
            released(case, rita)
        assert ReviewCase.objects.get(pk=case.pk).decision == ""
        assert stored("results") == []

    def test_who_comes_second_leaves_no_copy_behind(self, case: ReviewCase, rita: User, mina: User) -> None:
        kept_hidden(case, rita)
        assert not released(case, mina).done
        assert stored("results") == []
        assert EditRequest.objects.get(pk=case.edit_id).result.withheld


class TestKeepingHiddenAndDismissing:
    def test_keeping_it_hidden_changes_the_case_alone(self, case: ReviewCase, rita: User) -> None:
        assert kept_hidden(case, rita).done
        case.refresh_from_db()
        assert (case.decision, case.reason, case.decided_by) == (
            Decision.KEPT_HIDDEN,
            "A real person.",
            rita,
        )
        edit = EditRequest.objects.get(pk=case.edit_id)
        assert (edit.status, edit.result.withheld) == (Status.FILTERED, True)

    def test_dismissing_needs_no_reason(self, case: ReviewCase, rita: User) -> None:
        assert reviewing.dismiss(case=case, reviewer=rita, now=SOON).done
        assert ReviewCase.objects.get(pk=case.pk).author_reads == "A reviewer closed this without a comment."

    def test_a_decision_ends_the_claim(self, case: ReviewCase, rita: User) -> None:
        reviewing.claim_case(case=case, reviewer=rita, now=NOW)
        kept_hidden(case, rita)
        case.refresh_from_db()
        assert (case.claimed_by, case.claimed_until) == (None, None)

    def test_a_hidden_edit_cannot_be_run_again_or_shared(self, case: ReviewCase, rita: User) -> None:
        kept_hidden(case, rita)
        assert not share_edit(edit=case.edit, now=timezone.now())
        assert not retry_edit(edit=case.edit, now=timezone.now())


class TestUndoing:
    def test_a_release_is_undone_with_everything_that_followed_from_it(
        self, case: ReviewCase, rita: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        data = case.edit.result.file.read()
        with django_capture_on_commit_callbacks(execute=True):
            released(case, rita)
        result = EditRequest.objects.get(pk=case.edit_id).result
        result.thumb_320.save("results/x/320.webp", ContentFile(b"small"), save=False)
        result.thumb_1024.save("results/x/1024.webp", ContentFile(b"larger"), save=False)
        result.placeholder = "data:image/webp;base64,AAAA"
        result.save(update_fields=["thumb_320", "thumb_1024", "placeholder"])
        assert share_edit(edit=case.edit, with_source=True, now=timezone.now())

        with django_capture_on_commit_callbacks(execute=True):
            assert reviewing.undo_decision(case=case, reviewer=rita, now=SOON + timedelta(seconds=9))

        edit = EditRequest.objects.get(pk=case.edit_id)
        assert (edit.status, edit.shared_at, edit.source_is_shared) == (Status.FILTERED, None, False)
        assert edit.result.withheld
        assert str(edit.result.file).startswith("quarantine/")
        assert edit.result.file.read() == data
        assert (edit.result.thumb_320, edit.result.thumb_1024, edit.result.placeholder) == ("", "", "")
        for gone in (result.file, result.thumb_320, result.thumb_1024):
            assert not default_storage.exists(str(gone))

    def test_the_case_is_the_reviewer_s_again(self, case: ReviewCase, rita: User) -> None:
        kept_hidden(case, rita)
        assert reviewing.undo_decision(case=case, reviewer=rita, now=SOON)
        case.refresh_from_db()
        assert (case.decision, case.reason, case.claimed_by) == ("", "", rita)
        assert kinds(case) == ["stopped", "kept_hidden", "undone"]

    def test_it_is_too_late_after_ten_seconds_and_the_way_of_the_request(
        self, case: ReviewCase, rita: User
    ) -> None:
        kept_hidden(case, rita)
        assert not reviewing.undo_decision(case=case, reviewer=rita, now=SOON + timedelta(seconds=16))
        assert ReviewCase.objects.get(pk=case.pk).decision == Decision.KEPT_HIDDEN

    def test_nobody_undoes_for_another(self, case: ReviewCase, rita: User, mina: User) -> None:
        released(case, rita)
        assert not reviewing.undo_decision(case=case, reviewer=mina, now=SOON)
        assert not EditRequest.objects.get(pk=case.edit_id).result.withheld

    def test_what_is_not_decided_cannot_be_undone(self, case: ReviewCase, rita: User) -> None:
        assert not reviewing.undo_decision(case=case, reviewer=rita, now=SOON)

    def test_twice_is_once(self, case: ReviewCase, rita: User) -> None:
        released(case, rita)
        assert reviewing.undo_decision(case=case, reviewer=rita, now=SOON)
        assert not reviewing.undo_decision(case=case, reviewer=rita, now=SOON)
        assert kinds(case) == ["stopped", "released", "undone"]


class TestThumbnailsAfterwards:
    @pytest.fixture
    def old_case(self, alice: User) -> ReviewCase:
        """Of an edit that was stopped two days ago."""
        return filtered_edit_of(alice, now=NOW - timedelta(days=2)).review

    def test_the_sweep_makes_them_however_old_the_edit(self, old_case: ReviewCase, rita: User) -> None:
        assert make_missing(now=SOON) == 0, "a withheld picture gets none"
        released(old_case, rita)
        assert make_missing(now=SOON) == 1
        assert EditRequest.objects.get(pk=old_case.edit_id).result.thumb_320

    def test_none_stay_when_the_release_is_undone_while_they_are_made(
        self, old_case: ReviewCase, rita: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = renditions.small_source

        def undo(upload: Upload) -> Image:
            assert reviewing.undo_decision(case=old_case, reviewer=rita, now=SOON)
            return source(upload)

        released(old_case, rita)
        monkeypatch.setattr(renditions, "small_source", undo)
        assert make_missing(now=SOON) == 0
        assert [name for name in stored("results") if "/full" not in name] == []
