"""Says what a person and the team have left of their budgets, and refuses edits that would exceed them.

A person's edit counts on the day on which its owner queued it: while it waits and runs, when it is done and when
the filter stopped its result.  Not counted are failed edits, edits that the filter stopped before they were made,
and edits that were canceled without a call that may have been charged.  The team's budget counts calls that were or
may have been charged; a running call may still be.  Deleted edits still count.  Budgets in money have rules of their
own: see ``costs``.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext, ngettext

from edits.models import Attempt, Budget, Charged, EditRequest, SpentDay, Status, User
from edits.services.budgets.costs import CostUse, cost_limits_of, cost_of, dollars, price_of, without_room
from edits.services.budgets.periods import Period, day_of, month_of

WAIT_SECONDS = 60
"""When to ask again where nobody can know when there will be room."""


class OverBudget(Exception):
    """One more edit is more than a limit allows now.  ``sentence`` says so to its owner.

    ``fits`` is how many of several would fit; None where only one was asked for.
    """

    def __init__(self, sentence: str, *, until: datetime | None = None, fits: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.until, self.fits = sentence, until, fits

    def retry_after_seconds(self, now: datetime) -> int:
        """How long to wait before it makes sense to ask again."""
        return max(1, ceil((self.until - now).total_seconds())) if self.until else WAIT_SECONDS


@dataclass(frozen=True)
class Use:
    """How many edits, or of the team charged calls, a period has seen so far, and how many it may see."""

    used: int
    limit: int | None
    period: Period

    @property
    def left(self) -> int:
        """How many are left; only where there is a limit."""
        return max(0, self.limit - self.used) if self.limit else 0

    @property
    def is_used_up(self) -> bool:
        """There is a limit, and it is reached."""
        return self.limit is not None and self.used >= self.limit

    @property
    def is_low(self) -> bool:
        """The last tenth of it has begun."""
        return self.limit is not None and self.left <= max(1, self.limit // 10)

    @property
    def used_words(self) -> str:
        """For people: 1,024."""
        return f"{self.used:,}"

    @property
    def limit_words(self) -> str:
        """For people: 5,000, blank where there is no limit."""
        return f"{self.limit:,}" if self.limit else ""


def limits_of(person: User, *, budget: Budget) -> tuple[int | None, int | None]:
    """The person's edits a day and a month: their own limits where they have some."""
    return person.edits_per_day or budget.person_per_day, person.edits_per_month or budget.person_per_month


def use_of(person: User, *, budget: Budget, now: datetime) -> tuple[Use, Use]:
    """What the person used of this day and of this month.  Two queries."""
    day, month = day_of(now), month_of(now)
    counted = EditRequest.objects.of(person).filter(counts(), queued_at__gte=month.start).order_by()
    used = counted.aggregate(day=Count("pk", filter=Q(queued_at__gte=day.start)), month=Count("pk"))
    gone = SpentDay.objects.of(person).total("edits", today=day.start.date(), since=month.start.date())
    per_day, per_month = limits_of(person, budget=budget)
    return Use(used["day"] + gone[0], per_day, day), Use(used["month"] + gone[1], per_month, month)


def use_of_team(*, budget: Budget, now: datetime) -> tuple[Use, Use]:
    """What the team used of this day and of this month, in calls that were or may have been charged.  Two queries."""
    day, month = day_of(now), month_of(now)
    paid = Attempt.objects.paid(since=month.start).order_by()
    used = paid.aggregate(day=Count("pk", filter=Q(started_at__gte=day.start)), month=Count("pk"))
    gone = SpentDay.objects.total("calls", today=day.start.date(), since=month.start.date())
    of_day, of_month = used["day"] + gone[0], used["month"] + gone[1]
    return Use(of_day, budget.team_per_day, day), Use(of_month, budget.team_per_month, month)


