"""Recipes and runs to look at: nothing of them is sent."""

from django.utils import timezone

from edits.models import EditRequest, Reason, RecipeRun, RunStep, Status, User
from edits.services.recipes.recipe_book import change_steps, share_recipe
from tests import factories, recipes
from tests.browser.queue_scenes import hold_the_queue

STOPS = {2: ("failed", Status.FAILED), 3: ("filtered", Status.FILTERED)}


def recipe(owner: str, *, gone: bool = False) -> str:
    """A shared recipe with two versions; its address holds the id that is returned."""
    alice, now = User.objects.get(username=owner), timezone.now()
    options = {"model": "stepfun/step-0-edit"} if gone else {}
    made = recipes.recipe_of(alice, "Make it black and white", "Add fine film grain", **options)
    steps = recipes.steps_of("Make it black and white", "Add fine film grain", "Darken the corners a little")
    change_steps(recipe=made, steps=recipes.steps_of(*PROMPTS, **options) if gone else steps, now=now)
    share_recipe(recipe=made, now=now)
    return str(made.public_id)


PROMPTS = ("Make it black and white", "Add fine film grain", "Darken the corners a little")


def recipe_with_runs(owner: str) -> str:
    """One that was run."""
    made = recipe(owner)
    recipe_run(owner)
    return made


def recipe_run(owner: str) -> str:
    """A run of four pictures: one is done, two stopped, one waits."""
    hold_the_queue()
    alice, now = User.objects.get(username=owner), timezone.now()
    steps = [{"prompt": prompt, "model": recipes.MODEL} for prompt in PROMPTS]
    run = RecipeRun.objects.create(owner=alice, name="Old photo", steps=steps, pictures=4, created_at=now)
    for number in range(1, 5):
        _first_steps(run, number)
    return str(run.public_id)


def _first_steps(run: RecipeRun, picture: int) -> None:
    """A done step, and what came of the next."""
    first = factories.finished_edit_of(run.owner, prompt=PROMPTS[0], source_name=f"harbor-{picture}.jpg")
    RunStep.objects.create(run=run, picture=picture, step=1, edit=first, state="passed")
    if picture in STOPS:
        stopped_by, status = STOPS[picture]
        reason = {"reason": Reason.SERVICE_REJECTED} if status == Status.FAILED else {}
        edit = factories.edit_of(run.owner, status=status, prompt=PROMPTS[1], parent=first, **reason)
        RunStep.objects.create(
            run=run, picture=picture, step=2, edit=edit, state="stopped", stopped_by=stopped_by
        )
    elif picture == 1:
        _pass_all(run, first)
    else:
        waiting = factories.edit_of(run.owner, prompt=PROMPTS[1], parent=first)
        RunStep.objects.create(run=run, picture=picture, step=2, edit=waiting)


def _pass_all(run: RecipeRun, first: EditRequest) -> None:
    for step in (2, 3):
        edit = factories.finished_edit_of(run.owner, prompt=PROMPTS[step - 1], parent=first)
        RunStep.objects.create(run=run, picture=1, step=step, edit=edit, state="passed")
