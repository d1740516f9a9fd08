"""Starts a run of a recipe: the first step of all its pictures, or nothing at all."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError

from edits.models import ApiKey, EditRequest, RecipeRun, RecipeVersion, RunStep, User
from edits.services.budgets.budgeting import OverBudget
from edits.services.pictures.disk_space import require_room
from edits.services.queue.inserting import PicturesOfEdit, insert_edits, new_row, require_new_picture
from edits.services.queue.sources import Source
from edits.services.queue.submitting import draw_seed
from edits.services.recipes.steps import ReadyStep, steps_to_json


@dataclass(frozen=True)
class RunPlan:
    """What is to run on which pictures.  ``version`` is None where the steps were not saved."""

    steps: Sequence[ReadyStep]
    sources: Sequence[Source]
    version: RecipeVersion | None = None
    name: str = ""

    def to_run(
        self, owner: User, *, submission_key: uuid.UUID, api_key: ApiKey | None, now: datetime
    ) -> RecipeRun:
        """The run as it will be written."""
        return RecipeRun(
            owner=owner,
            version=self.version,
            api_key=api_key,
            submission_key=submission_key,
            name=self.name,
            steps=steps_to_json(step.to_step() for step in self.steps),
            pictures=len(self.sources),
            created_at=now,
        )


def start_run(
    *,
    owner: User,
    plan: RunPlan,
    submission_key: uuid.UUID,
    api_key: ApiKey | None = None,
    now: datetime,
    draw: Callable[[], int] = draw_seed,
) -> RecipeRun:
    """Submit the first step of each picture in one transaction with the run.

    The same ``submission_key`` of the same owner again gives the first run.  Raises OverBudget, which says how many
    would fit, when a limit does not allow all of them, and OSError when a picture cannot be stored or the disk is
    nearly full; then nothing is stored.
    """
    mine = RecipeRun.objects.of(owner).filter(submission_key=submission_key)
    if known := mine.first():
        return known

    def insert() -> RecipeRun:
        require_room()
        run = plan.to_run(owner, submission_key=submission_key, api_key=api_key, now=now)
        edits = [_first_edit(run, plan.steps[0], source, at, draw=draw) for at, source in _numbered(plan)]
        made_of = [PicturesOfEdit(source) for source in plan.sources]
        insert_edits(edits, made_of, then=lambda: _write(run, edits), now=now)
        return run

    try:
        return insert()
    except (IntegrityError, OverBudget, OSError) as error:
        if known := mine.first():  # pressed twice: the first one counts
            return known
        made_of = [PicturesOfEdit(source) for source in plan.sources]
        require_new_picture([picture for each in made_of for picture in each.all()], error)
        return insert()  # one of its uploads was forgotten in the moment after it was found


def step_key(run: RecipeRun, *, picture: int, step: int, attempt: int) -> uuid.UUID:
    """The submission key of one try of one step: no two edits of a person have the same."""
    return uuid.uuid5(run.submission_key, f"{picture}/{step}/{attempt}")


def _numbered(plan: RunPlan) -> list[tuple[int, Source]]:
    return list(enumerate(plan.sources, start=1))


def _first_edit(
    run: RecipeRun, step: ReadyStep, source: Source, picture: int, *, draw: Callable[[], int]
) -> EditRequest:
    edit = new_row(step.model, source, step.options, now=run.created_at, draw=draw)
    edit.owner, edit.api_key = run.owner, run.api_key
    edit.submission_key = step_key(run, picture=picture, step=1, attempt=1)
    edit.is_awaited = False if run.api_key else None  # it was answered at once
    return edit


def _write(run: RecipeRun, edits: Sequence[EditRequest]) -> None:
    run.save(force_insert=True)
    RunStep.objects.bulk_create(
        RunStep(run=run, picture=picture, step=1, edit=edit) for picture, edit in enumerate(edits, start=1)
    )
