"""The page *Provider* for administrators: whether edits go out, what the last calls brought, and the switches."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from edits.models import Provider
from edits.services.provider import operating
from edits.services.provider.trying import MOST_SECONDS, trial_client, try_connection
from edits.services.queue.claiming import Limits
from edits.views.access import administrators_only, signed_in
from edits.views.provider_calls import last_calls, seen_mark, today
from edits.views.provider_state import service, state_of


@never_cache
@require_safe
@administrators_only
def provider(request: HttpRequest) -> HttpResponse:
    """The page.  An open one asks every ten seconds for what changed, and loads anew when its switches would."""
    shown = _shown()
    if request.headers.get("HX-Request") != "true":
        return render(request, "provider/provider.html", shown)
    if request.GET.get("was") != shown["state"].kind:
        return HttpResponse(headers={"HX-Refresh": "true"})
    shown["calls_moved"] = request.GET.get("seen") != shown["seen"]
    return render(request, "provider/_changes.html", shown)


@require_POST
@administrators_only
def test(request: HttpRequest) -> HttpResponse:
    """One real call, then the page with what came of it.  Takes as long as the call, at most about a minute."""
    model = settings.STEPFUN_MODEL
    limits = Limits.from_settings()
    trial = try_connection(actor=signed_in(request), model=model, client=trial_client(), limits=limits)
    return render(request, "provider/provider.html", _shown() | {"trial": trial})


@require_POST
@administrators_only
def stop(request: HttpRequest) -> HttpResponse:
    """Let nothing new be sent."""
    if operating.stop_sending(actor=signed_in(request), now=timezone.now()):
        messages.success(request, "Stopped. What runs is finished; nothing else is sent until you resume.")
    return redirect("edits:provider")


@require_POST
@administrators_only
def resume(request: HttpRequest) -> HttpResponse:
    """Let edits go out again."""
    if operating.resume_sending(actor=signed_in(request), now=timezone.now()):
        messages.success(request, "Resumed.")
    return redirect("edits:provider")


@require_POST
@administrators_only
def try_now(request: HttpRequest) -> HttpResponse:
    """Ask again before the time."""
    refusal = operating.try_now(actor=signed_in(request), now=timezone.now())
    if refusal:
        messages.warning(request, refusal)
    else:
        messages.success(request, "The next edit in line is sent now, if there is one.")
    return redirect("edits:provider")


def _shown() -> dict[str, Any]:
    """All that the page says, but for what came of a test.  Eight queries."""
    now = timezone.now()
    calls = last_calls()
    return {
        "state": state_of(Provider.objects.get(pk=1), limits=Limits.from_settings(), now=now),
        "calls": calls,
        "seen": seen_mark(calls),
        "today": today(now),
        "service": service(),
        "test_seconds": MOST_SECONDS,
    }
