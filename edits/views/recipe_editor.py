"""Saving the steps of an edit as a recipe, running them unsaved, and changing a recipe into a new version."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from edits.forms.recipe_steps import NameForm, RecipeForm
from edits.forms.sources import reusable
from edits.http.access import signed_in
from edits.models import EditRequest, ProviderModel, Recipe
from edits.models.recipes import MOST_RECIPE_STEPS
from edits.services.provider.choosing import find_model
from edits.services.recipes.recipe_book import change_steps, save_recipe
from edits.services.recipes.steps import chain_of, is_kept_whole, step_of, steps_from_json
from edits.views.recipe_fields import StepFields
from edits.views.recipe_pictures import gather
from edits.views.recipe_run_form import press, run_context
from edits.views.recipes import version_of

SHORT_NAME_CHARS = 40


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def from_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The steps that led to an edit, to be changed, saved under a name, or run on other pictures without saving."""
    user = signed_in(request)
    edit = get_object_or_404(reusable(user).select_related("provider"), public_id=public_id)
    chain = chain_of(edit, owner_id=user.pk)
    if request.method != "POST":
        form = RecipeForm.of_steps([step_of(one) for one in chain], owner=user)
        return _editor(request, form, edit=edit, chain=chain)
    form = RecipeForm.of_data(request.POST, owner=user)
    if "save" in request.POST:
        name = NameForm(request.POST)
        if name.is_valid() and form.is_valid():
            made = save_recipe(
                owner=user, name=name.cleaned_data["name"], steps=form.to_steps(), now=timezone.now()
            )
            messages.success(request, gettext("Recipe saved."))
            return redirect("edits:recipe", made.public_id)
        return _editor(request, form, edit=edit, chain=chain, name=name, status=422)
    if "run" in request.POST and form.is_valid():
        return _run(request, form, edit=edit, chain=chain)
    return _editor(request, form, edit=edit, chain=chain)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change the steps of one's own recipe: saved as its newest version, from whichever one began with."""
    user = signed_in(request)
    recipe = get_object_or_404(Recipe.objects.of(user).filter(deleted_at=None), public_id=public_id)
    version = version_of(recipe, request)
    if request.method != "POST":
        form = RecipeForm.of_steps(steps_from_json(version.steps), owner=user)
        return _editor(request, form, recipe=recipe)
    form = RecipeForm.of_data(request.POST, owner=user)
    if "save" in request.POST:
        if form.is_valid():
            made = change_steps(recipe=recipe, steps=form.to_steps(), now=timezone.now())
            messages.success(request, gettext("Version %(number)s saved.") % {"number": made.number})
            return redirect("edits:recipe", recipe.public_id)
        return _editor(request, form, recipe=recipe, status=422)
    return _editor(request, form, recipe=recipe)


def _run(
    request: HttpRequest, form: RecipeForm, *, edit: EditRequest, chain: list[EditRequest]
) -> HttpResponse:
    pictures, pressed = press(request, form.to_steps())
    if pressed.run:
        return redirect("edits:recipe_run", pressed.run.public_id)
    of_run = run_context(request, form.to_steps(), pictures, form=pressed.form)
    return _editor(request, form, edit=edit, chain=chain, of_run=of_run, status=pressed.status)


def _editor(
    request: HttpRequest,
    form: RecipeForm,
    *,
    edit: EditRequest | None = None,
    chain: list[EditRequest] | None = None,
    recipe: Recipe | None = None,
    name: NameForm | None = None,
    of_run: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    is_checked = "save" in request.POST or "run" in request.POST
    context: dict[str, Any] = {
        "edit": edit,
        "recipe": recipe,
        "is_cut": bool(chain and chain[0].parent_id),
        "in_part": [at for at, one in enumerate(chain or (), start=1) if not is_kept_whole(one)],
        "fields": [StepFields(step, at, is_checked) for at, step in enumerate(form.steps, start=1)],
        "models": ProviderModel.objects.all_offered(),
        "can_add": len(form.steps) < MOST_RECIPE_STEPS,
        "name": request.POST.get("name") or (edit.prompt[:SHORT_NAME_CHARS].strip() if edit else ""),
        "name_error": next(iter(name.errors.get("name", ())), "") if name else "",
    }
    if edit:
        context |= of_run or _run_context(request, form)
    return render(request, "recipes/editor.html", context, status=status)


def _run_context(request: HttpRequest, form: RecipeForm) -> dict[str, Any]:
    """The pictures and the sum, for the steps as far as they are right."""
    steps = [step.to_step() for step in form.steps if step.is_valid()]
    spec = form.steps[0].spec if form.steps else find_model("").spec
    return run_context(request, steps, gather(request, spec=spec))
