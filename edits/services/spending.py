"""Holds the queue back while the team's budget is used up, and tells the administrators of it once."""

from datetime import datetime

from django.db import transaction

from edits.models import Budget
from edits.services.auditing import record
from edits.services.budgeting import Use, use_of_team
from edits.services.mailing import mail_administrators
from edits.services.periods import Period

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
