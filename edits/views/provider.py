"""The page of one provider for administrators: its state, its latest calls, and the switches."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from edits.http.access import administrators_only, signed_in
from edits.models import Provider, ProviderModel
from edits.providers.presets import PRESETS
from edits.services.provider import queue_controls
from edits.services.provider.trial_edit import MOST_SECONDS, try_connection
from edits.views.canary import canary_context
from edits.views.htmx import HtmxRequest
from edits.views.provider_calls import last_calls, seen_mark, today
from edits.views.provider_lookup import find_provider, find_with_waiting
from edits.views.provider_state import state_of
from edits.views.provider_waiting import waiting_groups


@never_cache
@require_safe
@administrators_only
def provider(request: HtmxRequest, slug: str) -> HttpResponse:
    """The page.  An open one asks every ten seconds for what changed, and reloads when its switches would change."""
    row = find_with_waiting(slug)
    if not request.htmx:
        return render(request, "provider/provider.html", _shown(row))
    shown = _live(row)
    if request.GET.get("was") != shown["state"].kind:
        return HttpResponse(headers={"HX-Refresh": "true"})
    shown["calls_moved"] = request.GET.get("seen") != shown["seen"]
    return render(request, "provider/_changes.html", shown)


@require_POST
@administrators_only
def test(request: HtmxRequest, slug: str) -> HttpResponse:
    """One real call, then the page with what came of it.  Takes as long as the call, at most about a minute."""
    row = find_provider(slug)
    model = _model_to_test(row, request.POST.get("model", ""))
    trial = try_connection(actor=signed_in(request), model=model) if model else None
    row.refresh_from_db()
    return render(request, "provider/provider.html", _shown(row) | {"trial": trial, "tested": model})


def _model_to_test(provider: Provider, name: str) -> ProviderModel | None:
    """The one that was named, otherwise the first that members may choose, otherwise the first."""
    rows = list(provider.models.select_related("provider"))
    named = [row for row in rows if row.name == name]
    on = [row for row in rows if row.is_on or row.is_of_settings]
    return next(iter([*named, *on, *rows]), None)


@require_POST
@administrators_only
def pause(request: HtmxRequest, slug: str) -> HttpResponse:
    """Let nothing new be sent."""
    row = find_provider(slug)
    if queue_controls.stop_sending(row, actor=signed_in(request), now=timezone.now()):
        messages.success(
            request,
            gettext("%(name)s is switched off. Running edits finish; waiting ones are kept.")
            % {"name": row.title},
        )
    return redirect("edits:provider", row.slug)


@require_POST
@administrators_only
def resume(request: HtmxRequest, slug: str) -> HttpResponse:
    """Let edits go out again."""
    row = find_provider(slug)
    if queue_controls.resume_sending(row, actor=signed_in(request), now=timezone.now()):
        messages.success(request, gettext("%(name)s is switched on.") % {"name": row.title})
    return redirect("edits:provider", row.slug)


@require_POST
@administrators_only
def probe(request: HtmxRequest, slug: str) -> HttpResponse:
    """Ask again before the time."""
    row = find_provider(slug)
    refusal = queue_controls.try_now(row, actor=signed_in(request), now=timezone.now())
    if refusal:
        messages.warning(request, refusal)
    else:
        messages.success(request, gettext("The next waiting edit is sent now, if there is one."))
    return redirect("edits:provider", row.slug)


def _shown(row: Provider) -> dict[str, Any]:
    """All that the page says, but for what came of a test.  Twelve queries, two more where edits wait."""
    models = list(row.models.order_by("position", "pk"))
    for model in models:
        model.provider = row
    return _live(row) | canary_context(row) | {"preset": PRESETS[row.kind], "models": models}


def _live(row: Provider) -> dict[str, Any]:
    """What an open page asks for again and again.  Eight queries, two more where edits wait."""
    now = timezone.now()
    calls, groups = last_calls(row), waiting_groups(row)
    return {
        "provider": row,
        "state": state_of(row, groups=groups, now=now),
        "groups": groups,
        "calls": calls,
        "seen": seen_mark(calls),
        "today": today(now, row),
        "test_seconds": MOST_SECONDS,
    }
