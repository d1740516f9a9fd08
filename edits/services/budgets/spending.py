"""Holds the queue back while the team's budget is used up, and notifies the administrators of it once.

Also keeps count of what deleted edits had spent.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from edits.languages import in_english
from edits.models import Budget, EditRequest, SpentDay
from edits.services.budgets.budgeting import Use, counts, use_of_team
from edits.services.budgets.costs import CostUse, cost_of_team, dollars
from edits.services.budgets.periods import Period, day_of, month_of
from edits.services.team.auditing import record
from edits.services.team.mailing import mail_administrators

SUBJECT = _("Retake: the team's budget is used up")
HOW_TO_RAISE = _(
    "To let them continue now, raise the team's budget on Retake's settings page, under Budgets."
)


@dataclass(frozen=True)
class Room:
    """What the team may still spend: whether on one more call, and for how many dollars (None: any number).

    ``is_limited``: it has a limit that more calls would come nearer to, so each has to be asked for by itself.
    """

    has_calls: bool = True
    left: Decimal | None = None
    is_limited: bool = True

    def pays(self, price: Decimal) -> bool:
        """Whether one more call at this price may be made; money never keeps a free one back."""
        return self.has_calls and (not price or self.left is None or price <= self.left)


def team_room(*, now: datetime, in_flight: int, prices: Collection[Decimal]) -> Room:
    """What the team may still spend today and this month; ``prices`` are those of the edits that are due.

    Call it in the transaction that writes the call's attempt, with the providers' rows locked: a budget of ten is
    then ten calls.  While calls are ``in_flight`` one of them may still end without a charge and give its place
    back, so that nobody is notified yet.
    """
    budget = Budget.objects.current()
    room, used_up = _calls_left(budget, now=now, in_flight=in_flight)
    _note("budget_exhausted_until", used_up, budget=budget, now=now)
    if room.has_calls:
        room, used_up = _money_left(budget, now=now, in_flight=in_flight, prices=prices)
        _note("cost_budget_exhausted_until", used_up, budget=budget, now=now)
    limits = (
        budget.team_per_day,
        budget.team_per_month,
        budget.team_cost_per_day,
        budget.team_cost_per_month,
    )
    return replace(room, is_limited=any(limits))


@dataclass(frozen=True)
class UsedUp:
    """What is used up, and ``words`` for it in the language of the moment.

    ``may_change``: a call that is under way may still give some of it back.
    """

    words: Callable[[], str]
    period: Period
    may_change: bool


def _calls_left(budget: Budget, *, now: datetime, in_flight: int) -> tuple[Room, UsedUp | None]:
    if not (budget.team_per_day or budget.team_per_month):
        return Room(), None
    full = [use for use in use_of_team(budget=budget, now=now) if use.is_used_up]
    if not full:
        return Room(), None
    last = max(full, key=lambda use: use.period.end)
    return Room(has_calls=False), UsedUp(partial(_calls_words, last), last.period, may_change=in_flight > 0)


def _calls_words(use: Use) -> str:
    limit = use.limit or 0
    sentence = ngettext(
        "The %(limit)s charged call for %(period)s is used up.",
        "All %(limit)s charged calls for %(period)s are used up.",
        limit,
    )
    return sentence % {"limit": f"{limit:,}", "period": use.period.label}


def _money_left(
    budget: Budget, *, now: datetime, in_flight: int, prices: Collection[Decimal]
) -> tuple[Room, UsedUp | None]:
    if not (budget.team_cost_per_day or budget.team_cost_per_month):
        return Room(), None
    uses = [use for use in cost_of_team(budget=budget, now=now) if use.limit]
    room = Room(left=min(use.left for use in uses))
    if all(map(room.pays, prices)):
        return room, None
    last = max((use for use in uses if use.left == room.left), key=lambda use: use.period.end)
    # Free calls give nothing back, and with a model of one's own there is always one under way.
    may_change = in_flight > 0 and last.under_way > 0
    return room, UsedUp(partial(_money_words, last), last.period, may_change=may_change)


def _money_words(use: CostUse) -> str:
    sentence = gettext(
        "%(used)s of %(limit)s for %(period)s is spent, and the remaining %(left)s is not enough for a waiting edit."
    )
    return sentence % {
        "used": use.used_words,
        "limit": use.limit_words,
        "period": use.period.label,
        "left": dollars(use.left),
    }


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
        row = SpentDay.objects.get_or_create(owner_id=edit.owner_id, day=day)[0]
        more = {
            "edits": F("edits") + edits[day],
            "calls": F("calls") + calls[day],
            "cost": F("cost") + costs[day],
        }
        SpentDay.objects.filter(pk=row.pk).update(**more)


def _note(column: str, used_up: UsedUp | None, *, budget: Budget, now: datetime) -> None:
    """Write into the column until when something is used up; blank where nothing is.

    The first process that writes a later moment than the administrators know of notifies them.
    """
    row, known = Budget.objects.filter(pk=1), getattr(budget, column)
    if used_up is None or used_up.may_change:
        if known and used_up is None:
            row.update(**{column: None})
        return
    until = used_up.period.end
    if known != until:
        row.update(**{column: until})
    if row.exclude(notified_until__gte=until).update(notified_until=until):
        with in_english():
            detail = f"{used_up.words()} {held_sentence(used_up.period)}"
        record(actor=None, action="team budget used up", detail=detail, now=now)
        text = partial(_mail, used_up)
        transaction.on_commit(lambda: mail_administrators(subject=SUBJECT, text=text))


def _mail(used_up: UsedUp) -> str:
    return "\n\n".join([used_up.words(), held_sentence(used_up.period), str(HOW_TO_RAISE)])


def held_sentence(period: Period) -> str:
    """The sentence about edits that wait for the budget."""
    return gettext("Waiting edits continue %(at_midnight)s.") % {"at_midnight": period.goes_on}
