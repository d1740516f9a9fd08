"""The canaries of a provider for its page: a switch for each model, a chart, and whether the model changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.views.decorators.http import require_POST

from edits.models import CanaryRun, CanarySkip, Provider, ProviderModel
from edits.services.budgets.costs import dollars
from edits.services.canary import daily_at, shape_words, switch_canary
from edits.views.access import administrators_only, signed_in
from edits.views.canary_chart import DAYS, Chart, chart_of, percent
from edits.views.provider_calls import OF_FAULT


@dataclass(frozen=True)
class Row:
    """One run in words, for those who do not see the chart."""

    run: CanaryRun
    words: str
    tone: str
    difference: str
    shape: str
    cost: str


@dataclass(frozen=True)
class Change:
    """The model changed with the picture ``after``; ``before`` is the baseline until then."""

    before: CanaryRun
    after: CanaryRun
    sentence: str
    what: str


@dataclass(frozen=True)
class Canary:
    """One model with its canary."""

    model: ProviderModel
    terms: str
    """When it runs and what it costs."""
    chart: Chart
    rows: Sequence[Row]
    summary: str
    failed_on: str
    takes_seed: bool
    change: Change | None


def canary_context(provider: Provider) -> dict[str, Any]:
    """What ``canary/_canary.html`` takes: ``canaries``, one for each model that may be chosen.  Three queries."""
    now = timezone.now()
    offered = ProviderModel.objects.offered().filter(provider=provider)
    models = list(offered)
    since = now - timedelta(days=DAYS)
    all_runs = CanaryRun.objects.filter(model__in=models).order_by("began_at")
    recent = list(all_runs.filter(began_at__gt=since).defer("picture"))
    baselines = list(all_runs.filter(is_baseline=True))
    return {"canaries": [_canary(model, recent, baselines, now=now) for model in models]}


@require_POST
@administrators_only
def switch(request: HttpRequest, slug: str) -> HttpResponse:
    """Switch the canary of one of the provider's models on or off."""
    key, on = request.POST.get("model", ""), request.POST.get("on", "")
    if not key.isdecimal() or len(key) > 18 or on not in ("0", "1"):
        raise Http404
    rows = ProviderModel.objects.select_related("provider").filter(provider__removed_at__isnull=True)
    model = get_object_or_404(rows, pk=key, provider__slug=slug)
    if switch_canary(model=model, on=on == "1", actor=signed_in(request), now=timezone.now()):
        model.refresh_from_db()
        messages.success(request, _switched_words(model))
    return redirect("edits:provider", slug)


def _switched_words(model: ProviderModel) -> str:
    if model.canary_due_at is None:
        return f"Canary of {model.title} switched off."
    first = timezone.localtime(model.canary_due_at, timezone.get_default_timezone())
    return (
        f"Canary of {model.title} switched on. It first runs on {format_date(first, 'j F')} at {first:%H:%M}."
    )


def _canary(
    model: ProviderModel, recent: list[CanaryRun], baselines: list[CanaryRun], *, now: datetime
) -> Canary:
    runs = [run for run in recent if run.model_id == model.pk]
    rows = [_row(run, model, now=now) for run in reversed(runs)]
    failed = [run for run in runs if run.has_failed]
    return Canary(
        model=model,
        terms=f"Daily at {daily_at(model):%H:%M}{_price_words(model)}",
        chart=chart_of(runs, now=now),
        rows=rows,
        summary=_summary(runs, failed=failed),
        failed_on=_day(failed[-1]) if failed else "",
        takes_seed=any(run.difference is not None for run in runs),
        change=_change([run for run in baselines if run.model_id == model.pk]),
    )


def _price_words(model: ProviderModel) -> str:
    if model.provider.is_practice or model.price == 0:
        return ", free"
    return "; may cost one edit" if model.price is None else f", about {dollars(model.price)}"


def _row(run: CanaryRun, model: ProviderModel, *, now: datetime) -> Row:
    words, tone = _outcome(run, model, now=now)
    return Row(
        run=run,
        words=words,
        tone=tone,
        difference="" if run.difference is None else percent(run.difference),
        shape=shape_words(run) if run.has_picture else "",
        cost=_cost_words(run),
    )


def _outcome(run: CanaryRun, model: ProviderModel, *, now: datetime) -> tuple[str, str]:
    """In words, and the tone of their badge."""
    if run.is_skipped:
        return f"Skipped: {CanarySkip(run.skipped).label}", ""
    if run.is_open:
        in_flight = model.provider.tested_at == run.began_at and model.provider.tests_in_flight(now)
        return ("Under way", "accent") if in_flight else ("Cut off", "warn")
    if run.is_filtered:
        return "Stopped by the content filter", ""
    if run.fault:
        words, tone = OF_FAULT.get(run.fault, ("Failed", "bad"))
        return (f"{words} (HTTP {run.status})" if run.status else words), tone
    if run.model_changed:
        return "Model changed", "warn"
    return ("Baseline", "ok") if run.is_baseline else ("Answered", "ok")


def _cost_words(run: CanaryRun) -> str:
    if run.charged == "no":
        return "not charged"
    charged = "charged" if run.charged == "yes" else "may have been charged"
    return charged if run.cost is None else f"{dollars(run.cost)}, {charged}"


def _summary(runs: Sequence[CanaryRun], *, failed: Sequence[CanaryRun]) -> str:
    """The chart in one sentence."""
    answered = [run for run in runs if run.has_picture]
    words = f"Canary of the last {DAYS} days: {len(answered)} answered, {len(failed)} failed."
    changed = [_day(run) for run in runs if run.model_changed]
    if answered:
        latest = answered[-1]
        words += f" The latest took {latest.seconds or 0:.1f} s"
        words += "." if latest.difference is None else f"; difference {percent(latest.difference)}."
    return f"{words} The model changed on {', '.join(changed)}." if changed else words


def _change(baselines: Sequence[CanaryRun]) -> Change | None:
    """The latest one, with the baseline before it."""
    for before, after in zip(reversed(baselines[:-1]), reversed(baselines[1:]), strict=True):
        if after.model_changed:
            alike = shape_words(before) == shape_words(after)
            what = (
                "Older seeds give other pictures since then."
                if alike
                else f"Its pictures are {shape_words(after)} since then; they were {shape_words(before)}."
            )
            day = timezone.localtime(after.began_at, timezone.get_default_timezone())
            return Change(before, after, f"The model changed on {format_date(day, 'j F')}.", what)
    return None


def _day(run: CanaryRun) -> str:
    return format_date(timezone.localtime(run.began_at, timezone.get_default_timezone()), "j M")
