"""Sends chosen candidates again in a larger size: the same pictures, prompt, options and seeds, as one batch.

Another size may give another picture even with the same seed, so a finished edit is no re-run and gets no receipt.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from edits.model_specs import AUTO, ModelSpec
from edits.models import Batch, EditRequest, ProviderModel, User
from edits.services.batch.plan import Axis, AxisName, BatchPlan, PlannedEdit
from edits.services.batch.taking_in import submit_batch
from edits.services.queue.inserting import PicturesOfEdit
from edits.services.queue.sources import Source
from edits.services.queue.submitting import mask_for

Obstacle = Literal["model_gone", "no_seed", "long_prompt", "no_size"]
"""Why an edit cannot be finished: its model is gone, takes no seed or no such prompt, or has no other size."""
RATIO_TOLERANCE = 0.02
COMPARED: tuple[AxisName, ...] = ("seed", "prompt", "steps", "cfg_scale")


class NothingToFinish(Exception):
    """None of the edits can be sent again in another size."""


@dataclass(frozen=True)
class Target:
    """Where an edit is sent to be finished: its own model, in this size."""

    model: ProviderModel
    size: str
    is_larger: bool
    """Otherwise the model offers only smaller ones."""


def targets_of(edits: Sequence[EditRequest]) -> dict[int, Target | Obstacle]:
    """The largest other size for each of these edits in its ratio, or why there is none.  One query."""
    served = ProviderModel.objects.served().filter(
        provider__in={edit.provider_id for edit in edits}, name__in={edit.model for edit in edits}
    )
    models = {(model.provider_id, model.name): model for model in served}
    return {edit.pk: _target(edit, models.get((edit.provider_id, edit.model))) for edit in edits}


def finish(
    *, owner: User, edits: Sequence[EditRequest], submission_key: uuid.UUID, now: datetime
) -> tuple[Batch, int]:
    """Queue those of the edits that can be finished, all of them or none; the batch, and how many are left out.

    The same ``submission_key`` again gives the first batch.  ``edits`` come with upload, result, mask and parent.
    Raises NothingToFinish, OverBudget, BadImage and OSError; then nothing is stored.
    """
    targets = targets_of(edits)
    planned = [_planned(edit, target) for edit in edits if isinstance(target := targets[edit.pk], Target)]
    if not planned:
        raise NothingToFinish
    plan = BatchPlan(tuple(planned), _axes(planned))
    batch = submit_batch(owner=owner, plan=plan, submission_key=submission_key, now=now)
    return batch, len(edits) - len(planned)


def _target(edit: EditRequest, model: ProviderModel | None) -> Target | Obstacle:
    if model is None:
        return "model_gone"
    spec = model.spec
    if not spec.takes_seed or edit.seed_to_repeat is None:
        return "no_seed"
    if len(edit.prompt) > spec.max_prompt_chars:
        return "long_prompt"
    used = _used_px(edit, spec)
    other = [size for size in spec.sizes if size != AUTO and _px(size) != used and _is_like(_px(size), used)]
    if not other:
        return "no_size"
    largest = max(other, key=lambda size: _area(_px(size)))
    return Target(model, largest, is_larger=_area(_px(largest)) > _area(used))


def _used_px(edit: EditRequest, spec: ModelSpec) -> tuple[int, int]:
    """The size that was asked for; where the model chose it, that of its result, or of the picture."""
    size = edit.size or spec.default_size
    if size and size != AUTO:
        return _px(size)
    picture = getattr(edit, "result", None) or edit.upload
    return picture.width_px, picture.height_px


def _px(size: str) -> tuple[int, int]:
    width, height = map(int, size.split("x"))
    return width, height


def _area(px: tuple[int, int]) -> int:
    return px[0] * px[1]


def _is_like(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether both have about the same ratio: another one would show another part."""
    return abs(one[0] * other[1] / (one[1] * other[0]) - 1) <= RATIO_TOLERANCE


def _planned(edit: EditRequest, target: Target) -> PlannedEdit:
    """The same edit in the size of its target.  Raises BadImage and OSError where a picture has to be fitted."""
    spec = target.model.spec
    pictures = [Source.of_edit(edit), *map(Source.of_reference, edit.references.all())][: spec.max_pictures]
    source, *references = [picture.fitted(spec) for picture in pictures]
    mask = mask_for(source, edit) if spec.takes_mask else None
    options = replace(edit.options, seed=edit.seed_to_repeat, size=target.size)
    return PlannedEdit(target.model, PicturesOfEdit(source, tuple(references), mask), spec.fitted(options))


def _axes(planned: Sequence[PlannedEdit]) -> tuple[Axis, ...]:
    """What differs between them, where that is one thing; otherwise each is described by itself."""
    values = {name: [getattr(each.options, name) for each in planned] for name in COMPARED}
    models = [each.model.full_id for each in planned]
    sources = [each.pictures.source.picture.sha256 for each in planned]
    varied = [name for name in COMPARED if len(set(values[name])) > 1]
    is_plain = len(set(models)) == 1 and len(set(sources)) == 1
    if not is_plain or len(varied) > 1:
        return ()
    name = varied[0] if varied else "seed"
    if len(set(values[name])) != len(planned):
        return ()
    return (Axis(name, tuple((_label(value), value) for value in values[name])),)


def _label(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
