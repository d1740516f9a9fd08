"""Takes an edit in: stored so that it can no longer be lost, then a worker is woken."""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from edits.edit_call import EditOptions
from edits.images import CheckedImage
from edits.model_specs import MAX_SEED
from edits.models import ApiKey, EditRequest, Upload, User
from edits.services import journal
from edits.services.budgets.budgeting import OverBudget, take_place
from edits.services.pictures.room import require_room
from edits.services.pictures.storing import delete_pictures, store_upload
from edits.services.queue.waking import wake_worker


@dataclass(frozen=True)
class Source:
    """The picture to edit, what it was called and measured before it was made ready, and where it came from."""

    picture: CheckedImage | Upload
    name: str
    width_px: int
    height_px: int
    parent: EditRequest | None = None

    @classmethod
    def of_upload(cls, picture: CheckedImage, *, name: str, parent: EditRequest | None = None) -> "Source":
        """A picture that has just been checked."""
        return cls(picture, name, picture.original_width_px, picture.original_height_px, parent)

    @classmethod
    def of_edit(cls, edit: EditRequest) -> "Source":
        """The same picture that another edit was made of."""
        return cls(edit.upload, edit.source_name, edit.source_width_px, edit.source_height_px, edit.parent)


def draw_seed() -> int:
    """1 … 2³¹−1.  Never 0: StepFun's page says that 0 means "random", and then no edit could be repeated."""
    return secrets.randbelow(MAX_SEED) + 1


def submit_edit(
    *,
    owner: User,
    source: Source,
    options: EditOptions,
    submission_key: uuid.UUID,
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

    def insert() -> EditRequest:
        edit = _row(source, options=options, rerun_of=rerun_of, now=now(), draw=draw)
        edit.owner, edit.submission_key, edit.api_key = owner, submission_key, api_key
        _queue(edit)
        return edit

    try:
        return insert()
    except (IntegrityError, OverBudget) as error:
        if first := known.first():  # the second half of a double click
            return first
        if isinstance(error, OverBudget):
            raise
        if isinstance(source.picture, Upload):
            raise FileNotFoundError("What it was to be made of was deleted in this moment") from error
        return insert()  # its upload was forgotten in the moment after it was found


def _queue(edit: EditRequest) -> None:
    """Insert it, and its upload where that is new.  What is refused here leaves no picture either."""
    upload, is_new, is_written = edit.upload, edit.upload.pk is None, False
    try:
        with transaction.atomic():
            take_place(edit.owner, now=edit.queued_at)
            if is_new:
                upload.save(force_insert=True)
            edit.save(force_insert=True)
            transaction.on_commit(wake_worker)
            is_written = True
    except (OverBudget, DatabaseError) as error:
        # Of a commit that was cut off nobody knows whether it went through.
        if is_new and (isinstance(error, IntegrityError) or not is_written):
            delete_pictures(upload.file)
        raise
    journal.edit_taken_in(edit)


def _row(
    source: Source,
    *,
    options: EditOptions,
    rerun_of: EditRequest | None,
    now: datetime,
    draw: Callable[[], int],
) -> EditRequest:
    """The edit as it was asked for, its picture stored; not in the database yet."""
    picture = source.picture
    return EditRequest(
        upload=picture if isinstance(picture, Upload) else store_upload(source=picture, now=now),
        parent=source.parent,
        rerun_of=rerun_of,
        source_name=source.name[:255],
        source_width_px=source.width_px,
        source_height_px=source.height_px,
        model=rerun_of.model if rerun_of else settings.STEPFUN_MODEL,
        seed_is_drawn=not options.seed,
        prompt=options.prompt,
        seed=options.seed or draw(),
        steps=options.steps,
        cfg_scale=options.cfg_scale,
        size=options.size,
        created_at=now,
        queued_at=now,
    )


def rerun_edit(
    *,
    edit: EditRequest,
    owner: User,
    submission_key: uuid.UUID,
    same_seed: bool,
    api_key: ApiKey | None = None,
    now: Callable[[], datetime] = timezone.now,
    draw: Callable[[], int] = draw_seed,
) -> EditRequest:
    """The same upload, prompt and parameters once more; with the same seed it is a re-run that earns a receipt."""
    seed = edit.seed_to_repeat if same_seed else None
    return submit_edit(
        owner=owner,
        source=Source.of_edit(edit),
        options=replace(edit.options, seed=seed),
        submission_key=submission_key,
        rerun_of=edit if same_seed else None,
        api_key=api_key,
        now=now,
        draw=draw,
    )
