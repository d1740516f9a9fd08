"""Settings > Providers: the list of services that edit pictures, and their order, for administrators."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from edits.http.access import administrators_only, signed_in
from edits.services.provider.changing import move_provider
from edits.views.provider_list import provider_rows
from edits.views.provider_lookup import find_provider


@never_cache
@require_safe
@administrators_only
def providers(request: HttpRequest) -> HttpResponse:
    """Each provider with its state and the figures of the day."""
    return render(request, "providers/providers.html", {"page": provider_rows(timezone.now())})


@require_POST
@administrators_only
def move(request: HttpRequest, slug: str) -> HttpResponse:
    """One place up or down, as ``to`` says."""
    up = request.POST.get("to") == "up"
    move_provider(find_provider(slug), up=up, actor=signed_in(request), now=timezone.now())
    return redirect("edits:providers")
