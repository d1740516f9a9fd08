"""Recipes for tests: steps, runs on tiny pictures, and workers that carry them on."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from edits import tasks
from edits.edit_call import EditOptions
from edits.models import Recipe, RecipeRun, RunStep, User
from edits.services.recipes.advancing import run_recipes
from edits.services.recipes.recipe_book import newest_version, save_recipe
from edits.services.recipes.starting import RunPlan, start_run
from edits.services.recipes.steps import RecipeStep, ready_steps, steps_from_json
from tests.batches import source

LEASE = timedelta(seconds=30)
PROMPTS = ("sepia", "add grain", "vignette")
MODEL = "stepfun/step-1x-edit"


def steps_of(*prompts: str, model: str = MODEL, **options: Any) -> list[RecipeStep]:
    """A step for each prompt."""
    return [RecipeStep(EditOptions(prompt=prompt, **options), model) for prompt in prompts or PROMPTS]


def recipe_of(owner: User, *prompts: str, name: str = "Old photo", **options: Any) -> Recipe:
    """A saved recipe."""
    return save_recipe(owner=owner, name=name, steps=steps_of(*prompts, **options), now=timezone.now())


def run_of(owner: User, recipe: Recipe, *, pictures: int = 1, key: uuid.UUID | None = None) -> RecipeRun:
    """A run of the newest version on as many pictures."""
    version = newest_version(recipe)
    sources = [source(name=f"{number}.png") for number in range(1, pictures + 1)]
    plan = RunPlan(ready_steps(steps_from_json(version.steps)), sources, version, recipe.name)
    return start_run(owner=owner, plan=plan, submission_key=key or uuid.uuid4(), now=timezone.now())


def work(*, rounds: int = 1) -> None:
    """What a worker does when it is woken, and in between."""
    for _ in range(rounds):
        tasks.work()
        run_recipes(lease=LEASE, now=timezone.now())


def rows_of(run: RecipeRun) -> list[RunStep]:
    """Its steps by picture."""
    return list(run.rows.select_related("edit").order_by("picture", "step"))


def said(run: RecipeRun) -> list[tuple[int, int, str, str]]:
    """Picture, step, state and reason of each."""
    return [(row.picture, row.step, row.state, row.stopped_by) for row in rows_of(run)]
