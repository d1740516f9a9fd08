"""What is left of the budgets, in words for the studio."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edits.models import Budget, User
from edits.services.budgets.budgeting import Use, limits_of, use_of, use_of_team
from edits.services.budgets.periods import Period


@dataclass(frozen=True)
class Left:
    """41 of 60 left today; low when the last tenth has begun."""

    words: str
    is_low: bool


def left_context(person: User, *, now: datetime) -> dict[str, Any]:
    """``left`` of the person's day and month, and what to know before sending when the team has nothing left.

    One query, and one more for each kind of limit that is set.
    """
    budget = Budget.objects.current()
    uses = use_of(person, budget=budget, now=now) if any(limits_of(person, budget=budget)) else ()
    can_send = not any(use.is_used_up for use in uses)
    return {
        "left": [Left(_words(use), use.is_low) for use in uses if use.limit],
        "team_waits": _team_waits(budget, now=now) if can_send else "",
    }


def used_up_words(period: Period, *, what: str = "Waiting edits continue") -> str:
    """That the team's budget is used up, and when it goes on."""
    return f"The team's budget for {period.label} is used up. {what} {period.goes_on}."


def _words(use: Use) -> str:
    when = "today" if use.period.label == "today" else f"in {use.period.label}"
    words = f"{use.left:,} of {use.limit:,} left {when}"
    return f"{words}, again from {use.period.again_from}" if use.is_used_up else words


def _team_waits(budget: Budget, *, now: datetime) -> str:
    if not (budget.team_per_day or budget.team_per_month):
        return ""
    used_up = [use for use in use_of_team(budget=budget, now=now) if use.is_used_up]
    if not used_up:
        return ""
    return used_up_words(used_up[-1].period, what="What you send now waits and continues")
