"""Takes an edit in: stored so that it can no longer be lost, then a worker is woken."""

import secrets
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models.fields.files import FieldFile

from edits.edit_call import EXTRAS, EditOptions
from edits.images import CheckedImage, resized_mask
from edits.model_specs import MAX_SEED, ModelSpec
from edits.models import ApiKey, EditReference, EditRequest, ProviderModel, Upload, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services import event_log
from edits.services.budgets.budgeting import OverBudget, take_place
from edits.services.pictures.disk_space import require_room
from edits.services.pictures.storing import delete_pictures, picture_bytes, store_upload
from edits.services.queue.notify_worker import notify_worker
from edits.services.queue.sources import Source, references_of


def draw_seed() -> int:
    """1 … 2³¹−1.  Never 0: StepFun's page says that 0 means "random", and then no edit could be repeated."""
    return secrets.randbelow(MAX_SEED) + 1


class ModelNotOffered(Exception):
    """The model is switched off or removed, or its provider is; nothing is sent to another one instead."""


def submit_edit(
    *,
    owner: User,
    model: ProviderModel,
    source: Source,
    options: EditOptions,
    submission_key: uuid.UUID,
    references: Sequence[Source] = (),
    mask: CheckedImage | Upload | None = None,
    rerun_of: EditRequest | None = None,
    api_key: ApiKey | None = None,
    now: datetime,
    draw: Callable[[], int] = draw_seed,
) -> EditRequest:
    """Store an edit so that it can no longer be lost, then wake a worker.

    The same ``submission_key`` of the same owner again gives the first edit: one click is one edit.
    Raises OverBudget when a limit does not allow one more, OSError when the picture cannot be stored or the disk
    is nearly full; then there is no row.
    """
    (edit,) = submit_edits(
        count=1,
        owner=owner,
        model=model,
        source=source,
        options=options,
        submission_key=submission_key,
        references=references,
        mask=mask,
        rerun_of=rerun_of,
        api_key=api_key,
        now=now,
        draw=draw,
    )
    return edit


def submit_edits(
    *,
    count: int,
    owner: User,
    model: ProviderModel,
    source: Source,
    options: EditOptions,
    submission_key: uuid.UUID,
    references: Sequence[Source] = (),
    mask: CheckedImage | Upload | None = None,
    rerun_of: EditRequest | None = None,
    api_key: ApiKey | None = None,
    now: datetime,
    draw: Callable[[], int] = draw_seed,
) -> list[EditRequest]:
    """``count`` edits that differ only in their seeds, all of them stored or none; otherwise as ``submit_edit``.

    A given seed is that of the first, and each further edit has the next one.
    """
    keys = submission_keys(submission_key, count=count)
    pictures = [source.picture, *(reference.picture for reference in references), *([mask] if mask else [])]

    def insert() -> list[EditRequest]:
        require_room()
        wanted = _with_following_seeds(options, count=count)
        edits = [_row(model, source, each, rerun_of=rerun_of, now=now, draw=draw) for each in wanted]
        for edit, key in zip(edits, keys, strict=True):
            edit.owner, edit.submission_key, edit.api_key = owner, key, api_key
        _store(edits, pictures, references=references, has_mask=mask is not None)
        return edits

    try:
        return insert()
    except (IntegrityError, OverBudget, OSError) as error:
        if known := list(_submitted(owner, keys)):  # sent twice, as by a double click: the first one counts
            return known
        _require_new_picture(pictures, error)
        return insert()  # its upload was forgotten in the moment after it was found


def _submitted(owner: User, keys: Sequence[uuid.UUID]) -> EditRequestQuerySet:
    return EditRequest.objects.of(owner).filter(submission_key__in=keys).order_by("pk")


def submission_keys(submission_key: uuid.UUID, *, count: int) -> list[uuid.UUID]:
    """The keys of edits that are submitted together; the first is the submission's own."""
    further = (uuid.uuid5(submission_key, str(position)) for position in range(1, count))
    return [submission_key, *further]


def _with_following_seeds(options: EditOptions, *, count: int) -> list[EditOptions]:
    """The same options, each with the next seed where one is given; 1 follows the largest one."""
    first = options.seed
    seeds = ((first - 1 + distance) % MAX_SEED + 1 if first else None for distance in range(count))
    return [replace(options, seed=seed) for seed in seeds]


def _require_new_picture(
    pictures: Sequence[CheckedImage | Upload], error: IntegrityError | OverBudget | OSError
) -> None:
    """A second try helps only where a picture can be stored again; otherwise raises what was wrong."""
    if not isinstance(error, IntegrityError):
        raise error
    if all(isinstance(picture, Upload) for picture in pictures):
        raise FileNotFoundError("The source was deleted in this moment") from error


