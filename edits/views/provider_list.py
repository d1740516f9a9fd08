"""The rows of the list of providers: state, models, the day's calls, costs and times."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from edits.models import Attempt, Budget, Charged, EditRequest, Provider, ProviderModel
from edits.providers.presets import PRESETS, Preset
from edits.services.budgets.costs import CostUse, cost_of_team, dollars
from edits.views.provider_state import kind_of

CENT = Decimal("0.01")
SAMPLE = 400
"""Of how many calls of the last day at most a provider's times are read, the latest ones."""
LINE_WIDTH, LINE_HEIGHT, LINE_POINTS, LINE_EDGE = 104, 26, 24, 4


@dataclass(frozen=True)
class Sparkline:
    """A small line over the last day as parts of an SVG, 104 by 26."""

    path: str
    area: str
    end_x: float
    end_y: float


@dataclass
class ProviderRow:
    """One provider of the list."""

    provider: Provider
    kind: str
    models: int = 0
    has_default: bool = False
    waiting: int = 0
    calls: int = 0
    failed: int = 0
    cost: Decimal = Decimal(0)
    median_seconds: float | None = None
    line: Sparkline | None = None
    is_first: bool = False
    is_last: bool = False

    @property
    def preset(self) -> Preset:
        """What kind of server it is."""
        return PRESETS[self.provider.kind]

    @property
    def cost_words(self) -> str:
        """$4.28; blank where nothing was charged."""
        return rounded(self.cost) if self.cost else ""

    @property
    def can_try_now(self) -> bool:
        """Something holds it that an administrator may ask to be tried before its time."""
        return self.kind in ("held", "waiting")


@dataclass(frozen=True)
class ProviderPage:
    """All rows, and the sums of the day."""

    rows: list[ProviderRow]
    removed: list[ProviderRow]
    """Removed providers for which edits still wait."""
    cost: CostUse
    calls: int
    failed: int

    @property
    def waiting(self) -> int:
        """All queued edits."""
        return sum(row.waiting for row in [*self.rows, *self.removed])

    @property
    def cost_words(self) -> str:
        """$6.10."""
        return rounded(self.cost.used)

    @property
    def failed_percent(self) -> float:
        """The share of failed calls in percent."""
        return 100 * self.failed / self.calls if self.calls else 0.0


def rounded(amount: Decimal) -> str:
    """A sum to the cent; less than ten cents as exactly as it is known."""
    return dollars(amount.quantize(CENT) if amount >= 10 * CENT else amount)


def provider_rows(now: datetime) -> ProviderPage:
    """The list as it is now.  Nine queries."""
    rows = {row.pk: ProviderRow(row, _kind(row, now=now)) for row in _shown()}
    _count_models(rows)
    for pk, waiting in EditRequest.objects.queued().number_by_provider().items():
        if pk in rows:
            rows[pk].waiting = waiting
    calls, failed = _count_calls(rows, now=now)
    for pk, times in _times(now).items():
        if pk in rows:
            rows[pk].median_seconds = median(seconds for _, seconds in times)
            rows[pk].line = line_of(times, now=now)
    current = [row for row in rows.values() if row.provider.removed_at is None]
    if current:
        current[0].is_first = current[-1].is_last = True
    removed = [row for row in rows.values() if row.provider.removed_at]
    cost = cost_of_team(budget=Budget.objects.current(), now=now)[0]
    return ProviderPage(current, removed, cost, calls, failed)


def _shown() -> QuerySet[Provider]:
    waiting = EditRequest.objects.queued().filter(provider=OuterRef("pk"))
    return Provider.objects.filter(Q(removed_at__isnull=True) | Exists(waiting)).order_by("position", "pk")


def _kind(provider: Provider, *, now: datetime) -> str:
    return "removed" if provider.removed_at else kind_of(provider, now=now)


def _count_models(rows: dict[int, ProviderRow]) -> None:
    offered = [model for model in ProviderModel.objects.all_offered() if model.provider_id in rows]
    for model in offered:
        rows[model.provider_id].models += 1
    if default := ProviderModel.objects.default_of(offered):
        rows[default.provider_id].has_default = True


def _count_calls(rows: dict[int, ProviderRow], *, now: datetime) -> tuple[int, int]:
    """The calls and failed calls of the day in all, those to removed providers included."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    charged = Q(charged__in=(Charged.YES, Charged.MAYBE))
    counted = (
        Attempt.objects.filter(started_at__gte=midnight)
        .order_by()
        .values_list("account")
        .annotate(
            calls=Count("pk"), failed=Count("pk", filter=~Q(fault="")), cost=Sum("cost", filter=charged)
        )
    )
    all_calls = all_failed = 0
    for pk, calls, failed, cost in counted:
        all_calls, all_failed = all_calls + calls, all_failed + failed
        if pk in rows:
            rows[pk].calls, rows[pk].failed = calls, failed
            rows[pk].cost = Decimal(cost or 0)
    return all_calls, all_failed


def _times(now: datetime) -> dict[int, list[tuple[datetime, float]]]:
    """Of each provider when its latest good calls of the last day began, and how many seconds they took."""
    answered = Attempt.objects.filter(
        started_at__gt=now - timedelta(days=1), ended_at__isnull=False, fault=""
    )
    latest = Window(RowNumber(), partition_by=F("account"), order_by=F("started_at").desc())
    found: dict[int, list[tuple[datetime, float]]] = defaultdict(list)
    rows: Iterable[Any] = answered.annotate(rank=latest).filter(rank__lte=SAMPLE).order_by("started_at")
    for pk, began, ended in rows.values_list("account", "started_at", "ended_at"):  # type: ignore[attr-defined]
        found[pk].append((began, max(0.0, (ended - began).total_seconds())))
    return found


def line_of(times: Sequence[tuple[datetime, float]], *, now: datetime) -> Sparkline | None:
    """The medians of each hour of the last day, joined; None where there are not two hours with calls."""
    hours: dict[int, list[float]] = defaultdict(list)
    for began, seconds in times:
        age_hours = (now - began).total_seconds() / 3600
        hours[LINE_POINTS - 1 - min(LINE_POINTS - 1, int(age_hours))].append(seconds)
    if len(hours) < 2:
        return None
    medians = {hour: median(values) for hour, values in sorted(hours.items())}
    most = max(medians.values()) or 1.0
    points = [
        (
            round(LINE_WIDTH * hour / (LINE_POINTS - 1), 1),
            round(LINE_HEIGHT - (LINE_HEIGHT - LINE_EDGE) * seconds / most, 1),
        )
        for hour, seconds in medians.items()
    ]
    path = "M" + " L".join(f"{x} {y}" for x, y in points)
    area = f"{path} L{points[-1][0]} {LINE_HEIGHT} L{points[0][0]} {LINE_HEIGHT}Z"
    return Sparkline(path, area, *points[-1])
