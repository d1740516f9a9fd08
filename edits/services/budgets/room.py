"""How many of several edits fit into the budgets of their owner.  They are taken in together, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import accumulate

from django.utils.translation import gettext

from edits.models import Budget, EditRequest, User
from edits.services.budgets.budgeting import OverBudget, check_budget, limits_of, lock_budget_of, use_of
from edits.services.budgets.costs import cost_limits_of, cost_of, dollars, price_of
from edits.services.budgets.periods import Period


@dataclass(frozen=True)
class Room:
    """How many of ``asked`` edits fit, in their order, and what keeps out the next one: a period, or the queue."""

    asked: int
    fits: int
    period: Period | None = None
    most_waiting: int | None = None

    @property
    def is_enough(self) -> bool:
        """All of them fit."""
        return self.fits >= self.asked

    @property
    def sentence(self) -> str:
        """For their owner, where not all fit."""
        values = {"fits": f"{self.fits:,}", "number": f"{self.asked:,}"}
        if self.period is None:
            sentence = gettext(
                "%(fits)s of your %(number)s edits would fit now: you may have %(most)s waiting at once. "
                "Send fewer, or send the rest when some are done."
            )
            return sentence % {**values, "most": f"{self.most_waiting or 0:,}"}
        sentence = gettext(
            "%(fits)s of your %(number)s edits would fit into your budget for %(period)s. "
            "Send fewer, or send the rest from %(time)s."
        )
        return sentence % {**values, "period": self.period.label, "time": self.period.again_from}


def take_places(edits: Sequence[EditRequest], *, now: datetime) -> None:
    """Check the budgets of the edits' owner in the transaction that then queues all of them.

    Of two at once the second waits here and counts the first.  Raises OverBudget.
    """
    owner = lock_budget_of(edits[0].owner_id)
    check_budget(owner, edit=edits[0], now=now)
    if len(edits) == 1:
        return
    _check_dearest(owner, edits)
    room = room_for(owner, prices=prices_of(edits), now=now)
    if not room.is_enough:
        raise OverBudget(
            room.sentence, until=room.period.end if room.period else None, fits=min(room.fits, room.asked)
        )


def prices_of(edits: Sequence[EditRequest]) -> list[Decimal]:
    """The price of one call for each; each model is read once."""
    known: dict[tuple[int, str], Decimal] = {}
    for edit in edits:
        model = (edit.provider_id, edit.model)
        if model not in known:
            known[model] = price_of(edit)
    return [known[edit.provider_id, edit.model] for edit in edits]


def room_for(person: User, *, prices: Sequence[Decimal], now: datetime) -> Room:
    """How many edits of these prices fit into the person's budgets now.  Seven queries at most."""
    budget, asked = Budget.objects.current(), len(prices)
    rooms = [Room(asked, asked)]
    if budget.person_waiting:
        waiting = EditRequest.objects.of(person).queued().count()
        left = max(0, budget.person_waiting - waiting)
        rooms.append(Room(asked, left, most_waiting=budget.person_waiting))
    if any(limits_of(person, budget=budget)):
        uses = use_of(person, budget=budget, now=now)
        rooms += [Room(asked, use.left, use.period) for use in uses if use.limit]
    if any(prices) and any(cost_limits_of(person, budget=budget)):
        sums = list(accumulate(prices))
        for cost in cost_of(person, budget=budget, now=now):
            if cost.limit:
                rooms.append(Room(asked, sum(total <= cost.left for total in sums), cost.period))
    # The tightest one; of several the one that lasts longest, which comes last.
    return min(reversed(rooms), key=lambda room: min(room.fits, asked))


def _check_dearest(owner: User, edits: Sequence[EditRequest]) -> None:
    """An edit that costs more than the team's whole budget would wait forever.  Raises OverBudget."""
    budget = Budget.objects.current()
    of_team = min(filter(None, (budget.team_cost_per_day, budget.team_cost_per_month)), default=None)
    dearest = max(prices_of(edits))
    if of_team and dearest > of_team:
        sentence = gettext(
            "One edit with this model costs %(price)s, more than the team's whole budget of %(budget)s. "
            "Choose another model."
        )
        raise OverBudget(sentence % {"price": dollars(dearest), "budget": dollars(of_team)})
