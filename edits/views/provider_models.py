"""The models of a provider: found and added, edited, ordered, switched and removed by administrators."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from edits.forms.found_models import NONE_CHOSEN, FoundModelsForm
from edits.forms.model_spec import ModelForm
from edits.http.access import administrators_only, signed_in
from edits.models import EditRequest, ProviderModel
from edits.providers.presets import PRESETS
from edits.services.provider import offering
from edits.services.provider.adding import add_models
from edits.services.provider.connection_test import ConnectionFailed, list_models
from edits.views.provider_lookup import find_editable, find_model

UNPROCESSABLE = 422


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def find(request: HttpRequest, slug: str) -> HttpResponse:
    """Test the connection for free and list the server's models; ``do=add`` adds those that were ticked."""
    provider = find_editable(slug)
    there = set(provider.models.values_list("name", flat=True))
    data = request.POST if request.method == "POST" else None
    form = FoundModelsForm(data, preset=PRESETS[provider.kind], there=there)
    context: dict[str, Any] = {"provider": provider, "models": form}
    if data is None:
        return render(request, "provider/find_models.html", context)
    status = 200 if form.is_valid() else UNPROCESSABLE
    if status == 200 and request.POST.get("do") == "add":
        if chosen := form.chosen():
            added = add_models(provider, chosen, actor=signed_in(request), now=timezone.now())
            messages.success(
                request,
                gettext("Added: %(models)s.") % {"models": gettext(", ").join(model.name for model in added)},
            )
            return redirect(f"{reverse('edits:provider', args=[slug])}#models")
        form.add_error(None, NONE_CHOSEN)
        status = UNPROCESSABLE
    elif status == 200:
        try:
            listing = context["listing"] = list_models(provider)
            form.show(listing.names)
            if listing.has_list:
                context["vanished"] = sorted(there - set(listing.names))
        except ConnectionFailed as error:
            context["failure"], status = str(error), UNPROCESSABLE
    return render(request, "provider/find_models.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def model(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Its name for members, its price and its spec; a built-in spec is only shown."""
    row = find_model(slug, pk)
    form = ModelForm(request.POST if request.method == "POST" else None, model=row)
    if request.method == "POST" and form.is_valid():
        changed = offering.change_model(row, form.to_change(), actor=signed_in(request), now=timezone.now())
        messages.success(
            request,
            gettext("%(name)s saved.") % {"name": form.cleaned_data["label"] or row.name}
            if changed
            else gettext("Nothing changed."),
        )
        return _back(row)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "provider/model.html", {"model": row, "form": form}, status=status)


@require_POST
@administrators_only
def toggle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let members choose it, or no longer, as ``to`` says."""
    row, on = find_model(slug, pk), request.POST.get("to") == "on"
    if offering.turn_model(row, on=on, actor=signed_in(request), now=timezone.now()):
        words = (
            gettext("Members can now choose %(model)s.")
            if on
            else gettext("%(model)s is hidden from members. Its waiting edits are kept.")
        )
        messages.success(request, words % {"model": row.title})
    return _back(row)


@require_POST
@administrators_only
def set_default(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Use it where nobody chooses."""
    row = find_model(slug, pk)
    if offering.set_default(row, actor=signed_in(request), now=timezone.now()):
        messages.success(request, gettext("%(model)s is now the default model.") % {"model": row.title})
    return _back(row)


@require_POST
@administrators_only
def move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One place up or down, as ``to`` says."""
    row, up = find_model(slug, pk), request.POST.get("to") == "up"
    offering.move_model(row, up=up, actor=signed_in(request), now=timezone.now())
    return _back(row)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask first and say how many edits wait; then remove it."""
    row = find_model(slug, pk)
    if request.method != "POST":
        waiting = EditRequest.objects.queued().filter(provider=row.provider, model=row.name).count()
        return render(request, "provider/remove_model.html", {"model": row, "waiting": waiting})
    if offering.remove_model(row, actor=signed_in(request), now=timezone.now()):
        messages.success(request, gettext("%(name)s removed.") % {"name": row.title})
    return _back(row)


def _back(model: ProviderModel) -> HttpResponse:
    return redirect(f"{reverse('edits:provider', args=[model.provider.slug])}#models")
