"""Batches for tests: plans of tiny pictures, and batches in any state."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from edits.edit_call import EditOptions
from edits.images import check_image
from edits.model_specs import MODEL_SPECS
from edits.models import Batch, EditRequest, Status, User
from edits.services.batch.plan import Axis, BatchPlan, PlannedEdit, picture_axis, seed_axis
from edits.services.batch.taking_in import submit_batch
from edits.services.queue.inserting import PicturesOfEdit
from edits.services.queue.sources import Source
from tests.factories import default_model, edit_of, picture, result_of, upload_of

OPTIONS = EditOptions(prompt="sepia", seed=None, steps=28, cfg_scale=6.0, size="512x512")


def source(mark: int | None = None, name: str = "harbor.png") -> Source:
    """A picture that was just checked; the same mark gives the same one."""
    checked = check_image(picture(mark=mark, width_px=96, height_px=64), spec=MODEL_SPECS["step-1x-edit"])
    return Source.of_upload(checked, name=name)


def planned(first: Source | None = None, **options: Any) -> PlannedEdit:
    """One edit that is to be made."""
    wanted = EditOptions(**({**vars(OPTIONS)} | options))
    return PlannedEdit(default_model(), PicturesOfEdit(first or source()), wanted)


def plan_of_pictures(count: int) -> BatchPlan:
    """As many pictures with one prompt."""
    sources = [source(name=f"{number}.png") for number in range(1, count + 1)]
    return BatchPlan.of_axes(planned(sources[0]), [picture_axis(sources)])


def plan_of_seeds(count: int, *, first: int | None = None) -> BatchPlan:
    """One picture with as many seeds."""
    return BatchPlan.of_axes(planned(), [seed_axis(count, first=first, draw=iter(range(100, 200)).__next__)])


def submit(owner: User, plan: BatchPlan, *, key: uuid.UUID | None = None, **more: Any) -> Batch:
    """Send it."""
    return submit_batch(
        owner=owner, plan=plan, submission_key=key or uuid.uuid4(), now=timezone.now(), **more
    )


def batch_of(
    owner: User, statuses: Sequence[Status], *, axes: Sequence[Axis] = (), **fields: Any
) -> tuple[Batch, list[EditRequest]]:
    """A batch whose edits are in these states, with their pictures where they are done; all of one source."""
    batch = Batch.objects.create(
        owner=owner, created_at=timezone.now(), axes=[[axis.name, axis.labels] for axis in axes]
    )
    upload, edits = fields.pop("upload", None) or upload_of(), []
    for position, status in enumerate(statuses, start=1):
        edit = edit_of(
            owner,
            status=status,
            upload=upload,
            batch=batch,
            batch_position=position,
            **({"seed": 1000 + position} | fields),
        )
        if status == Status.SUCCEEDED:
            result_of(edit)
        edits.append(edit)
    return batch, edits
