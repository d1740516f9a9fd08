"""Settings > Providers: the list of services that edit pictures, for administrators."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from edits.models import Provider
from edits.views.access import administrators_only
from edits.views.provider_state import state_of


@never_cache
@require_safe
@administrators_only
def providers(request: HttpRequest) -> HttpResponse:
    """Each provider with its state."""
    now = timezone.now()
    rows = [state_of(row, now=now) for row in Provider.objects.current().prefetch_related("models")]
    return render(request, "providers/providers.html", {"rows": rows})
