"""What is left of the budgets, in words for the studio."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from edits.models import Budget, User
from edits.services.budgets.budgeting import Use, limits_of, use_of, use_of_team
from edits.services.budgets.costs import CostUse, cost_limits_of, cost_of, cost_of_team, dollars
from edits.services.budgets.periods import Period

TEAM_WAITS = "What you send now waits and continues"
TEAM_WAITS_FOR_MONEY = "What you send now with a model that costs something waits and continues"


@dataclass(frozen=True)
class Left:
    """41 of 60 left today; low when the last tenth has begun."""

    words: str
    is_low: bool


def left_context(person: User, *, now: datetime) -> dict[str, Any]:
    """``left`` of the person's day and month, and what to know before sending when the team has nothing left.

    One query, and a few more for each kind of limit that is set.
    """
    budget = Budget.objects.current()
    uses = use_of(person, budget=budget, now=now) if any(limits_of(person, budget=budget)) else ()
    costs = cost_of(person, budget=budget, now=now) if any(cost_limits_of(person, budget=budget)) else ()
    can_send = not any(use.is_used_up for use in uses)
    left = [Left(_words(use), use.is_low) for use in uses if use.limit]
    left += [Left(_cost_words(use), use.is_low) for use in costs if use.limit]
    return {"left": left, "team_waits": _team_waits(budget, now=now) if can_send else ""}


def used_up_words(period: Period, *, what: str = "Waiting edits continue") -> str:
    """That the team's budget is used up, and when edits continue."""
    return f"The team's budget for {period.label} is used up. {what} {period.goes_on}."


def limits_words(per_day: int | Decimal | None, per_month: int | Decimal | None) -> list[str]:
    """["60 a day", "1,000 a month"], ["$5.00 a day"]; those that there are."""
    limits = ((per_day, "a day"), (per_month, "a month"))
    return [f"{_amount(limit)} {span}" for limit, span in limits if limit]


def _amount(limit: int | Decimal) -> str:
    return dollars(limit) if isinstance(limit, Decimal) else f"{limit:,}"


def _words(use: Use) -> str:
    words = f"{use.left:,} of {use.limit:,} left {_when(use.period)}"
    return f"{words}, again from {use.period.again_from}" if use.is_used_up else words


def _cost_words(use: CostUse) -> str:
    words = f"{dollars(use.left)} left {_when(use.period)}"
    return f"{words}, again from {use.period.again_from}" if use.is_used_up else words


def _when(period: Period) -> str:
    return "today" if period.label == "today" else f"in {period.label}"


def _team_waits(budget: Budget, *, now: datetime) -> str:
    if budget.team_per_day or budget.team_per_month:
        full = [use for use in use_of_team(budget=budget, now=now) if use.is_used_up]
        if full:
            return used_up_words(full[-1].period, what=TEAM_WAITS)
    if budget.team_cost_per_day or budget.team_cost_per_month:
        spent = [use for use in cost_of_team(budget=budget, now=now) if use.is_used_up]
        if spent:
            return used_up_words(spent[-1].period, what=TEAM_WAITS_FOR_MONEY)
    return ""