def counts() -> Q:
    """Which edits count against their owner's budget."""
    paid = Attempt.objects.exclude(charged=Charged.NO).filter(
        edit=OuterRef("pk"), number__gte=OuterRef("first_attempt")
    )
    return (
        Q(status__in=(Status.QUEUED, Status.RUNNING, Status.SAVING, Status.SUCCEEDED))
        | Q(status=Status.FILTERED, filtered_at_stage="result")
        | Q(Exists(paid), status=Status.CANCELED)
    )


def check_budget(person: User, *, edit: EditRequest | None = None, now: datetime) -> None:
    """Raises OverBudget where one more edit of this person would exceed a limit; in money, this very edit."""
    budget = Budget.objects.current()
    _check_waiting(person, budget=budget)
    if any(limits_of(person, budget=budget)):
        for use in reversed(use_of(person, budget=budget, now=now)):  # the month first: it lasts longer
            if use.is_used_up:
                raise OverBudget(used_up_sentence(use), until=use.period.end)
    if edit:
        _check_cost(person, edit, budget=budget, now=now)


def _check_waiting(person: User, *, budget: Budget) -> None:
    if not budget.person_waiting:
        return
    waiting = EditRequest.objects.of(person).queued().count()
    if waiting >= budget.person_waiting:
        sentence = ngettext(
            "You have %(waiting)s edit waiting; the limit is %(most)s. Send more when some are done.",
            "You have %(waiting)s edits waiting; the limit is %(most)s. Send more when some are done.",
            waiting,
        )
        raise OverBudget(sentence % {"waiting": f"{waiting:,}", "most": f"{budget.person_waiting:,}"})


def _check_cost(person: User, edit: EditRequest, *, budget: Budget, now: datetime) -> None:
    of_team = min(filter(None, (budget.team_cost_per_day, budget.team_cost_per_month)), default=None)
    has_own = any(cost_limits_of(person, budget=budget))
    price = price_of(edit) if has_own or of_team else Decimal(0)
    if of_team and price > of_team:  # it would wait forever
        sentence = gettext(
            "One edit with this model costs %(price)s, more than the team's whole budget of %(budget)s. "
            "Choose another model."
        )
        raise OverBudget(sentence % {"price": dollars(price), "budget": dollars(of_team)})
    if price and has_own:
        uses = cost_of(person, budget=budget, now=now)
        if use := without_room(uses, price=price):
            raise OverBudget(no_money_sentence(use, price=price), until=use.period.end)


def take_place(edit: EditRequest, *, now: datetime) -> None:
    """Check the budgets of the edit's owner in the transaction that then queues the edit.

    Of two at once the second waits here and counts the first.  Raises OverBudget.
    """
    check_budget(lock_budget_of(edit.owner_id), edit=edit, now=now)


def lock_budget_of(owner_id: int) -> User:
    """The person with their limits, locked until the end of the transaction: the next one counts what we queue."""
    limited = User.objects.only("edits_per_day", "edits_per_month", "cost_per_day", "cost_per_month")
    return limited.select_for_update(no_key=True).get(pk=owner_id)


def used_up_sentence(use: Use) -> str:
    """For a person whose edits are used up."""
    limit = use.limit or 0
    sentence = ngettext(
        "You have used your %(limit)s edit for %(period)s. You can send more from %(time)s.",
        "You have used your %(limit)s edits for %(period)s. You can send more from %(time)s.",
        limit,
    )
    return sentence % {"limit": f"{limit:,}", "period": use.period.label, "time": use.period.again_from}


def no_money_sentence(use: CostUse, *, price: Decimal) -> str:
    """For a person whose money does not pay for one more edit at this price."""
    limit = use.limit or Decimal(0)
    values = {"price": dollars(price), "budget": dollars(limit), "period": use.period.label}
    if price > limit:
        sentence = gettext(
            "One edit with this model costs %(price)s, more than your whole budget of %(budget)s for %(period)s. "
            "Choose another model."
        )
        return sentence % values
    sentence = gettext(
        "This edit costs %(price)s, but only %(left)s of your %(budget)s for %(period)s is left. "
        "Choose a cheaper model, or send it again from %(time)s."
    )
    return sentence % {**values, "left": dollars(use.left), "time": use.period.again_from}
