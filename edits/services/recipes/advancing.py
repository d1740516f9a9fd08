"""Carries runs of recipes on: the next step of a picture is submitted once the result before it is stored.

    OPEN ──its edit is done, next step submitted, or it was the last──▶ PASSED
     │ ▲
     │ └──tried again (run_actions.py)──┐
     └──filtered, failed, canceled …──▶ STOPPED

The next edit is inserted in one transaction with the move to PASSED, an ``UPDATE … WHERE state = open``, and with its
own row, of which there can be one for each run, picture and step: whoever comes second, after a restart or on another
machine, changes nothing.  A step that is done but cannot be followed now (budget, storage) stays OPEN and is tried
again later.  Called when an edit has ended, and by a round for all that was missed.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, IntegrityError
from django.db.models import Q

from edits.images import BadImage
from edits.models import EditRequest, RecipeRun, RunStep, Status, StepState, StopReason, WaitReason
from edits.services.budgets.budgeting import OverBudget, check_budget
from edits.services.pictures.disk_space import require_room
from edits.services.pictures.storing import picture_bytes
from edits.services.queue.inserting import NotWanted, PicturesOfEdit, insert_edits, new_row
from edits.services.queue.sources import Source, edited_name
from edits.services.queue.submitting import draw_seed
from edits.services.recipes.starting import step_key
from edits.services.recipes.steps import ReadyStep, RecipeStep, ready_steps

log = logging.getLogger(__name__)

STEPS_PER_ROUND = 100
STORAGE_AGAIN = timedelta(seconds=30)
STOPPED_BY = {
    Status.FILTERED: StopReason.FILTERED,
    Status.FAILED: StopReason.FAILED,
    Status.CANCELED: StopReason.CANCELED,
}


def run_recipes(*, lease: timedelta, now: datetime) -> int:
    """A worker's round: go on with what has ended; returns how many steps moved."""
    its_time = Q(not_before__isnull=True) | Q(not_before__lte=now)
    ended = Q(edit__isnull=True) | Q(edit__finished_at__isnull=False)
    due = RunStep.objects.open().filter(its_time, ended, run__owner__is_active=True).order_by("pk")
    return sum(_advance_or_log(pk, now=now) for pk in due.values_list("pk", flat=True)[:STEPS_PER_ROUND])


def advance_after(edit: EditRequest, *, now: datetime) -> bool:
    """Go on after this edit at once, if it is a step of a run.  Never raises: the round tries again."""
    try:
        row = RunStep.objects.filter(edit=edit.pk, run__canceled_at__isnull=True).first()
        if row is None or (row.state != StepState.OPEN and not _was_retried(row)):
            return False
    except DatabaseError:
        log.exception("Whether edit %s is a step of a recipe cannot be read now", edit.public_id)
        return False
    return _advance_or_log(row.pk, now=now)


def _was_retried(row: RunStep) -> bool:
    """Whether its owner sent a failed edit again by itself, which is to go on with its chain."""
    again = RunStep.objects.filter(pk=row.pk, state=StepState.STOPPED, stopped_by=StopReason.FAILED)
    is_meant = row.stopped_by == StopReason.FAILED
    return is_meant and bool(again.update(state=StepState.OPEN, stopped_by=""))


def _advance_or_log(pk: int, *, now: datetime) -> bool:
    """One picture whose step fails does not hold up the others."""
    try:
        return advance(pk, now=now)
    except DatabaseError:
        log.exception("Step %s of a recipe could not be followed and is tried again", pk)
        return False


