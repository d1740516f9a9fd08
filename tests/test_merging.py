"""Merged pictures: made by the worker beside the answer, never instead of it, and never of what a filter stopped."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image, ImageChops, ImageDraw

from edits.edit_call import EditOptions
from edits.images import check_image, encoding
from edits.images.originals import original_of
from edits.images.regions import region_of
from edits.model_specs import STEP_1X_EDIT
from edits.models import EditRequest, MergedPicture, MergeKind, MergeRefusal, MergeState, Upload, User
from edits.services.curating.trashing import purge_trash
from edits.services.pictures.fsck.check import Census, Kind, find_wrong
from edits.services.pictures.fsck.repair import repair
from edits.services.pictures.merging import ask_to_keep_detail, due, merge_edit, merge_missing
from edits.services.pictures.storing import picture_bytes
from edits.services.queue.sources import Source, expected_merge_of, region_in
from edits.services.queue.submitting import rerun_edit, submit_edit
from edits.services.reviewing.deciding import release
from tests.editors import Editor, made, run, stopped
from tests.factories import default_model
from tests.pictures import opened
from tests.query_plans import plan_of
from tests.stored import stored
from tests.synthetic_photos import photo_like

NOW = timezone.now()
LARGE = (1600, 1200)
BOX = (500, 400, 760, 620)


@pytest.fixture(scope="module")
def photo() -> bytes:
    return encoding.jpeg(photo_like(5, size=LARGE))


def submit(
    owner: User, data: bytes, *, box: tuple[int, int, int, int] | None = BOX, keeps_detail: bool = False
) -> EditRequest:
    """An edit of a large photo, or only of a part of it."""
    source = Source.of_upload(check_image(data, spec=STEP_1X_EDIT), name="harbor.jpg", data=data)
    if box:
        source = source.around(region_of(box, size=LARGE, spec=STEP_1X_EDIT), paint=None, spec=STEP_1X_EDIT)
    elif keeps_detail:
        source = Source(**(vars(source) | {"keeps_detail": True}))
    return submit_edit(
        owner=owner,
        model=default_model(),
        source=source,
        options=EditOptions("make the boat blue", 7, 28, 6.0, "512x512"),
        submission_key=uuid.uuid4(),
        now=NOW,
    )


def answer_to(
    edit: EditRequest, *, painted: tuple[float, float, float, float] = (0.4, 0.4, 0.6, 0.6)
) -> bytes:
    """What a model returns: the picture that was sent with a blue thing in it."""
    sent = opened(picture_bytes(edit.upload.file)).convert("RGB")
    width, height = sent.size
    left, top, right, bottom = painted
    box = (left * width, top * height, right * width, bottom * height)
    ImageDraw.Draw(sent).rectangle(box, fill=(20, 40, 220))
    return encoding.png(sent)


def done(edit: EditRequest, data: bytes | None = None) -> EditRequest:
    return run(edit, Editor([made(data or answer_to(edit))]))


def merged_in(edit: EditRequest) -> MergedPicture:
    merge_edit(edit, now=NOW)
    return MergedPicture.objects.get(edit=edit)


def test_the_answer_to_a_region_is_put_into_the_original(alice: User, photo: bytes) -> None:
    edit = submit(alice, photo)
    assert (edit.upload.width_px, edit.upload.height_px) != LARGE
    assert edit.original is not None
    assert picture_bytes(edit.original.file) == photo
    edit = done(edit)
    answer = picture_bytes(edit.result.file)
    merged = merged_in(edit)
    assert (merged.kind, merged.state) == (MergeKind.REGION, MergeState.READY)
    assert (merged.width_px, merged.height_px) == LARGE
    before, after = opened(photo).convert("RGB"), opened(picture_bytes(merged.file))
    region = region_in(merged)
    assert region is not None
    reach = region.feather_px
    changed = ImageChops.difference(before, after).getbbox()
    assert changed is not None
    assert BOX[0] - reach <= changed[0] < changed[2] <= BOX[2] + reach
    assert BOX[1] - reach <= changed[1] < changed[3] <= BOX[3] + reach
    assert picture_bytes(edit.result.file) == answer
    assert merged.thumb_320
    assert merged.thumb_1024


@pytest.mark.slow
def test_detail_is_kept_where_it_was_asked_for(alice: User, photo: bytes) -> None:
    edit = done(submit(alice, photo, box=None, keeps_detail=True))
    merged = merged_in(edit)
    assert (merged.kind, merged.state, merged.region) == (MergeKind.DETAIL, MergeState.READY, None)
    assert 0.02 < (merged.changed_share or 0) < 0.1
    other = done(submit(alice, photo, box=None))
    assert not MergedPicture.objects.filter(edit=other).exists()
    assert ask_to_keep_detail(other, now=NOW)
    other = EditRequest.objects.get(pk=other.pk)
    assert not ask_to_keep_detail(other, now=NOW)
    assert merge_missing(lease=timedelta(), now=NOW) == 1
    assert MergedPicture.objects.get(edit=other).is_ready


def test_a_small_picture_has_no_original(alice: User) -> None:
    small = encoding.jpeg(photo_like(5, size=(640, 480)))
    edit = done(submit(alice, small, box=None, keeps_detail=True))
    assert edit.original is None
    assert not MergedPicture.objects.exists()
    assert not ask_to_keep_detail(edit, now=NOW)


def test_one_that_does_not_fit_is_refused_and_its_answer_stays(alice: User, photo: bytes) -> None:
    edit = submit(alice, photo)
    edit = done(edit, encoding.png(photo_like(9, size=(512, 512))))
    merged = merged_in(edit)
    assert (merged.state, merged.refusal) == (MergeState.REFUSED, MergeRefusal.ALIGNMENT)
    assert default_storage.exists(str(edit.result.file))
    assert merge_missing(lease=timedelta(), now=NOW + timedelta(days=1)) == 0


def test_the_refusal_says_that_the_original_is_gone(alice: User, photo: bytes) -> None:
    edit = done(submit(alice, photo))
    assert edit.original is not None
    default_storage.delete(str(edit.original.file))
    assert merged_in(edit).refusal == MergeRefusal.ORIGINAL_GONE


def test_a_storage_that_is_away_is_tried_again_later(
    alice: User, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = done(submit(alice, photo))

    def away(*_: object, **__: object) -> str:
        raise OSError("The storage does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(default_storage, "save", away)
        assert merged_in(edit).state == MergeState.WAITING
    assert merge_missing(lease=timedelta(), now=NOW) == 0
    assert merge_missing(lease=timedelta(), now=NOW + timedelta(minutes=2)) == 1
    assert MergedPicture.objects.get(edit=edit).is_ready


def test_what_a_filter_stopped_is_never_merged(alice: User, rita: User, photo: bytes) -> None:
    edit = submit(alice, photo)
    edit = run(edit, Editor([stopped(data=answer_to(edit))]))
    assert merged_in(edit).state == MergeState.WAITING
    release(case=edit.review, reviewer=rita, reason="Harmless", now=NOW)
    edit = EditRequest.objects.get(pk=edit.pk)
    assert edit.is_done
    assert merged_in(edit).state == MergeState.WAITING
    assert merge_missing(lease=timedelta(), now=NOW + timedelta(days=1)) == 0
    assert expected_merge_of(edit) is None  # no page waits for it


def test_a_rerun_keeps_the_region(alice: User, photo: bytes) -> None:
    edit = done(submit(alice, photo))
    again = rerun_edit(edit=edit, owner=alice, submission_key=uuid.uuid4(), same_seed=True, now=NOW)
    assert (again.upload, again.original, again.rerun_of) == (edit.upload, edit.original, edit)
    assert again.merged.region == edit.merged.region
    assert merged_in(done(again, picture_bytes(edit.result.file))).sha256 == merged_in(edit).sha256


def test_all_files_go_with_their_edit(alice: User, photo: bytes, settings: Any) -> None:
    edit = done(submit(alice, photo))
    merged_in(edit)
    assert list(find_wrong(now=NOW + timedelta(days=1), census=Census(), hashes=True)) == []
    EditRequest.objects.filter(pk=edit.pk).update(trashed_at=NOW)
    purge_trash(now=NOW + timedelta(days=settings.TRASH_DAYS + 1))
    assert not Upload.objects.exists()
    assert [*stored("results"), *stored("uploads")] == []


def test_a_lost_merged_picture_is_made_again(alice: User, photo: bytes) -> None:
    edit = done(submit(alice, photo))
    first = merged_in(edit)
    default_storage.delete(str(first.file))
    (finding,) = find_wrong(now=NOW, census=Census())
    assert finding.kind == Kind.MISSING
    assert repair(finding)
    assert merged_in(edit).sha256 == first.sha256


def test_the_original_is_upright_and_says_nothing_of_its_place() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Rathausplatz 1"
    picture = photo_like(5, size=(800, 600))
    kept = original_of(encoding._saved(picture, "JPEG", quality=90, exif=exif.tobytes()))  # type: ignore[arg-type]
    assert kept is not None
    assert (kept.width_px, kept.height_px) == (600, 800)
    assert b"Rathausplatz" not in kept.data
    assert not opened(kept.data).getexif()


@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("merged_kind_known|merged_region_is_given", {"kind": "other"}),
        ("merged_region_is_given", {"region": None}),
        ("merged_region_is_given", {"kind": MergeKind.DETAIL}),
        ("merged_ready_has_file", {"state": MergeState.READY}),
        ("merged_ready_has_file", {"file": "results/x/full.png"}),
        ("merged_refused_has_reason", {"state": MergeState.REFUSED}),
        ("merged_refused_has_reason", {"refusal": MergeRefusal.SHAPE}),
    ],
)
def test_the_database_rejects_what_cannot_be(
    alice: User, photo: bytes, constraint: str, wrong: dict[str, Any]
) -> None:
    edit = submit(alice, photo)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        MergedPicture.objects.filter(edit=edit).update(**wrong)


def test_a_round_without_work_reads_an_index_of_those_that_wait(alice: User, photo: bytes) -> None:
    submit(alice, photo)
    assert "merged_waiting" in plan_of(due(now=NOW)[:1])
