"""Writes new edits with their pictures: all of them in one transaction, or nothing at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models.fields.files import FieldFile

from edits.edit_call import EXTRAS, EditOptions
from edits.models import Batch, EditReference, EditRequest, MergedPicture, MergeKind, ProviderModel, Upload
from edits.services import event_log
from edits.services.budgets.budgeting import OverBudget
from edits.services.budgets.room import take_places
from edits.services.pictures.storing import delete_pictures, store_upload
from edits.services.prompts.past_prompts import remember_prompts
from edits.services.queue.notify_worker import notify_worker
from edits.services.queue.sources import Picture, Source

MOST_WAKE_UPS = 8
"""More workers than that are woken by the sweep, within seconds."""


class NotWanted(Exception):
    """What was to be written with the edits says that they are no longer wanted; nothing was stored."""


@dataclass(frozen=True)
class PicturesOfEdit:
    """What one edit is made of."""

    source: Source
    references: tuple[Source, ...] = ()
    mask: Picture | None = None

    def all(self) -> list[Picture]:
        """The source, the references in their order, and the mask, the original and the paint where there are any."""
        further = [reference.picture for reference in self.references]
        others = (self.mask, self.source.original, self.source.paint)
        return [self.source.picture, *further, *(picture for picture in others if picture)]


def new_row(
    model: ProviderModel,
    source: Source,
    options: EditOptions,
    *,
    rerun_of: EditRequest | None = None,
    now: datetime,
    draw: Callable[[], int],
) -> EditRequest:
    """The edit as it was asked for, without its pictures; not in the database yet."""
    takes_seed = model.spec.takes_seed
    return EditRequest(
        parent=source.parent,
        rerun_of=rerun_of,
        source_name=source.name[:255],
        source_width_px=source.width_px,
        source_height_px=source.height_px,
        prompt=options.prompt,
        provider=model.provider,
        model=model.name,
        seed=(options.seed or draw()) if takes_seed else None,
        seed_is_drawn=takes_seed and not options.seed,
        steps=options.steps,
        cfg_scale=options.cfg_scale,
        size=options.size,
        extras={name: value for name in EXTRAS if (value := getattr(options, name))},
        created_at=now,
        queued_at=now,
    )


def insert_edits(
    edits: Sequence[EditRequest],
    made_of: Sequence[PicturesOfEdit],
    *,
    batch: Batch | None = None,
    then: Callable[[], object] | None = None,
    now: datetime,
) -> None:
    """Store the pictures and queue the edits that are made of them, with their new batch, if they are one.

    ``then`` is called in the same transaction after the edits were inserted, and may raise NotWanted.
    Raises OverBudget, NotWanted, OSError and IntegrityError; then no new file is left.
    """
    uploads = _stored([picture for pictures in made_of for picture in pictures.all()], now=now)
    references = []
    for edit, pictures in zip(edits, made_of, strict=True):
        edit.upload = uploads[pictures.source.picture.sha256]
        edit.mask = uploads[pictures.mask.sha256] if pictures.mask else None
        edit.original = uploads[pictures.source.original.sha256] if pictures.source.original else None
        references += [
            EditReference(
                edit=edit,
                upload=uploads[reference.picture.sha256],
                position=position,
                name=reference.name[:255],
            )
            for position, reference in enumerate(pictures.references, start=1)
        ]
    merged = [
        row
        for edit, pictures in zip(edits, made_of, strict=True)
        if (row := _merged_row(edit, pictures.source, uploads))
    ]
    _queue(edits, uploads=uploads.values(), belonging=[*references, *merged], batch=batch, then=then)
    for edit in edits:
        event_log.edit_taken_in(edit)


def _merged_row(edit: EditRequest, source: Source, uploads: Mapping[str, Upload]) -> MergedPicture | None:
    """What is to become of the answer in the original, where anything is."""
    region = source.region
    if region is None:
        is_asked = source.keeps_detail and source.original is not None
        return (
            MergedPicture(edit=edit, kind=MergeKind.DETAIL, created_at=edit.created_at) if is_asked else None
        )
    return MergedPicture(
        edit=edit,
        kind=MergeKind.REGION,
        region={"box": [*region.box], "crop": [*region.crop], "feather_px": region.feather_px},
        paint=uploads[source.paint.sha256] if source.paint else None,
        created_at=edit.created_at,
    )


def require_new_picture(pictures: Iterable[Picture], error: IntegrityError | OverBudget | OSError) -> None:
    """A second try helps only where a picture can be stored again; otherwise raises what was wrong."""
    if not isinstance(error, IntegrityError):
        raise error
    if all(isinstance(picture, Upload) for picture in pictures):
        raise FileNotFoundError("The source was deleted in this moment") from error


def _stored(pictures: Iterable[Picture], *, now: datetime) -> dict[str, Upload]:
    """The uploads of these pictures by their SHA-256, one for two that are alike; new ones have no row yet.

    Raises OSError; then no new file is left.
    """
    uploads: dict[str, Upload] = {}
    try:
        for picture in pictures:
            if picture.sha256 not in uploads:
                uploads[picture.sha256] = (
                    picture if isinstance(picture, Upload) else store_upload(source=picture, now=now)
                )
    except OSError:
        delete_pictures(*_files_of_new(uploads.values()))
        raise
    return uploads


def _files_of_new(uploads: Iterable[Upload]) -> list[FieldFile]:
    return [upload.file for upload in uploads if upload.pk is None]


def _queue(
    edits: Sequence[EditRequest],
    *,
    uploads: Iterable[Upload],
    belonging: Sequence[EditReference | MergedPicture],
    batch: Batch | None,
    then: Callable[[], object] | None,
) -> None:
    """Insert them, with those of their uploads that are new.  What is refused here leaves no picture either."""
    new = [upload for upload in uploads if upload.pk is None]
    files, is_written = _files_of_new(new), False
    try:
        with transaction.atomic():
            take_places(edits, now=edits[0].queued_at)
            _insert(edits, new=new, batch=batch)
            remember_prompts(edits)
            EditReference.objects.bulk_create(row for row in belonging if isinstance(row, EditReference))
            MergedPicture.objects.bulk_create(row for row in belonging if isinstance(row, MergedPicture))
            if then:
                then()
            transaction.on_commit(lambda: wake_workers(len(edits)))
            is_written = True
    except (OverBudget, NotWanted, DatabaseError) as error:
        # Of a commit that was cut off nobody knows whether it went through.
        if isinstance(error, IntegrityError) or not is_written:
            delete_pictures(*files)
        raise


def _insert(edits: Sequence[EditRequest], *, new: Iterable[Upload], batch: Batch | None) -> None:
    for upload in new:
        upload.save(force_insert=True)
    if batch:
        batch.save(force_insert=True)
        for position, edit in enumerate(edits, start=1):
            edit.batch, edit.batch_position = batch, position
    EditRequest.objects.bulk_create(edits)


def wake_workers(edits: int) -> None:
    """Wake a worker for each of this many edits, but not more than can run at once."""
    for _ in range(min(edits, MOST_WAKE_UPS)):
        notify_worker()
