"""Trash, stars and sharing: nothing is deleted by one click, and nobody's things by another's."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from edits.models import EditRequest, Star, Status, Upload, User
from edits.services.curating import trashing
from edits.services.curating.sharing import set_star, share_edit, unshare_edit
from edits.services.curating.trashing import purge_trash, restore_edits, trash_edits
from edits.services.pictures.storing import picture_bytes
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, upload_of
from tests.stored import stored

NOW = timezone.now()
MONTH = timedelta(days=31)


class TestTrash:
    """Thirty days to change one's mind."""

    def test_it_takes_edits_out_of_sight_and_gives_them_back_as_they_were(self, alice: User) -> None:
        edit = finished_edit_of(alice, shared=True)
        assert trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now()) == 1
        assert not EditRequest.objects.not_trashed().exists()
        assert restore_edits(owner=alice, edits=EditRequest.objects.all()) == 1
        edit.refresh_from_db()
        assert edit.status == Status.SUCCEEDED
        assert edit.shared_at

    def test_nobody_can_trash_or_restore_anothers(self, alice: User, bob: User) -> None:
        finished_edit_of(alice)
        assert trash_edits(owner=bob, edits=EditRequest.objects.all(), now=timezone.now()) == 0
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now())
        assert restore_edits(owner=bob, edits=EditRequest.objects.all()) == 0

    @pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
    def test_what_has_not_ended_is_canceled(self, alice: User, status: Status) -> None:
        edit = edit_of(alice, status=status)
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now())
        edit.refresh_from_db()
        assert edit.status == Status.CANCELED

    def test_after_its_days_all_of_it_is_gone(self, alice: User) -> None:
        finished_edit_of(alice)
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=NOW - MONTH)
        assert purge_trash(now=NOW) == 1
        assert not EditRequest.objects.exists()
        assert not Upload.objects.exists()
        assert stored() == []

    def test_what_is_restored_at_the_last_moment_stays(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit = finished_edit_of(alice)
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=NOW - MONTH)
        delete_for_good = trashing._delete_for_good

        def restored_first(old: EditRequest, *, now: datetime) -> None:
            restore_edits(owner=alice, edits=EditRequest.objects.all())
            delete_for_good(old, now=now)

        monkeypatch.setattr(trashing, "_delete_for_good", restored_first)
        purge_trash(now=NOW)
        assert EditRequest.objects.get() == edit
        assert picture_bytes(edit.result.file)

    def test_before_its_days_nothing_is(self, alice: User) -> None:
        finished_edit_of(alice)
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=NOW - timedelta(days=29))
        assert purge_trash(now=NOW) == 0

    def test_a_source_that_another_edit_needs_stays(self, alice: User, bob: User) -> None:
        upload = upload_of()
        edit_of(alice, upload=upload, status=Status.CANCELED)
        edit_of(bob, upload=upload)
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=NOW - MONTH)
        purge_trash(now=NOW)
        assert Upload.objects.get() == upload
        assert len(stored()) == 1

    def test_reruns_and_children_outlive_what_they_came_from(self, alice: User) -> None:
        first = finished_edit_of(alice)
        child = edit_of(alice, parent=first, rerun_of=first)
        trash_edits(owner=alice, edits=EditRequest.objects.filter(pk=first.pk), now=NOW - MONTH)
        purge_trash(now=NOW)
        child.refresh_from_db()
        assert (child.parent, child.rerun_of) == (None, None)


class TestSharing:
    """Only what may be seen can be shown."""

    def test_a_finished_edit_is_shown_without_its_source(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        assert share_edit(edit=edit, now=timezone.now())
        edit.refresh_from_db()
        assert edit.shared_at
        assert not edit.source_is_shared

    def test_the_source_is_shown_if_asked(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        share_edit(edit=edit, with_source=True, now=timezone.now())
        edit.refresh_from_db()
        assert edit.source_is_shared

    def test_sharing_again_keeps_the_first_time(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        share_edit(edit=edit, now=NOW)
        share_edit(edit=edit, with_source=True, now=NOW + MONTH)
        edit.refresh_from_db()
        assert (edit.shared_at, edit.source_is_shared) == (NOW, True)

    def test_filtered_and_unfinished_edits_cannot_be_shared(self, alice: User) -> None:
        assert not share_edit(edit=filtered_edit_of(alice), now=timezone.now())
        for status in (Status.QUEUED, Status.RUNNING, Status.FAILED, Status.CANCELED):
            assert not share_edit(edit=edit_of(alice, status=status), now=timezone.now())
        assert not EditRequest.objects.filter(shared_at__isnull=False).exists()

    def test_unsharing_takes_the_source_back_too(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        share_edit(edit=edit, with_source=True, now=timezone.now())
        assert unshare_edit(edit=edit)
        assert not unshare_edit(edit=edit)
        edit.refresh_from_db()
        assert (edit.shared_at, edit.source_is_shared) == (None, False)


def test_a_star_is_ones_own_and_twice_is_once(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True)
    set_star(edit=edit, user=alice, starred=True, now=timezone.now())
    set_star(edit=edit, user=alice, starred=True, now=timezone.now())
    set_star(edit=edit, user=bob, starred=True, now=timezone.now())
    set_star(edit=edit, user=alice, starred=False, now=timezone.now())
    assert [star.user for star in Star.objects.all()] == [bob]
