"""What calls cost in US dollars by the prices of their models: of a person, of the team, and what is left.

A person's cost of a day or a month is the sum of
1. the recorded cost of each of their calls that began in it and was or may have been charged, failed edits included,
2. the model's price for each of these calls that has not ended yet,
3. the model's price for each of their edits that is queued now, whenever it was queued.

The team's cost is the same for all people, without the third part: queued edits wait until the team's budget allows
them.  Models without a price cost nothing.  Deleted edits still count (SpentDay).  Connection tests and canary calls
belong to no edit and count in no budget.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from edits.models import Attempt, Budget, EditRequest, ProviderModel, SpentDay, User
from edits.models.attempts import AttemptQuerySet
from edits.models.spent_days import SpentDayQuerySet
from edits.services.budgets.periods import Period, day_of, month_of

SMALLEST = Decimal("0.0001")
"""To which costs are stored; SQLite adds them up as floats."""
Prices = Mapping[tuple[int, str], Decimal]


@dataclass(frozen=True)
class CostUse:
    """How many dollars a period has seen so far, and how many it may see."""

    used: Decimal
    limit: Decimal | None
    period: Period
    under_way: Decimal = Decimal(0)
    """Of calls that have not ended yet; it may still prove not to be charged."""

    @property
    def left(self) -> Decimal:
        """How much is left; only where there is a limit."""
        return max(Decimal(0), self.limit - self.used) if self.limit else Decimal(0)

    @property
    def is_used_up(self) -> bool:
        """There is a limit, and it is reached."""
        return self.limit is not None and self.used >= self.limit

    @property
    def is_low(self) -> bool:
        """At most a tenth of it is left."""
        return self.limit is not None and self.left <= self.limit / 10

    def has_room_for(self, price: Decimal) -> bool:
        """Whether one more edit at this price fits; a free one always does."""
        return not price or self.limit is None or self.used + price <= self.limit

    @property
    def used_words(self) -> str:
        """For people: $1.20."""
        return dollars(self.used)

    @property
    def limit_words(self) -> str:
        """For people: $5.00, blank where there is no limit."""
        return dollars(self.limit) if self.limit else ""


def dollars(amount: Decimal) -> str:
    """$3.20, $1,000.00; fractions of a cent where there are any: $0.0042."""
    whole, _, fraction = f"{amount.quantize(SMALLEST):,f}".partition(".")
    return f"${whole}.{fraction.rstrip('0').ljust(2, '0')}"


def price_of(edit: EditRequest) -> Decimal:
    """The price of one call for this edit; 0 where its model has none."""
    model = edit.provider_model
    return (model.price if model else None) or Decimal(0)


def cost_limits_of(person: User, *, budget: Budget) -> tuple[Decimal | None, Decimal | None]:
    """The person's dollars a day and a month: their own limits where they have some."""
    return (
        person.cost_per_day or budget.person_cost_per_day,
        person.cost_per_month or budget.person_cost_per_month,
    )


def cost_of(person: User, *, budget: Budget, now: datetime) -> tuple[CostUse, CostUse]:
    """The person's cost of this day and of this month, queued edits included.  Four queries."""
    prices = _prices()
    queued = EditRequest.objects.of(person).queued().order_by().values_list("provider", "model")
    waiting = queued.annotate(count=Count("pk"))
    to_come = sum((prices.get((pk, name), Decimal(0)) * count for pk, name, count in waiting), Decimal(0))
    per_day, per_month = cost_limits_of(person, budget=budget)
    calls, gone = Attempt.objects.filter(edit__owner=person), SpentDay.objects.of(person)
    day, month = _both(calls, gone, prices=prices, now=now)
    return (
        replace(day, used=day.used + to_come, limit=per_day),
        replace(month, used=month.used + to_come, limit=per_month),
    )


def cost_of_team(*, budget: Budget, now: datetime) -> tuple[CostUse, CostUse]:
    """The cost of the team's calls of this day and this month.  Three queries."""
    day, month = _both(Attempt.objects.all(), SpentDay.objects.all(), prices=_prices(), now=now)
    return replace(day, limit=budget.team_cost_per_day), replace(month, limit=budget.team_cost_per_month)


def money_counts(budget: Budget, person: User | None = None, *, offered: Iterable[ProviderModel]) -> bool:
    """Whether there is anything to read about money: a limit of the person, or else of the team, or a price."""
    limits = cost_limits_of(person, budget=budget) if person else ()
    has_limit = any(limits or (budget.team_cost_per_day, budget.team_cost_per_month))
    return has_limit or any(model.price for model in offered)


def without_room(uses: Iterable[CostUse], *, price: Decimal) -> CostUse | None:
    """The one of these that has no room for this price, of several the one that lasts longest."""
    full = [use for use in uses if not use.has_room_for(price)]
    return max(full, key=lambda use: use.period.end, default=None)


def _prices() -> Prices:
    priced = ProviderModel.objects.filter(price__gt=0)
    return {(pk, name): price for pk, name, price in priced.values_list("provider", "name", "price") if price}


def _both(
    calls: AttemptQuerySet, gone: SpentDayQuerySet, *, prices: Prices, now: datetime
) -> tuple[CostUse, CostUse]:
    """What these calls cost this day and this month, and what deleted edits had cost."""
    day, month = day_of(now), month_of(now)
    by_model = _by_model(calls.paid(since=month.start), day=day)
    deleted = gone.total_cost(today=day.start.date(), since=month.start.date())
    uses = []
    for name, period, earlier in (("day", day, deleted[0]), ("month", month, deleted[1])):
        ended = sum((row[f"{name}_cost"] or Decimal(0) for row in by_model), Decimal(0))
        running = sum(
            (
                prices.get((row["account"], row["model"]), Decimal(0)) * row[f"{name}_open"]
                for row in by_model
            ),
            Decimal(0),
        )
        used = (earlier + ended + running).quantize(SMALLEST)
        uses.append(CostUse(used, None, period, under_way=running))
    return uses[0], uses[1]


def _by_model(calls: AttemptQuerySet, *, day: Period) -> list[dict[str, Any]]:
    """Of each model what its ended calls cost and how many are still open; one query, for they may be many."""
    is_open, in_day = Q(ended_at__isnull=True), Q(started_at__gte=day.start)
    rows: Any = calls.order_by().values("account", "model").annotate(
        day_cost=Sum("cost", filter=in_day),
        month_cost=Sum("cost"),
        day_open=Count("pk", filter=in_day & is_open),
        month_open=Count("pk", filter=is_open),
    )  # fmt: skip
    return list(rows)
