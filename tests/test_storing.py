"""Storing and forgetting: no row without its file, no file without its row, whatever fails in between."""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.db.models import Max
from django.utils import timezone
from PIL.Image import Image

from edits.edit_call import EditOptions
from edits.images import CheckedImage, change_map, check_image
from edits.model_specs import MODEL_SPECS
from edits.models import EditRequest, ReturnedImage, Upload, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.curating.trashing import purge_trash, trash_edits
from edits.services.pictures import disk_space, unused_uploads
from edits.services.pictures.renditions import make_missing, make_renditions
from edits.services.pictures.storing import delete_pictures, keep_only, picture_bytes, store_upload
from edits.services.pictures.unused_uploads import forget_unused_uploads
from edits.services.queue import inserting
from edits.services.queue.submitting import Source, submit_edit
from tests.editors import LEASE
from tests.factories import default_model, edit_of, finished_edit_of, picture, upload_of
from tests.stored import stored

NOW = timezone.now()
LATER = NOW + timedelta(days=2)
TURN = timedelta(seconds=unused_uploads.TURN_SECONDS)
OPTIONS = EditOptions(prompt="sepia", seed=None, steps=28, cfg_scale=6.0, size="512x512")


def checked(mark: int = 1) -> CheckedImage:
    return check_image(picture(mark=mark, width_px=200, height_px=100), spec=MODEL_SPECS["step-1x-edit"])


