"""Takes an edit in: stored so that it can no longer be lost, then a worker is woken."""

import secrets
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from edits.edit_call import EXTRAS, EditOptions
from edits.images import CheckedImage
from edits.model_specs import MAX_SEED
from edits.models import ApiKey, EditReference, EditRequest, ProviderModel, Upload, User
from edits.services import journal
from edits.services.budgets.budgeting import OverBudget, take_place
from edits.services.pictures.room import require_room
from edits.services.pictures.storing import delete_pictures, store_upload
from edits.services.queue.sources import Source, references_of
from edits.services.queue.waking import wake_worker


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
    now: Callable[[], datetime] = timezone.now,
    draw: Callable[[], int] = draw_seed,
) -> EditRequest:
    """Store an edit so that it can no longer be lost, then wake a worker.

    The same ``submission_key`` of the same owner again gives the first edit: one click is one edit.
    Raises OverBudget when a limit does not allow one more, OSError when the picture cannot be stored or the disk
    is nearly full; then there is no row.
    """
    known = EditRequest.objects.of(owner).filter(submission_key=submission_key)
    if known.exists() and (first := known.first()):
        return first
    require_room()
    pictures = [source.picture, *(reference.picture for reference in references), *([mask] if mask else [])]

    def insert() -> EditRequest:
        edit = _row(model, source, options=options, rerun_of=rerun_of, now=now(), draw=draw)
        edit.owner, edit.submission_key, edit.api_key = owner, submission_key, api_key
        _store(edit, pictures, references=references, has_mask=mask is not None)
        return edit

    try:
        return insert()
    except (IntegrityError, OverBudget) as error:
        if first := known.first():  # the second half of a double click
            return first
        if isinstance(error, OverBudget):
            raise
        if all(isinstance(picture, Upload) for picture in pictures):
            raise FileNotFoundError("The source was deleted in this moment") from error
        return insert()  # its upload was forgotten in the moment after it was found


def _store(
    edit: EditRequest,
    pictures: Sequence[CheckedImage | Upload],
    *,
    references: Sequence[Source],
    has_mask: bool,
) -> None:
    """Store the pictures (the source, the references, the mask) and queue the edit that is made of them."""
    uploads = _stored(pictures, now=edit.created_at)
    edit.upload, edit.mask = uploads[0], uploads[-1] if has_mask else None
    further = [
        EditReference(edit=edit, upload=uploads[position], position=position, name=reference.name[:255])
        for position, reference in enumerate(references, start=1)
    ]
    _queue(edit, uploads=uploads, references=further)


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


def _queue(edit: EditRequest, *, uploads: Sequence[Upload], references: Sequence[EditReference]) -> None:
    """Insert it, with those of its uploads that are new.  What is refused here leaves no picture either."""
    new = list({upload.sha256: upload for upload in uploads if upload.pk is None}.values())
    files, is_written = _files_of_new(new), False
    try:
        with transaction.atomic():
            take_place(edit.owner, now=edit.queued_at)
            for upload in new:
                upload.save(force_insert=True)
            edit.save(force_insert=True)
            EditReference.objects.bulk_create(references)
            transaction.on_commit(wake_worker)
            is_written = True
    except (OverBudget, DatabaseError) as error:
        # Of a commit that was cut off nobody knows whether it went through.
        if isinstance(error, IntegrityError) or not is_written:
            delete_pictures(*files)
        raise
    journal.edit_taken_in(edit)


def _row(
    model: ProviderModel,
    source: Source,
    *,
    options: EditOptions,
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
    now: Callable[[], datetime] = timezone.now,
    draw: Callable[[], int] = draw_seed,
) -> EditRequest:
    """The same pictures, prompt and options once more; with the same seed it is a re-run that earns a receipt.

    It goes to the model of the edit, or to ``model`` with everything fitted to what that takes, which proves
    nothing.  ``seed`` is another one than before.  Raises ModelNotOffered, BadImage, OverBudget, OSError.
    """
    own = model_of(edit)
    target = model or own
    if target is None:
        raise ModelNotOffered
    wanted = edit.seed_to_repeat if same_seed else seed
    repeats = same_seed and target == own and wanted is not None
    source, references = Source.of_edit(edit), references_of(edit)
    options = replace(edit.options, seed=wanted)
    if target != own:
        spec = target.spec
        source, options = source.fitted(spec), spec.fitted(options)
        references = [each.fitted(spec) for each in references[: spec.max_pictures - 1]]
    return submit_edit(
        owner=owner,
        model=target,
        source=source,
        options=options,
        submission_key=submission_key,
        references=references,
        mask=edit.mask if target.spec.takes_mask else None,
        rerun_of=edit if repeats else None,
        api_key=api_key,
        now=now,
        draw=draw,
    )


def model_of(edit: EditRequest) -> ProviderModel | None:
    """The edit's own model; None where edits are no longer sent to it."""
    return ProviderModel.objects.served().filter(provider=edit.provider_id, name=edit.model).first()
