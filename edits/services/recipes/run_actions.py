"""What its owner does with a run under way: cancel it, or go on with pictures whose chain stopped."""

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction

from edits.models import EditRequest, RecipeRun, RunStep, Status, StepState, StopReason
from edits.services.budgets.room import take_places
from edits.services.queue.canceling import MAY_COST_AGAIN, cancel_queued, retry_failed
from edits.services.queue.inserting import NotWanted, PicturesOfEdit, insert_edits, new_row
from edits.services.queue.sources import Source
from edits.services.queue.submitting import draw_seed
from edits.services.recipes.advancing import advance
from edits.services.recipes.starting import step_key
from edits.services.recipes.steps import RecipeStep, offered_model

NEEDS_NEW_EDIT = (Status.FILTERED, Status.CANCELED)
"""Ended in a way in which the same edit is not sent again."""


def cancel_run(*, run: RecipeRun, now: datetime) -> bool:
    """Begin no further step, and cancel edits that wait.  What runs may be charged, and is finished.

    False if it was canceled before, or everything of it has ended.
    """
    with transaction.atomic():
        open_rows = RunStep.objects.filter(run=run, state=StepState.OPEN)
        if _running(run.pk) is None or not open_rows.exists():
            return False
        RecipeRun.objects.filter(pk=run.pk).update(canceled_at=now)
        edits = list(open_rows.values_list("edit", flat=True))
        open_rows.update(
            state=StepState.STOPPED, stopped_by=StopReason.CANCELED, waits_for="", not_before=None
        )
        cancel_queued(edits=EditRequest.objects.filter(pk__in=[pk for pk in edits if pk]), now=now)
    return True


def stopped_rows(run: RecipeRun, *, with_risky: bool) -> list[RunStep]:
    """Where pictures of the run stopped and can go on; ``with_risky`` includes what may have been charged."""
    if run.canceled_at:
        return []
    rows = RunStep.objects.filter(run=run, state=StepState.STOPPED, edit__isnull=False)
    rows = rows.filter(edit__trashed_at__isnull=True)
    if not with_risky:
        failed = EditRequest.objects.filter(MAY_COST_AGAIN, status=Status.FAILED)
        rows = rows.exclude(edit__in=failed)
    return list(rows.select_related("edit__upload", "edit__provider", "edit__owner", "run__owner"))


def go_on(row: RunStep, *, now: datetime, draw: Callable[[], int] = draw_seed) -> bool:
    """Try again from where a picture stopped; False if it did not stop there any more.

    A failed edit is queued again, one that the filter stopped or that was canceled is made again with another seed,
    unless the recipe has one.  Where the picture is there by now, the next step follows.
    Raises OverBudget, OSError.
    """
    edit = row.edit
    if edit is None:
        return False
    if edit.status in NEEDS_NEW_EDIT:
        return _send_anew(row, edit, now=now, draw=draw)
    with transaction.atomic():
        if edit.status == Status.FAILED:
            take_places([edit], now=now)  # locks the person first, as all that submits does
        if not _reopen(row, edit=edit):
            return False
        if edit.status == Status.FAILED:
            retry_failed(edit=edit, now=now)
    if edit.status == Status.SUCCEEDED:
        advance(row.pk, now=now, draw=draw)
    return True


def _reopen(row: RunStep, *, edit: EditRequest, **columns: object) -> bool:
    """Only where the run was not canceled meanwhile."""
    still = RunStep.objects.filter(edit=edit, pk=row.pk, state=StepState.STOPPED)
    return _running(row.run_id) is not None and bool(
        still.update(state=StepState.OPEN, stopped_by="", **columns)
    )


def _running(pk: int) -> RecipeRun | None:
    """The run, locked, unless it was canceled."""
    runs = RecipeRun.objects.select_for_update(no_key=True)
    return runs.filter(pk=pk, canceled_at__isnull=True).first()


def stop_restored_runs() -> None:
    """After a restore nobody knows which steps followed since the backup: their owners decide."""
    RunStep.objects.open().update(
        state=StepState.STOPPED, stopped_by=StopReason.RESTORED, waits_for="", not_before=None
    )


def _send_anew(row: RunStep, edit: EditRequest, *, now: datetime, draw: Callable[[], int]) -> bool:
    """Another edit of the same picture in the place of the one that came to nothing."""
    step = RecipeStep.from_json(row.run.steps[row.step - 1])
    model = offered_model(step.model)
    if model is None:
        RunStep.objects.filter(pk=row.pk, state=StepState.STOPPED).update(stopped_by=StopReason.MODEL_GONE)
        return False
    source = Source.of_edit(edit)
    again = new_row(model, source, step.options, now=now, draw=draw)
    again.owner, again.api_key = edit.owner, edit.api_key
    again.submission_key = step_key(row.run, picture=row.picture, step=row.step, attempt=row.tries + 1)
    again.is_awaited = False if edit.api_key_id else None

    def write() -> None:
        if not _reopen(row, edit=edit, tries=row.tries + 1):
            raise NotWanted
        RunStep.objects.filter(pk=row.pk).update(edit=again)

    try:
        insert_edits([again], [PicturesOfEdit(source)], then=write, now=now)
    except (NotWanted, IntegrityError):  # pressed twice: the first one counts
        return False
    return True
