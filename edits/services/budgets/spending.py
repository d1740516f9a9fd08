"""Holds the queue back while the team's budget is used up, and notifies the administrators of it once.

Also keeps count of what deleted edits had spent.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from edits.models import Budget, EditRequest, ProviderModel, SpentDay
from edits.models.edit_requests import EditRequestQuerySet
from edits.services.budgets.budgeting import counts, use_of_team
from edits.services.budgets.costs import cost_of_team, dollars
from edits.services.budgets.periods import Period, day_of, month_of
from edits.services.team.auditing import record
from edits.services.team.mailing import mail_administrators

SUBJECT = "Retake: the team's budget is used up"
HOW_TO_RAISE = "To let them continue now, raise the team's budget on Retake's settings page, under Budgets."


@dataclass(frozen=True)
class Room:
    """What the team may still spend: whether on one more call, and for how many dollars (None: any number)."""

    has_calls: bool = True
    left: Decimal | None = None

    def affordable(self, edits: EditRequestQuerySet) -> EditRequestQuerySet:
        """Those of these edits whose model's price fits; those of a free model always do."""
        if not self.has_calls:
            return edits.none()
        return edits if self.left is None else edits.exclude(self.too_expensive())

    def too_expensive(self) -> Exists:
        """In a query of edits: their model costs more than is left."""
        mine = ProviderModel.objects.filter(provider=OuterRef("provider"), name=OuterRef("model"))
        return Exists(mine.filter(price__gt=self.left or 0))


def team_room(*, now: datetime, in_flight: int, due: EditRequestQuerySet) -> Room:
    """What the team may still spend today and this month on the edits that are ``due``.

    Call it in the transaction that writes the call's attempt, with the providers' rows locked: a budget of ten is
    then ten calls.  While calls are ``in_flight`` one of them may still end without a charge and give its place
    back, so that nobody is notified yet.
    """
    budget = Budget.objects.current()
    room, used_up = _calls_left(budget, now=now, in_flight=in_flight)
    _note("spent_until", used_up, budget=budget, now=now)
    if room.has_calls:
        room, used_up = _money_left(budget, now=now, in_flight=in_flight, due=due)
        _note("cost_spent_until", used_up, budget=budget, now=now)
    return room


@dataclass(frozen=True)
class UsedUp:
    """What is used up.  ``may_change``: a call that is under way may still give some of it back."""

    words: str
    period: Period
    may_change: bool


def _calls_left(budget: Budget, *, now: datetime, in_flight: int) -> tuple[Room, UsedUp | None]:
    if not (budget.team_per_day or budget.team_per_month):
        return Room(), None
    full = [use for use in use_of_team(budget=budget, now=now) if use.is_used_up]
    if not full:
        return Room(), None
    last = max(full, key=lambda use: use.period.end)
    words = f"All {last.limit:,} charged calls for {last.period.label} are made."
    return Room(has_calls=False), UsedUp(words, last.period, may_change=in_flight > 0)


def _money_left(
    budget: Budget, *, now: datetime, in_flight: int, due: EditRequestQuerySet
) -> tuple[Room, UsedUp | None]:
    if not (budget.team_cost_per_day or budget.team_cost_per_month):
        return Room(), None
    uses = [use for use in cost_of_team(budget=budget, now=now) if use.limit]
    room = Room(left=min(use.left for use in uses))
    if not due.filter(room.too_expensive()).exists():
        return room, None
    last = max((use for use in uses if use.left == room.left), key=lambda use: use.period.end)
    words = (
        f"{last.used_words} of {last.limit_words} for {last.period.label} is spent, and {dollars(last.left)} is not "
        "enough for an edit that waits."
    )
    # Free calls give nothing back, and with a model of one's own there is always one under way.
    return room, UsedUp(words, last.period, may_change=in_flight > 0 and last.under_way > 0)


def keep_spent(edit: EditRequest, *, now: datetime) -> None:
    """Write down what budgets count of an edit.  Call it in the transaction that then deletes it."""
    first = month_of(now).start
    edits, calls, costs = Counter[date](), Counter[date](), defaultdict[date, Decimal](Decimal)
    if EditRequest.objects.filter(counts(), pk=edit.pk, queued_at__gte=first).exists():
        edits[day_of(edit.queued_at).start.date()] += 1
    for begun, cost in edit.attempts.paid(since=first).values_list("started_at", "cost"):
        day = day_of(begun).start.date()
        calls[day] += 1
        costs[day] += cost or 0
    for day in sorted(edits | calls):
        row, _ = SpentDay.objects.get_or_create(owner_id=edit.owner_id, day=day)
        more = {
            "edits": F("edits") + edits[day],
            "calls": F("calls") + calls[day],
            "cost": F("cost") + costs[day],
        }
        SpentDay.objects.filter(pk=row.pk).update(**more)


def _note(column: str, used_up: UsedUp | None, *, budget: Budget, now: datetime) -> None:
    """Write into the column until when something is used up; blank where nothing is.

    Whoever is first to write a later moment than administrators know of notifies them.
    """
    row, known = Budget.objects.filter(pk=1), getattr(budget, column)
    if used_up is None or used_up.may_change:
        if known and used_up is None:
            row.update(**{column: None})
        return
    until = used_up.period.end
    if known != until:
        row.update(**{column: until})
    if row.exclude(told_until__gte=until).update(told_until=until):
        words = f"{used_up.words} {held_sentence(used_up.period)}"
        record(actor=None, action="team budget used up", detail=words, now=lambda: now)
        text = f"{words}\n\n{HOW_TO_RAISE}"
        transaction.on_commit(lambda: mail_administrators(subject=SUBJECT, text=text))


def held_sentence(period: Period) -> str:
    """What everybody reads about the edits that wait for the budget."""
    return f"Waiting edits continue {period.goes_on}."
