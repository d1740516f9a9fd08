"""Waiting edits of a provider that an administrator sends to another model, or cancels.

Each is moved by a conditional UPDATE: one that a worker took, or its owner canceled, at the same time is left alone.
An edit that the other model cannot make as requested stays where it is.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from edits.edit_call import EXTRAS
from edits.images import BadImage, CheckedImage
from edits.model_specs import ModelSpec
from edits.models import EditReference, EditRequest, Provider, ProviderModel, Status, Upload, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.pictures.storing import delete_pictures, store_upload
from edits.services.queue.canceling import cancel_edit
from edits.services.queue.notify_worker import notify_worker
from edits.services.queue.sources import Source, references_of
from edits.services.queue.submitting import draw_seed
from edits.services.team.auditing import record

AT_ONCE = 200
"""So that the page answers in time; what is left is moved by the next press."""


class CannotMove(Exception):
    """The other model cannot make this edit.  The message says why, after a colon."""


class _Taken(Exception):
    """A worker took the edit, or its owner canceled it, at the same time."""


@dataclass
class Moved:
    """How many were moved, how many are left that nobody looked at yet, and why others stay, with their number."""

    count: int = 0
    left: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


def waiting_edits(provider: Provider, name: str) -> EditRequestQuerySet:
    """The waiting edits of one model of a provider, the oldest first."""
    return EditRequest.objects.queued().filter(provider=provider, model=name).order_by("pk")


def move_waiting(
    provider: Provider,
    name: str,
    *,
    to: ProviderModel,
    actor: User,
    now: datetime,
    draw: Callable[[], int] = draw_seed,
) -> Moved:
    """Send the waiting edits of one model to another one, options and pictures fitted to what that takes."""
    moved, waiting = Moved(), waiting_edits(provider, name)
    left = deque(waiting.values_list("pk", flat=True))
    while left and moved.count < AT_ONCE:
        edit = waiting.select_related("upload", "mask", "parent").filter(pk=left.popleft()).first()
        try:
            moved.count += edit is not None and _move(edit, to=to, now=now, draw=draw)
        except CannotMove as trouble:
            moved.reasons[str(trouble)] += 1
    moved.left = len(left)
    if moved.count:
        detail = f"{moved.count} to {to.full_id}"
        subject = f"{provider.slug}/{name}"
        record(actor=actor, action="moved waiting edits", subject=subject, detail=detail, now=now)
        notify_worker()
    return moved


def cancel_waiting(provider: Provider, name: str, *, actor: User, now: datetime) -> int:
    """Cancel the waiting edits of one model; returns how many there were."""
    canceled = 0
    for edit in waiting_edits(provider, name).select_related("owner"):
        canceled += cancel_waiting_edit(edit, now=now)
    if canceled:
        record(
            actor=actor,
            action="canceled waiting edits",
            subject=f"{provider.slug}/{name}",
            detail=str(canceled),
            now=now,
        )
    return canceled


def cancel_waiting_edit(edit: EditRequest, *, now: datetime) -> bool:
    """Cancel one unless a worker has taken it meanwhile: what runs may be charged and is finished."""
    with transaction.atomic():
        still = EditRequest.objects.queued().select_for_update(no_key=True).filter(pk=edit.pk)
        return still.exists() and cancel_edit(edit=edit, now=now)


def _move(edit: EditRequest, *, to: ProviderModel, now: datetime, draw: Callable[[], int]) -> bool:
    """False when somebody else had it first.  Raises CannotMove."""
    spec = to.spec
    columns = _columns(edit, spec, draw=draw)
    pictures = _fitted(edit, spec)
    stored = _stored(pictures, now=now)
    new = {upload.sha256: upload for upload in stored if upload.pk is None}.values()
    files = [upload.file for upload in new]
    try:
        with transaction.atomic():
            for upload in new:
                upload.save(force_insert=True)
            target = {"provider": to.provider, "model": to.name, "upload": stored[0]}
            if not _unchanged(edit).update(**target, **columns):
                raise _Taken
            _set_references(edit, stored[1:])
    except (_Taken, DatabaseError) as trouble:
        delete_pictures(*files)
        if isinstance(trouble, _Taken):
            return False
        raise
    return True


def _unchanged(edit: EditRequest) -> EditRequestQuerySet:
    """The row, if it still waits as it was read."""
    return EditRequest.objects.filter(
        pk=edit.pk, status=Status.QUEUED, provider=edit.provider_id, model=edit.model, fence=edit.fence
    )


def _columns(edit: EditRequest, spec: ModelSpec, *, draw: Callable[[], int]) -> dict[str, Any]:
    """Options as the other model takes them.  It is no re-run any more, and its faults count from now on."""
    if len(edit.prompt) > spec.max_prompt_chars:
        raise CannotMove(_("the prompt is too long for it"))
    options = spec.fitted(edit.options)
    seed_is_drawn = edit.seed_is_drawn
    if spec.takes_seed and options.seed is None:
        options, seed_is_drawn = replace(options, seed=draw()), True
    return {
        "seed": options.seed,
        "seed_is_drawn": seed_is_drawn and options.seed is not None,
        "steps": options.steps,
        "cfg_scale": options.cfg_scale,
        "size": options.size,
        "extras": {name: value for name in EXTRAS if (value := getattr(options, name))},
        "rerun_of": None,
        "not_before": None,
        "last_fault": "",
        "first_attempt": F("attempts_made") + 1,
    }


def _fitted(edit: EditRequest, spec: ModelSpec) -> list[CheckedImage | Upload]:
    """The picture and its references within the other model's limits.  Raises CannotMove."""
    sources = [Source.of_edit(edit), *references_of(edit)]
    if len(sources) > spec.max_pictures:
        raise CannotMove(_("it takes fewer pictures"))
    try:
        pictures = [source.fitted(spec).picture for source in sources]
    except BadImage:
        raise CannotMove(_("the picture cannot be adapted")) from None
    except OSError:
        raise CannotMove(_("the picture cannot be read from the storage")) from None
    if edit.mask and not (spec.takes_mask and pictures[0] is sources[0].picture):
        raise CannotMove(_("it does not take the selected region"))
    return pictures


def _stored(pictures: list[CheckedImage | Upload], *, now: datetime) -> list[Upload]:
    """Raises CannotMove; then no new file is left."""
    stored: list[Upload] = []
    try:
        for picture in pictures:
            twin = next((each for each in stored if each.sha256 == picture.sha256), None)
            if twin is None and not isinstance(picture, Upload):
                twin = store_upload(source=picture, now=now)
            stored.append(twin or picture)  # type: ignore[arg-type]  # without a twin it is an Upload
    except OSError:
        delete_pictures(*(upload.file for upload in stored if upload.pk is None))
        raise CannotMove(_("the picture cannot be stored")) from None
    return stored


def _set_references(edit: EditRequest, uploads: list[Upload]) -> None:
    for reference, upload in zip(edit.references.order_by("position"), uploads, strict=True):
        EditReference.objects.filter(pk=reference.pk).exclude(upload=upload).update(upload=upload)
