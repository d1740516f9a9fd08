"""Staged uploads: stored once, kept while they are used, gone after a day without use, bounded for each person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from edits.images import check_image
from edits.images.errors import BadImage
from edits.model_specs import STEP_1X_EDIT, STEP_IMAGE_EDIT_2
from edits.models import Draft, StagedUpload, Upload, User
from edits.models.staged_uploads import KEPT
from edits.services.pictures import disk_space, staging
from edits.services.pictures.fsck.check import Census, Kind, find_wrong
from edits.services.pictures.orphans import EVERY, FOLDERS, clear_unnamed_uploads
from edits.services.pictures.staging import (
    TooMuchStaged,
    copy_of_any_shape,
    forget,
    forget_stale_uploads,
    stage_upload,
    use_staged,
)
from edits.services.pictures.storing import picture_bytes
from edits.services.pictures.unused_uploads import forget_unused_uploads
from edits.services.queue.sources import Source
from tests.editors import LEASE
from tests.factories import edit_of
from tests.pictures import photo
from tests.stored import stored

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LATER = NOW + KEPT + timedelta(minutes=1)


def stage(owner: User, data: bytes | None = None, *, now: datetime = NOW, **values: Any) -> StagedUpload:
    data = data or photo()
    picture = check_image(data, spec=STEP_1X_EDIT)
    fields = {"name": "harbor.jpg"} | values
    return stage_upload(owner=owner, picture=picture, data=data, now=now, **fields)


def stage_strip(owner: User) -> StagedUpload:
    """One that the model takes in no shape of its own."""
    data = photo(width=400, height=100)
    picture = copy_of_any_shape(data, spec=STEP_1X_EDIT)
    return stage_upload(owner=owner, picture=picture, data=data, name="strip.jpg", needs_shape=True, now=NOW)


class TestStoring:
    """A picture and what has to be known of it."""

    def test_what_fits_is_stored_once_and_without_the_bytes_that_came(self, alice: User) -> None:
        staged = stage(alice, photo(place=True))
        assert not staged.original
        assert stored() == [str(staged.upload.file.name)]

    def test_what_was_scaled_keeps_the_bytes_that_came(self, alice: User) -> None:
        data = photo(width=3000, height=2000)
        staged = stage(alice, data)
        assert (staged.width_px, staged.height_px) == (3000, 2000)
        assert str(staged.original.name).startswith("staged/")
        assert picture_bytes(staged.original) == data

    @pytest.mark.parametrize("width", [320, 1200])
    def test_the_same_file_twice_is_one_row(self, alice: User, width: int) -> None:
        first = stage(alice, photo(width=width, height=width))
        files, later = stored(), NOW + timedelta(hours=1)
        assert stage(alice, photo(width=width, height=width), now=later) == first
        assert stored() == files
        assert StagedUpload.objects.get().used_at == later

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("width", [320, 1200])
    def test_the_same_file_twice_in_the_same_moment_is_one_row(self, alice: User, width: int) -> None:
        def drop(_: int) -> int:
            try:
                return stage(alice, photo(width=width, height=width)).pk
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            assert len(set(pool.map(drop, range(4)))) == 1
        staged = StagedUpload.objects.get()
        named = [str(file.name) for file in (staged.upload.file, staged.original) if file]
        named += [str(staged.kept.file.name)] if staged.kept else []
        assert stored() == sorted(named)

    def test_two_people_share_the_upload_and_nothing_else(self, alice: User, bob: User) -> None:
        mine, his = stage(alice), stage(bob)
        assert mine != his
        assert Upload.objects.get() == mine.upload == his.upload

    def test_what_was_lost_in_the_storage_is_put_back(self, alice: User) -> None:
        staged = stage(alice, photo(width=3000, height=2000))
        for name in stored():
            default_storage.delete(name)
        assert stage(alice, photo(width=3000, height=2000)) == staged
        assert staged.kept
        files = staged.original, staged.upload.file, staged.kept.file
        assert stored() == sorted(str(file.name) for file in files)

    def test_a_full_disk_takes_nothing(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(disk_space, "has_room", lambda: False)
        with pytest.raises(OSError, match="free"):
            stage(alice)
        assert stored() == []
        assert not StagedUpload.objects.exists()

    def test_a_storage_that_fails_half_way_leaves_nothing(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        save = default_storage.save

        def fails(name: str, *more: Any) -> str:
            if name.startswith("staged/"):
                raise OSError("The storage is away")
            return save(name, *more)

        monkeypatch.setattr(default_storage, "save", fails)
        with pytest.raises(OSError, match="away"):
            stage(alice, photo(width=3000, height=2000))
        assert stored() == []
        assert not Upload.objects.exists()


class TestBounds:
    """One person cannot fill the disk, and a day's work does not end at the bound."""

    def test_unused_ones_are_refused_beyond_it(
        self, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(staging, "MOST_PICTURES", 2)
        for seed in (1, 2):
            stage(alice, photo(seed=seed))
        files = stored()
        with pytest.raises(TooMuchStaged):
            stage(alice, photo(seed=3))
        assert stored() == files
        assert stage(bob, photo(seed=3))

    def test_bytes_count_too(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(staging, "MOST_BYTES", len(photo(seed=1)))
        stage(alice, photo(seed=1))
        with pytest.raises(TooMuchStaged):
            stage(alice, photo(seed=2))

    def test_what_an_edit_used_gives_way(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(staging, "MOST_PICTURES", 2)
        used, waiting = stage(alice, photo(seed=1, width=3000, height=2000)), stage(alice, photo(seed=2))
        edit_of(alice, upload=used.upload)
        latest = stage(alice, photo(seed=3))
        assert list(StagedUpload.objects.all()) == [latest, waiting]
        assert str(used.upload.file.name) in stored()
        assert stored("staged") == []

    def test_what_a_draft_names_does_not(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(staging, "MOST_PICTURES", 1)
        used = stage(alice, photo(seed=1))
        edit_of(alice, upload=used.upload)
        Draft.objects.create(owner=alice, changed_at=NOW).staged.add(used)
        with pytest.raises(TooMuchStaged):
            stage(alice, photo(seed=2))


class TestForgetting:
    """A day without use, and it is gone with all its files."""

    def test_what_nobody_used_goes_with_its_files(self, alice: User) -> None:
        stage(alice, photo(width=3000, height=2000))
        assert forget_stale_uploads(lease=LEASE, now=LATER) == 1
        assert stored() == []
        assert not Upload.objects.exists()

    def test_what_was_used_stays_for_another_day(self, alice: User, bob: User) -> None:
        staged = stage(alice)
        ids = [str(staged.public_id)]
        assert use_staged(ids, owner=bob, now=LATER) == 0
        assert use_staged(ids, owner=alice, now=LATER) == 1
        assert forget_stale_uploads(lease=LEASE, now=LATER) == 0

    def test_what_a_draft_names_stays(self, alice: User) -> None:
        Draft.objects.create(owner=alice, changed_at=NOW).staged.add(stage(alice))
        assert forget_stale_uploads(lease=LEASE, now=LATER) == 0
        assert stored()

    def test_what_an_edit_or_somebody_else_uses_keeps_its_upload(self, alice: User, bob: User) -> None:
        edit_of(alice, upload=stage(alice, photo(seed=1)).upload)
        stage(alice, photo(seed=2))
        stage(bob, photo(seed=2), now=LATER)
        assert forget_stale_uploads(lease=LEASE, now=LATER) == 2
        assert Upload.objects.count() == len(stored()) == 2

    def test_what_was_used_since_it_was_read_stays(self, alice: User) -> None:
        staged = stage(alice)
        use_staged([staged.public_id], owner=alice, now=LATER)
        assert not forget(staged)
        assert stored()

    def test_the_round_for_unused_uploads_leaves_staged_ones_alone(self, alice: User) -> None:
        stage(alice)
        assert forget_unused_uploads(lease=LEASE, now=LATER) == 0

    def test_an_original_without_a_row_is_swept_within_a_day(self, alice: User) -> None:
        kept, lost = (
            stage(alice, photo(seed=1, width=3000, height=2000)),
            stage(alice, photo(seed=2, width=3000, height=2000)),
        )
        StagedUpload.objects.filter(pk=lost.pk).delete()
        first = datetime.fromtimestamp(
            LATER.timestamp() // EVERY.total_seconds() * EVERY.total_seconds(), tz=NOW.tzinfo
        )
        for number in range(FOLDERS):
            clear_unnamed_uploads(lease=LEASE, now=first + EVERY * number)
        assert stored("staged") == [str(kept.original.name)]

    def test_check_media_knows_originals(self, alice: User) -> None:
        staged = stage(alice, photo(width=3000, height=2000))
        assert list(find_wrong(now=LATER, census=Census(), hashes=True)) == []
        default_storage.delete(str(staged.original.name))
        (lost,) = find_wrong(now=LATER, census=Census())
        assert (lost.kind, lost.name) == (Kind.MISSING, str(staged.original.name))


class TestFitting:
    """Each model gets what it would have got had the file come with the form."""

    def test_the_copy_is_sent_to_the_model_for_which_it_was_made(self, alice: User) -> None:
        staged = stage(alice, photo(width=3000, height=2000))
        source = Source.of_staged(staged, spec=STEP_1X_EDIT)
        assert source.picture == staged.upload
        assert (source.width_px, source.height_px, source.name) == (3000, 2000, "harbor.jpg")

    def test_a_model_that_takes_more_gets_what_came(self, alice: User) -> None:
        data = photo(width=3000, height=2000)
        picture = Source.of_staged(stage(alice, data), spec=STEP_IMAGE_EDIT_2).picture
        assert picture.sha256 == check_image(data, spec=STEP_IMAGE_EDIT_2).sha256

    def test_a_strip_needs_a_shape_and_then_is_made_of_what_came(self, alice: User) -> None:
        staged = stage_strip(alice)
        with pytest.raises(BadImage) as refused:
            Source.of_staged(staged, spec=STEP_1X_EDIT)
        assert [offer.shape for offer in refused.value.offers] == ["crop", "pad"]
        for shape in ("crop", "pad"):
            picture = Source.of_staged(staged, spec=STEP_1X_EDIT, shape=shape).picture
            expected = check_image(photo(width=400, height=100), spec=STEP_1X_EDIT, shape=shape)
            assert picture.sha256 == expected.sha256

    def test_a_border_is_not_taken_for_a_crop_of_the_same_size(self, alice: User) -> None:
        data = photo(width=4000, height=1000)
        picture = check_image(data, spec=STEP_1X_EDIT, shape="crop")
        staged = stage_upload(owner=alice, picture=picture, data=data, name="a.jpg", shape="crop", now=NOW)
        assert Source.of_staged(staged, spec=STEP_1X_EDIT, shape="crop").picture == staged.upload
        padded = Source.of_staged(staged, spec=STEP_1X_EDIT, shape="pad").picture
        assert padded.sha256 == check_image(data, spec=STEP_1X_EDIT, shape="pad").sha256
