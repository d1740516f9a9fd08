"""Holds the queue back while the team's budget is used up, and tells the administrators of it once.

Also keeps count of what was spent by edits that are deleted for good.
"""

from collections import Counter
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from edits.models import Budget, EditRequest, SpentDay
from edits.services.budgets.budgeting import Use, counts, use_of_team
from edits.services.budgets.periods import Period, day_of, month_of
from edits.services.team.auditing import record
from edits.services.team.mailing import mail_administrators

SUBJECT = "Retake: the team's budget is used up"
HOW_TO_RAISE = "To let them go on now, raise the team's budget on Retake's settings page, under Budgets."


def team_may_spend(*, now: datetime, in_flight: int) -> bool:
    """Whether one more call fits into what the team may spend today and this month.

    Call it in the transaction that writes the call's attempt, with the provider's row locked: a budget of ten is
    then ten calls.  While calls are ``in_flight`` one of them may still end without a charge and give its place
    back, so that nobody is told yet.
    """
    budget = Budget.objects.current()
    used_up = []
    if budget.team_per_day or budget.team_per_month:
        used_up = [use for use in use_of_team(budget=budget, now=now) if use.is_used_up]
    if used_up and not in_flight:
        _hold(max(used_up, key=lambda use: use.period.end), budget=budget, now=now)
    elif not used_up and budget.spent_until:
        Budget.objects.filter(pk=1).update(spent_until=None)
    return not used_up


def keep_spent(edit: EditRequest, *, now: datetime) -> None:
    """Write down what budgets count of an edit.  Call it in the transaction that then deletes it."""
    first = month_of(now).start
    edits, calls = Counter[date](), Counter[date]()
    if EditRequest.objects.filter(counts(), pk=edit.pk, queued_at__gte=first).exists():
        edits[day_of(edit.queued_at).start.date()] += 1
    for begun in edit.attempts.paid(since=first).values_list("started_at", flat=True):
        calls[day_of(begun).start.date()] += 1
    for day in sorted(edits | calls):
        row, _ = SpentDay.objects.get_or_create(owner_id=edit.owner_id, day=day)
        more = {"edits": F("edits") + edits[day], "calls": F("calls") + calls[day]}
        SpentDay.objects.filter(pk=row.pk).update(**more)


def _hold(use: Use, *, budget: Budget, now: datetime) -> None:
    """Write down until when; who is the first to write a later moment than administrators know of tells them."""
    row, until = Budget.objects.filter(pk=1), use.period.end
    if budget.spent_until != until:
        row.update(spent_until=until)
    if row.exclude(told_until__gte=until).update(told_until=until):
        words = (
            f"All {use.limit:,} charged calls for {use.period.label} are made. {held_sentence(use.period)}"
        )
        record(actor=None, action="team budget used up", detail=words, now=lambda: now)
        text = f"{words}\n\n{HOW_TO_RAISE}"
        transaction.on_commit(lambda: mail_administrators(subject=SUBJECT, text=text))


def held_sentence(period: Period) -> str:
    """What everybody reads about the edits that wait for the budget."""
    return f"Waiting edits continue {period.goes_on}."
