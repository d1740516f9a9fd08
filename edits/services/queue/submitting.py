"""Takes an edit in: stored so that it can no longer be lost, then a worker is woken."""

import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError

from edits.edit_call import EditOptions
from edits.images import CheckedImage, resized_mask
from edits.model_specs import MAX_SEED, ModelSpec
from edits.models import ApiKey, EditRequest, ProviderModel, Upload, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.budgets.budgeting import OverBudget
from edits.services.pictures.disk_space import require_room
from edits.services.pictures.storing import picture_bytes
from edits.services.queue.inserting import PicturesOfEdit, insert_edits, new_row, require_new_picture
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
    made_of = PicturesOfEdit(source, tuple(references), mask)

    def insert() -> list[EditRequest]:
        require_room()
        wanted = _with_following_seeds(options, count=count)
        edits = [new_row(model, source, each, rerun_of=rerun_of, now=now, draw=draw) for each in wanted]
        for edit, key in zip(edits, keys, strict=True):
            edit.owner, edit.submission_key, edit.api_key = owner, key, api_key
        insert_edits(edits, [made_of for _ in edits], now=now)
        return edits

    try:
        return insert()
    except (IntegrityError, OverBudget, OSError) as error:
        if known := list(_submitted(owner, keys)):  # sent twice, as by a double click: the first one counts
            return known
        require_new_picture(made_of.all(), error)
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
    mask = mask_for(pictures[0], edit) if target.spec.takes_mask else None
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


def mask_for(source: Source, edit: EditRequest) -> CheckedImage | Upload | None:
    """The edit's mask in the size in which its picture is sent now.  Raises BadImage, OSError."""
    mask, size = edit.mask, (source.picture.width_px, source.picture.height_px)
    if mask is None or (mask.width_px, mask.height_px) == size:
        return mask
    return resized_mask(picture_bytes(mask.file), size=size)


def model_of(edit: EditRequest) -> ProviderModel | None:
    """The edit's own model; None where edits are no longer sent to it."""
    return ProviderModel.objects.served().filter(provider=edit.provider_id, name=edit.model).first()
