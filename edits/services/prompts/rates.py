"""Counts what became of the latest edits of each preset and each model: a worker does, so that pages need not.

Costs the same in a library of any size: of a preset its last ``MOST`` edits are read, and for all models together
the last ``WINDOW`` edits of the installation, of which each model's last ``MOST`` count.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from edits.models import EditRequest, PresetUse, PromptPreset, ProviderModel, Rates, Star, Status

MOST = 200
WINDOW = 2_000
DAYS = timedelta(days=90)
"""Older edits do not count: models and what people ask for change."""
FRESH = timedelta(minutes=10)
PRESETS_PER_ROUND = 20
ENDED = (Status.SUCCEEDED, Status.FILTERED, Status.FAILED)


class Outcome(NamedTuple):
    """What became of one edit."""

    status: str
    created_at: datetime
    is_kept: bool
    is_repeated: bool


def count_rates(*, lease: timedelta, now: datetime) -> None:
    """A worker's round: count again what was last counted some minutes ago."""
    stale = Q(counted_at__isnull=True) | Q(counted_at__lt=now - FRESH)
    if ProviderModel.objects.filter(stale).order_by().exists():
        count_models(now=now)
    presets = PromptPreset.objects.kept().filter(stale).order_by("counted_at")[:PRESETS_PER_ROUND]
    for preset in presets:
        count_preset(preset, now=now)


def count_models(*, now: datetime) -> None:
    """The rates of all models, from one read of the latest edits."""
    latest = EditRequest.objects.order_by("-pk").annotate(is_kept=_is_kept("pk"), is_repeated=_is_rerun("pk"))
    found: dict[tuple[int, str], list[Outcome]] = defaultdict(list)
    columns = ("provider", "model", "status", "created_at", "is_kept", "is_repeated")
    for provider, model, *outcome in latest.values_list(*columns)[:WINDOW]:
        found[provider, model].append(Outcome(*outcome))
    rows = list(ProviderModel.objects.order_by().only("provider_id", "name"))
    for row in rows:
        row.rates_json, row.counted_at = rates_of(found[row.provider_id, row.name], now=now).stored(), now
    ProviderModel.objects.bulk_update(rows, ["rates_json", "counted_at"])


def count_preset(preset: PromptPreset, *, now: datetime) -> None:
    """The rates of one preset."""
    uses = PresetUse.objects.filter(preset=preset).order_by("-edit")
    marked = uses.annotate(is_kept=_is_kept("edit"), is_repeated=_is_rerun("edit"))
    columns = ("edit__status", "edit__created_at", "is_kept", "is_repeated")
    found = (Outcome(*outcome) for outcome in marked.values_list(*columns)[: 2 * MOST])
    same = PromptPreset.objects.filter(pk=preset.pk, prompt=preset.prompt)  # another one begins again
    same.update(rates_json=rates_of(found, now=now).stored(), counted_at=now)


def rates_of(latest: Iterable[Outcome], *, now: datetime) -> Rates:
    """Of edits, the latest first: the last ``MOST`` that ended.  What was canceled or still runs does not count."""
    counted = [row for row in latest if row.status in ENDED and row.created_at > now - DAYS][:MOST]
    return Rates(
        edits=len(counted),
        done=sum(row.status == Status.SUCCEEDED for row in counted),
        filtered=sum(row.status == Status.FILTERED for row in counted),
        kept=sum(row.is_kept for row in counted),
        repeated=sum(row.is_repeated for row in counted),
    )


def _is_kept(key: str) -> Exists:
    """Whether anybody starred it, which is also what keeping it on a contact sheet does."""
    return Exists(Star.objects.filter(edit=OuterRef(key)))


def _is_rerun(key: str) -> Exists:
    return Exists(EditRequest.objects.filter(rerun_of=OuterRef(key)).order_by())