def _store(
    edits: Sequence[EditRequest],
    pictures: Sequence[CheckedImage | Upload],
    *,
    references: Sequence[Source],
    has_mask: bool,
) -> None:
    """Store the pictures (the source, the references, the mask) and queue the edits that are made of them."""
    uploads = _stored(pictures, now=edits[0].created_at)
    for edit in edits:
        edit.upload, edit.mask = uploads[0], uploads[-1] if has_mask else None
    further = [
        EditReference(edit=edit, upload=uploads[position], position=position, name=reference.name[:255])
        for edit in edits
        for position, reference in enumerate(references, start=1)
    ]
    _queue(edits, uploads=uploads, references=further)


def _stored(pictures: Sequence[CheckedImage | Upload], *, now: datetime) -> list[Upload]:
    """The uploads of these pictures in their order, one for two that are alike; new ones have no row yet.

    Raises OSError; then no new file is left.
    """
    uploads: list[Upload] = []
    try:
        for picture in pictures:
            twin = next((each for each in uploads if each.sha256 == picture.sha256), None)
            if twin is None and not isinstance(picture, Upload):
                twin = store_upload(source=picture, now=now)
            uploads.append(twin or picture)  # type: ignore[arg-type]  # without a twin it is an Upload
    except OSError:
        delete_pictures(*_files_of_new(uploads))
        raise
    return uploads


def _files_of_new(uploads: Iterable[Upload]) -> list[FieldFile]:
    return [upload.file for upload in uploads if upload.pk is None]


def _queue(
    edits: Sequence[EditRequest], *, uploads: Sequence[Upload], references: Sequence[EditReference]
) -> None:
    """Insert them, with those of their uploads that are new.  What is refused here leaves no picture either."""
    new = list({upload.sha256: upload for upload in uploads if upload.pk is None}.values())
    files, is_written = _files_of_new(new), False
    try:
        with transaction.atomic():
            for edit in edits:
                take_place(edit, now=edit.queued_at)
                for upload in new:
                    if upload.pk is None:
                        upload.save(force_insert=True)
                edit.save(force_insert=True)
                transaction.on_commit(notify_worker)
            EditReference.objects.bulk_create(references)
            is_written = True
    except (OverBudget, DatabaseError) as error:
        # Of a commit that was cut off nobody knows whether it went through.
        if isinstance(error, IntegrityError) or not is_written:
            delete_pictures(*files)
        raise
    for edit in edits:
        event_log.edit_taken_in(edit)


def _row(
    model: ProviderModel,
    source: Source,
    options: EditOptions,
    *,
    rerun_of: EditRequest | None,
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


def rerun_edit(
    *,
    edit: EditRequest,
    owner: User,
    submission_key: uuid.UUID,
    same_seed: bool,
    model: ProviderModel | None = None,
    seed: int | None = None,
    api_key: ApiKey | None = None,
    now: datetime,
    draw: Callable[[], int] = draw_seed,
) -> EditRequest:
    """The same pictures, prompt and options again; with the same seed it is a re-run that gets a receipt.

    It goes to the model of the edit, or to ``model``, with everything fitted to what that takes now: where that
    changes anything it proves nothing.  ``seed`` is another one than before.
    Raises ModelNotOffered, BadImage, OverBudget, OSError.
    """
    own = model_of(edit)
    if (target := model or own) is None:
        raise ModelNotOffered
    wanted = edit.seed_to_repeat if same_seed else seed
    first = [Source.of_edit(edit), *references_of(edit)]
    pictures, asked = _fitted(first, spec=target.spec), replace(edit.options, seed=wanted)
    options = target.spec.fitted(asked)
    mask = _mask_for(pictures[0], edit) if target.spec.takes_mask else None
    is_same = target == own and (pictures, mask, options) == (first, edit.mask, asked)
    return submit_edit(
        owner=owner,
        model=target,
        source=pictures[0],
        options=options,
        submission_key=submission_key,
        references=pictures[1:],
        mask=mask,
        rerun_of=edit if is_same and same_seed and wanted is not None else None,
        api_key=api_key,
        now=now,
        draw=draw,
    )


def _fitted(pictures: Sequence[Source], *, spec: ModelSpec) -> list[Source]:
    """As many of the pictures as the model takes, each within its limits."""
    return [picture.fitted(spec) for picture in pictures[: spec.max_pictures]]


def _mask_for(source: Source, edit: EditRequest) -> CheckedImage | Upload | None:
    """The edit's mask in the size in which its picture is sent now.  Raises BadImage, OSError."""
    mask, size = edit.mask, (source.picture.width_px, source.picture.height_px)
    if mask is None or (mask.width_px, mask.height_px) == size:
        return mask
    return resized_mask(picture_bytes(mask.file), size=size)


def model_of(edit: EditRequest) -> ProviderModel | None:
    """The edit's own model; None where edits are no longer sent to it."""
    return ProviderModel.objects.served().filter(provider=edit.provider_id, name=edit.model).first()
