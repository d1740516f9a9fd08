"""What is left of the budgets, in words for the studio."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from edits.models import Budget, User
from edits.services.budgets.budgeting import Use, limits_of, use_of, use_of_team
from edits.services.budgets.costs import CostUse, cost_limits_of, cost_of, cost_of_team, dollars
from edits.services.budgets.periods import Period
from edits.time_zones import is_elsewhere


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
    room = [use.left for use in uses if use.limit]
    money = [cost.left for cost in costs if cost.limit]
    left = [Left(_words(use), use.is_low) for use in uses if use.limit]
    left += [Left(_cost_words(use), use.is_low) for use in costs if use.limit]
    return {
        "left": left,
        "team_waits": _team_waits(budget, now=now) if can_send else "",
        "room_edits": min(room, default=None),
        "room_cost": min(money, default=None),
    }


def used_up_words(period: Period) -> str:
    """That the team's budget is used up, and when edits continue."""
    return _when(
        gettext("The team's budget for %(period)s is used up. Waiting edits continue %(at_midnight)s."),
        period,
    )


def limits_words(per_day: int | Decimal | None, per_month: int | Decimal | None) -> list[str]:
    """["60 a day", "1,000 a month"], ["$5.00 a day"]; those that there are."""
    words = []
    if per_day:
        words.append(gettext("%(limit)s a day") % {"limit": _amount(per_day)})
    if per_month:
        words.append(gettext("%(limit)s a month") % {"limit": _amount(per_month)})
    return words


def _amount(limit: int | Decimal) -> str:
    return dollars(limit) if isinstance(limit, Decimal) else f"{limit:,}"


def _words(use: Use) -> str:
    # Translators: "when" is "today" or "in November".
    sentence = gettext("%(left)s of %(limit)s left %(when)s")
    values = {"left": f"{use.left:,}", "limit": f"{use.limit:,}", "when": _in(use.period)}
    return _with_time(sentence % values, use.period, is_used_up=use.is_used_up)


def _cost_words(use: CostUse) -> str:
    # Translators: "when" is "today" or "in November".
    words = gettext("%(left)s left %(when)s") % {"left": dollars(use.left), "when": _in(use.period)}
    return _with_time(words, use.period, is_used_up=use.is_used_up)


def _in(period: Period) -> str:
    return period.label if period.is_day else gettext("in %(month)s") % {"month": period.label}


def _with_time(words: str, period: Period, *, is_used_up: bool) -> str:
    """… today, … in November, … today, again from midnight (UTC); the zone also where the reader's day is another."""
    if is_used_up:
        return gettext("%(words)s, again from %(time)s") % {"words": words, "time": period.again_from}
    if is_elsewhere():
        return gettext("%(words)s (%(zone)s)") % {"words": words, "zone": period.zone_name}
    return words


def _team_waits(budget: Budget, *, now: datetime) -> str:
    if budget.team_per_day or budget.team_per_month:
        full = [use for use in use_of_team(budget=budget, now=now) if use.is_used_up]
        if full:
            sentence = gettext(
                "The team's budget for %(period)s is used up. What you send now waits and continues %(at_midnight)s."
            )
            return _when(sentence, full[-1].period)
    if budget.team_cost_per_day or budget.team_cost_per_month:
        spent = [use for use in cost_of_team(budget=budget, now=now) if use.is_used_up]
        if spent:
            sentence = gettext(
                "The team's budget for %(period)s is used up. "
                "What you send now with a model that has a price waits and continues %(at_midnight)s."
            )
            return _when(sentence, spent[-1].period)
    return ""


def _when(sentence: str, period: Period) -> str:
    return sentence % {"period": period.label, "at_midnight": period.goes_on}
