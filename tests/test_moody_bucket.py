"""A bucket that refuses now and then, breaks off, or does not find at once what it was given.

No result is lost or paid for twice, no thumbnail is half there, and pages stand.
"""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from edits.models import EditRequest, ReturnedImage, Status, Upload, User
from edits.services.calls import saving, spooling
from edits.services.calls.saving import save_spooled
from edits.services.pictures.fsck.check import Census, find_wrong
from edits.services.pictures.renditions import make_missing, make_renditions
from edits.services.pictures.storing import picture_bytes
from tests.conftest import signed_in
from tests.editors import LEASE, NOW, Editor, made, run
from tests.factories import edit_of, picture
from tests.moody_bucket import Moods, moody_bucket
from tests.stored import stored

pytestmark = pytest.mark.servers

AFTER = timedelta(minutes=10)
RENDITIONS = ("thumb_320", "thumb_1024", "change_map")


@pytest.fixture
def moods(settings: Settings) -> Iterator[Moods]:
    """All pictures go to this bucket, as an installation with AWS_STORAGE_BUCKET_NAME has it."""
    name = f"moody-{uuid.uuid4()}"
    with moody_bucket(name) as (url, moods):
        options = {"bucket_name": name, "endpoint_url": url, "region_name": "us-east-1"}
        options |= {"access_key": "key", "secret_key": "secret"}
        backend = {"BACKEND": "tests.moody_bucket.FreshBucket", "OPTIONS": options}
        settings.AWS_STORAGE_BUCKET_NAME, settings.AWS_S3_ENDPOINT_URL = name, url
        settings.STORAGES = settings.STORAGES | {"default": backend}
        yield moods
        for path in spooling.folder().iterdir():
            path.unlink()
        saving.is_blocked.clear()


def results() -> list[str]:
    """What lies in the bucket for the one edit that there is."""
    return [name.rpartition("/")[2].partition(".")[0].partition("_")[0] for name in stored("results")]


def is_whole(edit: EditRequest) -> None:
    """The edit is done, and all that belongs to its picture is there, can be opened, and is not there twice."""
    edit.refresh_from_db()
    found = ReturnedImage.objects.get()
    assert edit.status == Status.SUCCEEDED
    assert sorted(results()) == ["1024", "320", "full", "map"]
    for name in ("file", *RENDITIONS):
        Image.open(BytesIO(picture_bytes(getattr(found, name)))).load()
    assert list(find_wrong(now=NOW + timedelta(days=2), census=Census(), hashes=True)) == []


def pages_stand(owner: User, edit: EditRequest) -> None:
    browser = signed_in(owner)
    for page in ("/", "/history/", "/team/", f"/edits/{edit.public_id}/", f"/?show={edit.public_id}"):
        assert browser.get(page).status_code == 200


def sent_by(owner: User) -> Any:
    """The answer to an edit sent through the studio."""
    image = SimpleUploadedFile("a.png", picture(), "image/png")
    form = {"prompt": "sepia", "submission_key": str(uuid.uuid4()), "image": image}
    return signed_in(owner).post("/", form)


class TestARefusal:
    def test_a_result_waits_until_it_is_taken(self, alice: User, moods: Moods) -> None:
        edit = edit_of(alice)
        moods.refused = {("PUT", "/results/")}
        edit = run(edit, editor := Editor([made(data := picture(mark=5))]))
        assert (edit.status, results()) == (Status.SAVING, [])
        assert save_spooled(lease=LEASE, now=timezone.now() + AFTER) == 0
        pages_stand(alice, edit)
        moods.refused = set()
        assert save_spooled(lease=LEASE, now=timezone.now() + AFTER) == 1
        make_renditions(edit)
        is_whole(edit)
        assert (picture_bytes(edit.result.file), len(editor.calls)) == (data, 1)

    @pytest.mark.parametrize("refused", ["320", "1024", "map"])
    def test_there_is_never_half_a_set_of_thumbnails(self, alice: User, moods: Moods, refused: str) -> None:
        moods.refused = {("PUT", f"/{refused}_")}
        edit = run(edit_of(alice), editor := Editor([made()]))
        assert (edit.status, results()) == (Status.SUCCEEDED, ["full"])
        assert not any(getattr(edit.result, name) for name in RENDITIONS)
        pages_stand(alice, edit)
        moods.refused = set()
        assert make_missing(now=timezone.now() + AFTER) == 1
        is_whole(edit)
        assert len(editor.calls) == 1

    def test_what_cannot_be_deleted_either_goes_later(self, alice: User, moods: Moods) -> None:
        moods.refused = {("PUT", "/map_"), ("DELETE", "/320_"), ("DELETE", "/1024_")}
        edit = edit_of(alice)
        run(edit, Editor([made()]))
        assert sorted(results()) == ["1024", "320", "full"]
        assert not ReturnedImage.objects.get().thumb_320
        moods.refused = set()
        make_missing(now=timezone.now() + AFTER)
        is_whole(edit)

    def test_a_picture_that_it_does_not_take_is_not_taken_in(self, alice: User, moods: Moods) -> None:
        moods.refused = {("PUT", "/uploads/")}
        answer = sent_by(alice)
        assert answer.status_code == 503
        assert "Try again in a moment" in answer.content.decode()
        assert not EditRequest.objects.exists()
        assert not Upload.objects.exists()
        assert stored() == []
        moods.refused = set()
        assert sent_by(alice).status_code == 302

    def test_a_source_that_cannot_be_read_costs_nothing_and_is_tried_again(
        self, alice: User, moods: Moods
    ) -> None:
        edit = edit_of(alice)
        moods.refused = {("GET", "/uploads/")}
        run(edit, editor := Editor([made()]))
        assert (edit.status, editor.calls) == (Status.QUEUED, [])
        pages_stand(alice, edit)
        moods.refused = set()
        assert edit.not_before
        assert run(edit, editor, at=edit.not_before).status == Status.SUCCEEDED
        is_whole(edit)
        assert len(editor.calls) == 1


