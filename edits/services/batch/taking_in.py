"""Takes a batch in: all of its edits, or none of them."""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError

from edits.models import ApiKey, Batch, EditRequest, User
from edits.services.batch.plan import BatchPlan
from edits.services.budgets.budgeting import OverBudget
from edits.services.pictures.disk_space import require_room
from edits.services.queue.inserting import insert_edits, new_row, require_new_picture
from edits.services.queue.submitting import draw_seed, submission_keys


def submit_batch(
    *,
    owner: User,
    plan: BatchPlan,
    submission_key: uuid.UUID,
    api_key: ApiKey | None = None,
    now: datetime,
    draw: Callable[[], int] = draw_seed,
) -> Batch:
    """Store the edits of the plan in one transaction, then wake workers.

    The same ``submission_key`` of the same owner again gives the first batch: one press is one batch.
    Raises OverBudget, which says how many would fit, when a limit does not allow all of them, and OSError when a
    picture cannot be stored or the disk is nearly full; then nothing is stored.
    """
    mine = Batch.objects.of(owner).filter(submission_key=submission_key)
    if known := mine.first():
        return known

    def insert() -> Batch:
        require_room()
        batch = Batch(
            owner=owner,
            api_key=api_key,
            submission_key=submission_key,
            axes=[[axis.name, axis.labels] for axis in plan.axes],
            created_at=now,
        )
        made_of = [edit.pictures for edit in plan.edits]
        insert_edits(_rows(batch, plan, draw=draw), made_of, batch=batch, now=now)
        return batch

    try:
        return insert()
    except (IntegrityError, OverBudget, OSError) as error:
        if known := mine.first():  # pressed twice: the first one counts
            return known
        require_new_picture([picture for edit in plan.edits for picture in edit.pictures.all()], error)
        return insert()  # one of its uploads was forgotten in the moment after it was found


def _rows(batch: Batch, plan: BatchPlan, *, draw: Callable[[], int]) -> list[EditRequest]:
    rows = []
    keys = submission_keys(batch.submission_key, count=len(plan.edits))
    for planned, key in zip(plan.edits, keys, strict=True):
        edit = new_row(
            planned.model, planned.pictures.source, planned.options, now=batch.created_at, draw=draw
        )
        edit.owner, edit.submission_key, edit.api_key = batch.owner, key, batch.api_key
        edit.is_awaited = False if batch.api_key else None  # it was answered at once
        edit.seed_is_drawn = edit.seed_is_drawn or (planned.seed_is_drawn and edit.seed is not None)
        rows.append(edit)
    return rows
