"""The canaries of a provider for its page: a switch for each model, a chart, and whether the model changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from edits.fault_words import words_of
from edits.http.access import administrators_only, signed_in
from edits.models import CanaryRun, CanarySkip, Provider, ProviderModel
from edits.services.budgets.costs import dollars
from edits.services.canary import next_day, shape_words, switch_canary
from edits.time_zones import moment_words
from edits.views.canary_chart import DAYS, Chart, chart_of, percent


@dataclass(frozen=True)
class CanaryRow:
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
    rows: Sequence[CanaryRow]
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
def toggle(request: HttpRequest, slug: str) -> HttpResponse:
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
        return gettext("Canary of %(model)s switched off.") % {"model": model.title}
    first = model.canary_due_at
    return gettext("Canary of %(model)s switched on. It first runs on %(day)s at %(clock)s.") % {
        "model": model.title,
        "day": moment_words(first, "day"),
        "clock": moment_words(first, "clock"),
    }


def _canary(
    model: ProviderModel, recent: list[CanaryRun], baselines: list[CanaryRun], *, now: datetime
) -> Canary:
    runs = [run for run in recent if run.model_id == model.pk]
    rows = [_row(run, model, now=now) for run in reversed(runs)]
    failed = [run for run in runs if run.has_failed]
    return Canary(
        model=model,
        terms=_terms(model, now=now),
        chart=chart_of(runs, now=now),
        rows=rows,
        summary=_summary(runs, failed=failed),
        failed_on=_day(failed[-1]) if failed else "",
        takes_seed=any(run.difference is not None for run in runs),
        change=_change([run for run in baselines if run.model_id == model.pk]),
    )


def _terms(model: ProviderModel, *, now: datetime) -> str:
    clock = moment_words(next_day(model, now=now), "clock")
    if model.provider.is_practice or model.price == 0:
        return gettext("Daily at %(clock)s, free") % {"clock": clock}
    if model.price is None:
        return gettext("Daily at %(clock)s; may cost one edit") % {"clock": clock}
    return gettext("Daily at %(clock)s, about %(price)s") % {"clock": clock, "price": dollars(model.price)}


def _row(run: CanaryRun, model: ProviderModel, *, now: datetime) -> CanaryRow:
    words, tone = _outcome(run, model, now=now)
    return CanaryRow(
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
        return gettext("Skipped: %(reason)s") % {"reason": CanarySkip(run.skipped).label}, ""
    if run.is_open:
        in_flight = model.provider.tested_at == run.began_at and model.provider.tests_in_flight(now)
        return (gettext("In progress"), "accent") if in_flight else (gettext("Cut off"), "warn")
    if run.is_filtered:
        return gettext("Stopped by the content filter"), ""
    if run.fault:
        words = words_of(run.fault, run.status)
        return (f"{words.label} (HTTP {run.status})" if run.status else str(words.label)), words.tone
    if run.model_changed:
        return gettext("Model changed"), "warn"
    return (gettext("Baseline") if run.is_baseline else gettext("Answered")), "ok"


def _cost_words(run: CanaryRun) -> str:
    if run.charged == "no":
        return gettext("not charged")
    is_sure = run.charged == "yes"
    if run.cost is None:
        return gettext("charged") if is_sure else gettext("may have been charged")
    words = gettext("%(cost)s, charged") if is_sure else gettext("%(cost)s, may have been charged")
    return words % {"cost": dollars(run.cost)}


def _summary(runs: Sequence[CanaryRun], *, failed: Sequence[CanaryRun]) -> str:
    """The chart in words."""
    answered = [run for run in runs if run.has_picture]
    said = gettext("Canary of the last %(days)s days: %(answered)s answered, %(failed)s failed.")
    words = [said % {"days": DAYS, "answered": len(answered), "failed": len(failed)}]
    if answered:
        words.append(_latest_words(answered[-1]))
    if changed := [_day(run) for run in runs if run.model_changed]:
        words.append(gettext("The model changed on %(days)s.") % {"days": gettext(", ").join(changed)})
    return " ".join(words)


def _latest_words(run: CanaryRun) -> str:
    seconds = f"{run.seconds or 0:.1f}"
    if run.difference is None:
        return gettext("The latest took %(seconds)s s.") % {"seconds": seconds}
    values = {"seconds": seconds, "share": percent(run.difference)}
    return gettext("The latest took %(seconds)s s; difference %(share)s.") % values


def _change(baselines: Sequence[CanaryRun]) -> Change | None:
    """The latest one, with the baseline before it."""
    for before, after in zip(reversed(baselines[:-1]), reversed(baselines[1:]), strict=True):
        if after.model_changed:
            sentence = gettext("The model changed on %(day)s.") % {"day": _day(after)}
            return Change(before, after, sentence, _what_changed(before, after))
    return None


def _what_changed(before: CanaryRun, after: CanaryRun) -> str:
    old, new = shape_words(before), shape_words(after)
    if old == new:
        return gettext("The same seed has given another picture since then.")
    return gettext("Its pictures have been %(new)s since then; before, they were %(old)s.") % {
        "new": new,
        "old": old,
    }


def _day(run: CanaryRun) -> str:
    return moment_words(run.began_at, "day")