class TestAPictureThatIsNotFoundYet:
    def test_it_is_sent_once_as_soon_as_it_is_found(self, alice: User, moods: Moods) -> None:
        moods.unseen_reads = 1
        assert sent_by(alice).status_code == 302
        edit = EditRequest.objects.get()
        run(edit, editor := Editor([made()]))
        assert (edit.status, editor.calls) == (Status.QUEUED, [])
        pages_stand(alice, edit)
        assert edit.not_before
        run(edit, editor, at=edit.not_before)
        assert (edit.status, len(editor.calls)) == (Status.SUCCEEDED, 1)

    def test_its_thumbnails_are_made_when_it_is(self, alice: User, moods: Moods) -> None:
        edit = edit_of(alice)
        moods.unseen_reads = 1
        picture_bytes_of_source(edit)
        run(edit, editor := Editor([made()]))
        assert (edit.status, results()) == (Status.SUCCEEDED, ["full"])
        pages_stand(alice, edit)
        assert make_missing(now=timezone.now() + AFTER) == 1
        moods.unseen_reads = 0
        is_whole(edit)
        assert len(editor.calls) == 1

    def test_the_same_picture_sent_again_meanwhile_is_one_picture(self, alice: User, moods: Moods) -> None:
        moods.unseen_reads = 10
        image = picture()
        for _ in range(2):
            form = {"prompt": "sepia", "image": SimpleUploadedFile("a.png", image, "image/png")}
            assert signed_in(alice).post("/", form | {"submission_key": str(uuid.uuid4())}).status_code == 302
        assert len(stored("uploads")) == Upload.objects.count() == 1
        assert EditRequest.objects.count() == 2


class TestOneThatBreaksOff:
    def test_a_result_that_it_took_without_saying_so_is_there_once(self, alice: User, moods: Moods) -> None:
        edit = edit_of(alice)
        moods.unanswered = {("PUT", "/results/")}
        run(edit, editor := Editor([made()]))
        assert edit.status == Status.SAVING
        moods.unanswered = set()
        assert save_spooled(lease=LEASE, now=timezone.now() + AFTER) == 1
        make_renditions(edit)
        is_whole(edit)
        assert len(editor.calls) == 1

    def test_a_source_that_does_not_come_is_not_sent(self, alice: User, moods: Moods) -> None:
        edit = edit_of(alice)
        moods.unanswered = {("GET", "/uploads/")}
        run(edit, editor := Editor([made()]))
        assert (edit.status, editor.calls) == (Status.QUEUED, [])

    def test_half_a_source_is_not_sent(self, alice: User, moods: Moods) -> None:
        edit = edit_of(alice)
        moods.halved = {"/uploads/"}
        run(edit, editor := Editor([made()]))
        assert (edit.status, editor.calls) == (Status.QUEUED, [])

    def test_no_thumbnail_is_made_of_half_a_picture(self, alice: User, moods: Moods) -> None:
        moods.halved = {"/results/"}
        edit = run(edit_of(alice), Editor([made()]))
        assert (edit.status, results()) == (Status.SUCCEEDED, ["full"])
        pages_stand(alice, edit)
        moods.halved = set()
        assert make_missing(now=timezone.now() + AFTER) == 1
        is_whole(edit)


def picture_bytes_of_source(edit: EditRequest) -> None:
    """Read the source until it is found."""
    for _ in range(9):
        try:
            picture_bytes(edit.upload.file)
        except FileNotFoundError:
            continue
        return
