"""The form that runs steps on pictures, as the pages of recipes and of unsaved chains share it."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from edits.forms.recipe_run import RunForm
from edits.http.access import signed_in
from edits.http.storage_errors import status_for, words_for
from edits.models import RecipeRun, RecipeVersion
from edits.services.budgets.budgeting import OverBudget
from edits.services.pictures.staging import use_staged
from edits.services.recipes.starting import start_run
from edits.services.recipes.steps import ReadyStep, RecipeStep, ready_steps
from edits.views.recipe_pictures import Gathered, gather, shown
from edits.views.recipe_words import changes_words, option_words, sum_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StepRow:
    """A step as a page shows it: what is sent today, and what of it differs from what was saved."""

    step: ReadyStep
    number: int
    options: list[tuple[str, str]]
    changes: str

    @property
    def follows_default(self) -> bool:
        """Whether it names no model."""
        return not self.step.asked.model


@dataclass(frozen=True)
class Pressed:
    """What came of a press: a run, or the form with its error and the status of the answer."""

    form: RunForm
    run: RecipeRun | None = None
    status: int = 422


def step_rows(steps: Sequence[ReadyStep]) -> list[StepRow]:
    """The steps in their order."""
    return [
        StepRow(step, number, option_words(step), changes_words(step))
        for number, step in enumerate(steps, start=1)
    ]


def press(
    request: HttpRequest, steps: Sequence[RecipeStep], *, version: RecipeVersion | None = None, name: str = ""
) -> tuple[Gathered, Pressed]:
    """Start a run of these steps on the pictures that the request brings."""
    user = signed_in(request)
    found = gather(request, spec=ready_steps(steps)[0].model.spec)
    form = RunForm(request.POST, found.choices, steps, owner=user, version=version, name=name)
    if not form.is_valid() or form.plan is None:
        return found, Pressed(form)
    use_staged(form.upload_ids(), owner=user, now=timezone.now())
    try:
        run = start_run(owner=user, plan=form.plan, submission_key=form.to_key(), now=timezone.now())
    except OverBudget as error:
        form.add_error(error.sentence, code="over_budget")
        return found, Pressed(form, status=429)
    except OSError as error:
        log.exception("A picture could not be stored")
        form.add_error(words_for(error), code="storage")
        return found, Pressed(form, status=status_for(error))
    return found, Pressed(form, run)


def run_context(
    request: HttpRequest, steps: Sequence[RecipeStep], found: Gathered, *, form: RunForm | None = None
) -> dict[str, Any]:
    """What the form shows: steps, pictures, the sum, and what is wrong."""
    user, ready = signed_in(request), ready_steps(steps)
    pictures = shown(found.choices, owner=user)
    return {
        "steps": step_rows(ready),
        "is_changed": any(step.is_changed for step in ready),
        "replace": bool(request.POST.get("replace")),
        "pictures": pictures,
        "left_out": found.left_out,
        "sum": sum_of(ready, pictures=len(pictures), owner=user, now=timezone.now()),
        "error": form.error.messages[0] if form and form.error else "",
        "needs_shape": bool(request.POST.get("shape")) or bool(form and form.needs_shape),
        "shape": request.POST.get("shape", ""),
        "new_key": request.POST.get("submission_key") or uuid.uuid4(),
    }
