"""Keeps recipes: saving, new versions, names, sharing, deleting with a way back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from edits.models import Recipe, RecipeVersion, User
from edits.services.recipes.steps import RecipeStep, steps_to_json


@transaction.atomic
def save_recipe(*, owner: User, name: str, steps: Sequence[RecipeStep], now: datetime) -> Recipe:
    """A new recipe with its first version."""
    recipe = Recipe.objects.create(owner=owner, name=name, created_at=now)
    RecipeVersion.objects.create(recipe=recipe, number=1, steps=steps_to_json(steps), created_at=now)
    return recipe


@transaction.atomic
def change_steps(*, recipe: Recipe, steps: Sequence[RecipeStep], now: datetime) -> RecipeVersion:
    """A new version, if the steps differ from those of the newest; earlier ones, and their runs, stay as they are."""
    Recipe.objects.select_for_update(no_key=True).get(pk=recipe.pk)  # two changes at once get two numbers
    newest = newest_version(recipe)
    wanted = steps_to_json(steps)
    if newest.steps == wanted:
        return newest
    last = recipe.versions.aggregate(last=Max("number"))["last"] or 0
    return RecipeVersion.objects.create(recipe=recipe, number=last + 1, steps=wanted, created_at=now)


def newest_version(recipe: Recipe) -> RecipeVersion:
    """The version that runs unless an older one is asked for."""
    return recipe.versions.order_by("-number")[:1].get()


def rename_recipe(*, recipe: Recipe, name: str) -> None:
    """Its runs keep the name that it had."""
    Recipe.objects.filter(pk=recipe.pk).update(name=name)


def share_recipe(*, recipe: Recipe, now: datetime) -> None:
    """Let the whole team look at it and run it; its address is the link."""
    Recipe.objects.filter(pk=recipe.pk, shared_at__isnull=True).update(shared_at=now)


def unshare_recipe(*, recipe: Recipe) -> None:
    """Only its owner sees it again; runs that others started continue."""
    Recipe.objects.filter(pk=recipe.pk).update(shared_at=None)


def delete_recipe(*, recipe: Recipe, now: datetime) -> None:
    """Nobody finds it any more; it can be restored for TRASH_DAYS.  Its runs continue."""
    Recipe.objects.filter(pk=recipe.pk, deleted_at__isnull=True).update(deleted_at=now)


def restore_recipe(*, owner: User, public_id: UUID) -> bool:
    """Undo deleting it; False if it is gone for good, or somebody else's."""
    mine = Recipe.objects.of(owner).filter(public_id=public_id, deleted_at__isnull=False)
    return bool(mine.update(deleted_at=None))


def forget_recipes(*, lease: timedelta, now: datetime) -> None:
    """Delete for good what was deleted TRASH_DAYS ago; runs keep their own copy of the steps."""
    old = Recipe.objects.filter(deleted_at__lt=now - timedelta(days=settings.TRASH_DAYS))
    if old.exists():  # deleting nothing would take SQLite's write lock
        old.delete()
