"""What its owner does with a recipe: rename it, share it, delete it and take that back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from edits.forms.recipe_steps import NameForm
from edits.http.access import signed_in
from edits.models import Recipe
from edits.services.recipes.recipe_book import (
    delete_recipe,
    rename_recipe,
    restore_recipe,
    share_recipe,
    unshare_recipe,
)
from edits.views.undo import success_with_undo


@require_POST
def rename(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give it another name."""
    recipe, form = _own(request, public_id), NameForm(request.POST)
    if form.is_valid():
        rename_recipe(recipe=recipe, name=form.cleaned_data["name"])
        messages.success(request, gettext("Renamed."))
    else:
        messages.error(request, str(form.errors["name"][0]))
    return redirect("edits:recipe", public_id)


@require_POST
def share(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show it to the team; ``shared=0`` takes it back."""
    recipe = _own(request, public_id)
    if request.POST.get("shared", request.GET.get("shared", "1")) == "0":
        unshare_recipe(recipe=recipe)
        messages.success(request, gettext("No longer shared. Only you can see this recipe."))
    else:
        share_recipe(recipe=recipe, now=timezone.now())
        undo = f"{reverse('edits:share_recipe', args=[public_id])}?shared=0"
        success_with_undo(request, gettext("Shared with the team. This page is the link."), undo=undo)
    return redirect("edits:recipe", public_id)


@require_POST
def delete(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Nobody finds it any more; its runs continue."""
    delete_recipe(recipe=_own(request, public_id), now=timezone.now())
    undo = reverse("edits:restore_recipe", args=[public_id])
    success_with_undo(request, gettext("Recipe deleted."), undo=undo)
    return redirect("edits:recipes")


@require_POST
def restore(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take back that it was deleted."""
    if not restore_recipe(owner=signed_in(request), public_id=public_id):
        return redirect("edits:recipes")
    messages.success(request, gettext("Restored."))
    return redirect("edits:recipe", public_id)


def _own(request: HttpRequest, public_id: UUID) -> Recipe:
    mine = Recipe.objects.of(signed_in(request)).filter(deleted_at__isnull=True)
    return get_object_or_404(mine, public_id=public_id)