def forget(now: datetime = LATER) -> int:
    """Until each piece of the table had its turn, however far its keys have come by other tests."""
    last = Upload.objects.aggregate(last=Max("pk"))["last"] or 0
    turns = [now + TURN * number for number in range(last // unused_uploads.PIECE + 1)]
    return sum(forget_unused_uploads(lease=LEASE, now=turn) for turn in turns)


def submit(owner: User, image: CheckedImage) -> EditRequest:
    source = Source.of_upload(image, name="harbor.png")
    return submit_edit(
        model=default_model(),
        owner=owner,
        source=source,
        options=OPTIONS,
        submission_key=uuid.uuid4(),
        now=timezone.now(),
    )


class TestUploads:
    """The hash is the identity."""

    def test_a_known_picture_whose_file_is_gone_is_put_back(self, alice: User) -> None:
        image = checked()
        first = submit(alice, image).upload
        default_storage.delete(str(first.file.name))
        again = store_upload(source=image, now=LATER)
        assert (again.pk, again.file.name) == (first.pk, first.file.name)
        assert hashlib.sha256(picture_bytes(again.file)).hexdigest() == first.sha256
        assert len(stored()) == 1

    def test_a_known_picture_that_is_there_is_not_written_again(self, alice: User) -> None:
        first = submit(alice, checked()).upload
        before = default_storage.get_modified_time(str(first.file.name))
        store_upload(source=checked(), now=NOW)
        assert default_storage.get_modified_time(str(first.file.name)) == before
        assert len(stored()) == 1

    @pytest.mark.parametrize(("writer", "method"), [(Upload, "save"), (EditRequestQuerySet, "bulk_create")])
    def test_a_database_that_is_away_leaves_no_file(
        self, alice: User, monkeypatch: pytest.MonkeyPatch, writer: type, method: str
    ) -> None:
        def away(*_: object, **__: object) -> None:
            raise OperationalError("database is locked")

        monkeypatch.setattr(writer, method, away)
        with pytest.raises(OperationalError):
            submit(alice, checked())
        assert stored() == []
        assert not Upload.objects.exists()

    def test_a_storage_that_is_away_for_a_known_picture_says_so(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        submit(alice, checked())

        def away(_: str) -> bool:
            raise OSError("The bucket cannot be reached")

        monkeypatch.setattr(default_storage, "exists", away)
        with pytest.raises(OSError, match="cannot be reached"):
            submit(alice, checked())
        assert EditRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
class TestForgottenInTheMeantime:
    """Between the look for the upload and the row of the edit."""

    def test_the_picture_is_stored_once_more(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        store_upload(source=checked(), now=NOW).save()
        store = inserting.store_upload
        times: list[int] = []

        def forgotten_once(**given: object) -> Upload:
            upload = store(**given)  # type: ignore[arg-type]
            if not times:
                assert forget() == 1
            times.append(1)
            return upload

        monkeypatch.setattr(inserting, "store_upload", forgotten_once)
        edit = submit(alice, checked())
        assert len(times) == 2
        assert picture_bytes(edit.upload.file) == checked().data
        assert len(stored()) == EditRequest.objects.count() == Upload.objects.count() == 1

    def test_a_source_that_is_nowhere_any_more_is_no_crash(self, alice: User) -> None:
        upload = upload_of()
        Upload.objects.all().delete()
        source = Source(upload, "old.png", 300, 200)
        with pytest.raises(OSError, match="deleted"):
            submit_edit(
                model=default_model(),
                owner=alice,
                source=source,
                options=OPTIONS,
                submission_key=uuid.uuid4(),
                now=timezone.now(),
            )
        assert not EditRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_commit_whose_answer_was_lost_keeps_its_file(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = connection.commit

    def lost() -> None:
        commit()
        raise OperationalError("the connection was lost")

    monkeypatch.setattr(connection, "commit", lost)
    with pytest.raises(OperationalError):
        submit(alice, checked())
    assert [str(Upload.objects.get().file)] == stored()


class TestRoom:
    """A disk that is nearly full belongs to the database and to what is paid already."""

    def test_nothing_is_taken_in_without_room(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(disk_space, "free_bytes", lambda: 0)
        with pytest.raises(OSError, match="FREE_DISK_MEGABYTES"):
            submit(alice, checked())
        assert not Upload.objects.exists()
        assert stored() == []

    def test_what_was_taken_in_before_is_still_found(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit = submit(alice, checked())
        monkeypatch.setattr(disk_space, "free_bytes", lambda: 0)
        source = Source.of_upload(checked(), name="harbor.png")
        again = submit_edit(
            model=default_model(),
            owner=alice,
            source=source,
            options=OPTIONS,
            submission_key=edit.submission_key,
            now=timezone.now(),
        )
        assert again == edit


class TestUnusedUploads:
    """Left by a server that died between the upload and its edit."""

    def test_they_are_forgotten_after_a_day_with_all_their_files(self, db: None) -> None:
        upload = upload_of()
        Upload.objects.update(thumb_320=default_storage.save("uploads/x/320.webp", upload.file))
        assert forget(NOW) == 0
        assert forget() == 1
        assert not Upload.objects.exists()
        assert stored() == []

    def test_those_of_edits_stay_also_in_the_trash(self, alice: User, bob: User) -> None:
        finished_edit_of(alice, trashed_at=NOW)
        edit_of(bob)
        assert forget() == 0
        assert Upload.objects.count() == 2

    def test_one_that_gets_its_edit_in_the_last_moment_stays(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = upload_of()
        take = unused_uploads.take_if_unused

        def used_first(pk: int) -> list[object]:
            edit_of(alice, upload=upload)
            return list(take(pk))

        monkeypatch.setattr(unused_uploads, "take_if_unused", used_first)
        assert forget() == 0
        assert picture_bytes(upload.file)

    def test_each_piece_of_a_large_table_has_its_turn(
        self, db: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(unused_uploads, "PIECE", 3)
        for _ in range(7):
            upload_of()
        forgotten = []
        for number in range(4 * (Upload.objects.latest("pk").pk // 3 + 1)):
            forgotten.append(forget_unused_uploads(lease=LEASE, now=LATER + TURN * number))
        assert max(forgotten) <= 3
        assert sum(forgotten) == 7
        assert not Upload.objects.exists()


class TestDeleting:
    """A file that cannot be deleted holds nothing up."""

    def test_others_are_deleted_all_the_same(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        uploads = [upload_of() for _ in range(3)]
        delete, stubborn = default_storage.delete, str(uploads[0].file.name)

        def fails_once(name: str) -> None:
            if name == stubborn:
                raise OSError("The bucket cannot be reached")
            delete(name)

        monkeypatch.setattr(default_storage, "delete", fails_once)
        delete_pictures(*(upload.file for upload in uploads))
        assert [default_storage.exists(str(upload.file.name)) for upload in uploads] == [True, False, False]

    def test_the_trash_is_emptied_even_so(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        for _ in range(2):
            finished_edit_of(alice)
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=NOW - timedelta(days=31))

        def away(_: str) -> None:
            raise OSError("The bucket cannot be reached")

        monkeypatch.setattr(default_storage, "delete", away)
        assert purge_trash(now=NOW) == 2
        assert not EditRequest.objects.exists()
        assert not Upload.objects.exists()


class TestRenditions:
    """All that a picture needs, or nothing."""

    @pytest.mark.parametrize("works", [0, 1, 2, 3, 4])
    def test_a_storage_that_goes_away_leaves_no_half_set(
        self, alice: User, monkeypatch: pytest.MonkeyPatch, works: int
    ) -> None:
        edit = finished_edit_of(alice)
        before, save = stored(), default_storage.save
        saved: list[str] = []

        def away_after(name: str, content: Any) -> str:
            if len(saved) == works:
                raise OSError("The bucket cannot be reached")
            saved.append(save(name, content))
            return str(saved[-1])

        monkeypatch.setattr(default_storage, "save", away_after)
        make_renditions(edit)
        named = {str(edit.upload.file), str(edit.result.file)}
        for row in (Upload.objects.get(), ReturnedImage.objects.get()):
            assert bool(row.thumb_320) == bool(row.thumb_1024)
            named |= {str(row.thumb_320), str(row.thumb_1024)} - {""}
        assert set(stored()) == named
        assert set(before) < set(stored()) or works < 2

    def test_what_a_killed_maker_left_goes_when_others_are_named(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        sha256 = edit.upload.sha256
        folders = [str(edit.result.file).rpartition("/")[0], f"uploads/{sha256[:2]}/{sha256}"]
        left = [f"{folder}/320.webp" for folder in folders]
        for name in left:
            default_storage.save(name, ContentFile(b"made by somebody who was killed"))
        assert make_renditions(edit)
        named = {str(edit.upload.file), str(edit.result.file)}
        for row in (Upload.objects.get(), ReturnedImage.objects.get()):
            named |= {str(row.thumb_320), str(row.thumb_1024)}
        named.add(str(ReturnedImage.objects.get().change_map))
        assert set(stored()) == named

    def test_only_one_worker_at_a_time_makes_what_is_missing(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finished_edit_of(alice)
        later = timezone.now() + timedelta(minutes=2)
        others: list[int] = []

        def meanwhile(source: Image, result: Image) -> tuple[bytes, float]:
            others.append(make_missing(now=later))
            return change_map(source, result)

        monkeypatch.setattr("edits.services.pictures.renditions.change_map", meanwhile)
        assert make_missing(now=later) == 1
        assert others == [0]

    def test_what_somebody_made_meanwhile_is_not_made_again(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit = finished_edit_of(alice)
        later = timezone.now() + timedelta(minutes=2)
        made: list[set[str]] = []

        def first(key: str, value: bool, timeout: float) -> bool:
            make_renditions(edit)
            made.append(set(stored()))
            return True

        monkeypatch.setattr("edits.services.pictures.renditions.cache.add", first)
        assert make_missing(now=later) == 0
        assert made == [set(stored())]

    def test_a_folder_of_more_than_one_picture_is_left_alone(self) -> None:
        names = [
            default_storage.save(f"uploads/ab/{number}.png", ContentFile(b"picture")) for number in (1, 2)
        ]
        keep_only(names[0])
        assert stored() == sorted(names)


@pytest.mark.django_db
def test_a_picture_can_be_read_more_than_once() -> None:
    upload = upload_of()
    assert picture_bytes(upload.file) == picture_bytes(upload.file)
