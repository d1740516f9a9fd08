"""Recipes and their runs as programs read them, and which runs a key opens."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from django.urls import reverse

from edits.models import ApiKey, Recipe, RecipeRun, RunStep, StepState
from edits.models.recipes import RecipeRunQuerySet


def runs_open_to(key: ApiKey) -> RecipeRunQuerySet:
    """The owner's runs; with a key without read permission, those that it started.  No others exist for it."""
    own = RecipeRun.objects.of(key.owner)
    return own if key.can_read else own.filter(api_key=key)


def describe_recipe(recipe: Recipe, *, address: Callable[[str], str]) -> dict[str, Any]:
    """A recipe with the steps of its newest version.  Its versions are to be prefetched, the newest first."""
    version = recipe.versions.all()[0]
    return {
        "id": str(recipe.public_id),
        "object": "recipe",
        "name": recipe.name,
        "owner": recipe.owner.username,
        "shared": recipe.shared_at is not None,
        "created": int(recipe.created_at.timestamp()),
        "version": version.number,
        "steps": version.steps,
        "page": address(reverse("edits:recipe", args=[recipe.public_id])),
    }


def describe_run(run: RecipeRun, *, address: Callable[[str], str]) -> dict[str, Any]:
    """How far each picture is.  Two queries."""
    rows = run.rows.select_related("edit").order_by("picture", "step")
    pictures = [
        _describe_picture(list(own), steps=len(run.steps))
        for _, own in groupby(rows, key=lambda row: row.picture)
    ]
    states = [picture["status"] for picture in pictures]
    counts = {state: states.count(state) for state in ("active", "waiting", "done", "stopped")}
    version = run.version
    return {
        "id": str(run.public_id),
        "object": "recipe_run",
        "recipe": str(version.recipe.public_id) if version else None,
        "version": version.number if version else None,
        "status": _status_of(run, counts),
        "created": int(run.created_at.timestamp()),
        "steps": run.steps,
        "counts": {"total": len(pictures), **counts},
        "pictures": pictures,
        "page": address(reverse("edits:recipe_run", args=[run.public_id])),
    }


def _status_of(run: RecipeRun, counts: dict[str, int]) -> str:
    if run.canceled_at:
        return "canceled"
    return "active" if counts["active"] or counts["waiting"] else "ended"


def _describe_picture(rows: Sequence[RunStep], *, steps: int) -> dict[str, Any]:
    """The last of its steps says how far it is; ``edits`` are its edits, null where one was deleted."""
    last = rows[-1]
    is_over = last.state == StepState.PASSED and last.step == steps
    waits = last.state == StepState.OPEN and last.waits_for
    stopped = last.state == StepState.STOPPED
    return {
        "status": "done" if is_over else "stopped" if stopped else "waiting" if waits else "active",
        "step": last.step,
        "stopped_by": last.stopped_by or None,
        "waits_for": last.waits_for or None,
        "again_at": int(last.not_before.timestamp()) if last.not_before else None,
        "edits": [str(row.edit.public_id) if row.edit else None for row in rows],
    }