def advance(pk: int, *, now: datetime, draw: Callable[[], int] = draw_seed) -> bool:
    """Go on after one step; False if it did not move.  Raises DatabaseError."""
    rows = RunStep.objects.open().select_related("run__owner", "run__api_key", "edit__result")
    row = rows.filter(pk=pk).first()
    if row is None or not row.run.owner.is_active:
        return False
    edit = row.edit
    if edit is None:
        return _stop(row, StopReason.GONE)
    if edit.is_active:
        return False
    if edit.status != Status.SUCCEEDED:
        return _stop(row, STOPPED_BY[Status(edit.status)])
    if row.step >= len(row.run.steps):
        return _move(row, StepState.PASSED)
    if edit.trashed_at:
        return _stop(row, StopReason.TRASHED)
    return _follow(row, edit, now=now, draw=draw)


def _follow(row: RunStep, edit: EditRequest, *, now: datetime, draw: Callable[[], int]) -> bool:
    """Submit the step that comes after this one, exactly once."""
    (step,) = ready_steps([RecipeStep.from_json(row.run.steps[row.step])])
    if problem := _problem(step):
        return _stop(row, problem)
    try:
        require_room()
        check_budget(row.run.owner, now=now)  # before its picture is made
        source = _source_after(edit, step)
        following = new_row(step.model, source, step.options, now=now, draw=draw)
        following.owner, following.api_key = row.run.owner, row.run.api_key
        following.submission_key = step_key(row.run, picture=row.picture, step=row.step + 1, attempt=1)
        following.is_awaited = False if row.run.api_key else None
        insert_edits(
            [following], [PicturesOfEdit(source)], then=lambda: _write_next(row, edit, following), now=now
        )
    except OverBudget as error:
        return _wait(row, WaitReason.BUDGET, until=now + timedelta(seconds=error.retry_after_seconds(now)))
    except BadImage:
        return _stop(row, StopReason.UNFIT)
    except OSError:
        log.warning("The picture after step %s of a recipe cannot be read or stored now", row.pk)
        return _wait(row, WaitReason.STORAGE, until=now + STORAGE_AGAIN)
    except (NotWanted, IntegrityError):
        return False  # another worker did it, or the run was canceled; otherwise the round comes again
    return True


def _problem(step: ReadyStep) -> StopReason | None:
    """Why the step cannot be sent as it was started: nothing is replaced silently."""
    if step.is_gone:
        return StopReason.MODEL_GONE
    too_long = len(step.options.prompt) > step.model.spec.max_prompt_chars
    return StopReason.LIMITS if too_long or step.is_changed else None


def _source_after(edit: EditRequest, step: ReadyStep) -> Source:
    """The result as the next picture.  Raises BadImage, OSError."""
    data = picture_bytes(edit.result.file)
    return Source.of_result(edit, name=edited_name(edit.source_name), data=data, spec=step.model.spec)


def _write_next(row: RunStep, edit: EditRequest, following: EditRequest) -> None:
    """In the transaction that inserts the edit.  The lock keeps a cancellation from coming in between.

    Raises NotWanted, IntegrityError.
    """
    runs = RecipeRun.objects.select_for_update(no_key=True).filter(pk=row.run_id, canceled_at__isnull=True)
    if runs.first() is None or not _move(row, StepState.PASSED, among=Q(edit=edit)):
        raise NotWanted
    RunStep.objects.create(run=row.run, picture=row.picture, step=row.step + 1, edit=following)


def _move(row: RunStep, state: StepState, *, stopped_by: str = "", among: Q | None = None) -> bool:
    still = RunStep.objects.filter(among or Q(), pk=row.pk, state=StepState.OPEN)
    return bool(still.update(state=state, stopped_by=stopped_by, waits_for="", not_before=None))


def _stop(row: RunStep, reason: StopReason) -> bool:
    """Only while the row has the edit that was looked at: it may have been tried again meanwhile."""
    return _move(row, StepState.STOPPED, stopped_by=reason, among=Q(edit=row.edit_id))


def _wait(row: RunStep, reason: WaitReason, *, until: datetime) -> bool:
    still = RunStep.objects.filter(pk=row.pk, state=StepState.OPEN)
    still.update(waits_for=reason, not_before=until)
    return False
