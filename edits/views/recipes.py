"""The list of recipes, one recipe with its versions, and starting its runs."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from edits.http.access import signed_in
from edits.models import Recipe, RecipeRun, RecipeVersion, User
from edits.services.provider.choosing import find_model
from edits.services.recipes.recipe_book import newest_version
from edits.services.recipes.steps import ready_steps, steps_from_json
from edits.views.recipe_pictures import gather, shown
from edits.views.recipe_run_form import press, run_context

PER_PAGE = 50
MOST_RUNS = 10


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recipes(request: HttpRequest) -> HttpResponse:
    """One's own recipes and those of the team; with pictures, which are posted, to choose one for them."""
    user = signed_in(request)
    which = request.GET.get("of", "")
    visible = Recipe.objects.visible_to(user).select_related("owner").prefetch_related("versions")
    if which == "own":
        visible = visible.filter(owner=user)
    elif which == "team":
        visible = visible.exclude(owner=user)
    found = gather(request, spec=find_model("").spec)
    context = {
        "page": Paginator(visible.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page")),
        "which": which,
        "runs": _latest_runs(user),
        "pictures": shown(found.choices, owner=user),
        "left_out": found.left_out,
        "viewer": user,
    }
    return render(request, "recipes/recipes.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recipe(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One recipe and the form that runs it; this address is the link to give to the team."""
    found = visible_recipe(request, public_id)
    version = version_of(found, request)
    steps = steps_from_json(version.steps)
    if "run" in request.POST:
        pictures, pressed = press(request, steps, version=version, name=found.name)
        if pressed.run:
            return redirect("edits:recipe_run", pressed.run.public_id)
        context = run_context(request, steps, pictures, form=pressed.form)
        return _page(request, found, version, context, status=pressed.status)
    pictures = gather(request, spec=ready_steps(steps)[0].model.spec)
    return _page(request, found, version, run_context(request, steps, pictures))


def _page(
    request: HttpRequest,
    recipe: Recipe,
    version: RecipeVersion,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    user = signed_in(request)
    runs = RecipeRun.objects.of(user).filter(version__recipe=recipe).select_related("version")
    context |= {
        "recipe": recipe,
        "version": version,
        "versions": list(recipe.versions.order_by("-number")),
        "mine": recipe.owner_id == user.pk,
        "runs": runs.order_by("-pk")[:MOST_RUNS],
    }
    return render(request, "recipes/recipe.html", context, status=status)


def visible_recipe(request: HttpRequest, public_id: UUID) -> Recipe:
    """One's own or a shared one.  Raises Http404."""
    visible = Recipe.objects.visible_to(signed_in(request)).select_related("owner")
    return get_object_or_404(visible, public_id=public_id)


def version_of(recipe: Recipe, request: HttpRequest) -> RecipeVersion:
    """The version that is asked for, otherwise the newest.  Raises Http404."""
    asked = request.POST.get("version") or request.GET.get("version", "")
    if not asked:
        return newest_version(recipe)
    if not (asked.isascii() and asked.isdigit() and len(asked) < 9):
        raise Http404
    return get_object_or_404(RecipeVersion, recipe=recipe, number=int(asked))


def _latest_runs(user: User) -> list[RecipeRun]:
    return list(RecipeRun.objects.of(user).order_by("-pk")[:MOST_RUNS])
