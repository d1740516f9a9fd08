"""Changes budgets, for administrators: the default, the team's, and one person's own."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from edits.models import Budget, User
from edits.services.budgets.costs import dollars
from edits.services.queue.notify_worker import notify_worker
from edits.services.team.auditing import record

Limits = Mapping[str, int | Decimal | None]
"""By column; None for no limit."""

NAMES = {
    "person_per_day": "edits a day",
    "person_per_month": "edits a month",
    "person_waiting": "waiting at once",
    "person_cost_per_day": "cost a day",
    "person_cost_per_month": "cost a month",
    "team_per_day": "the team a day",
    "team_per_month": "the team a month",
    "team_cost_per_day": "the team's cost a day",
    "team_cost_per_month": "the team's cost a month",
    "edits_per_day": "edits a day",
    "edits_per_month": "edits a month",
    "cost_per_day": "cost a day",
    "cost_per_month": "cost a month",
}


def set_budgets(*, limits: Limits, by: User, now: datetime) -> bool:
    """Set these limits, None for none; False when nothing changed.

    Edits that wait for the team's budget continue at once where there is room again; when the new budget is used up
    too, administrators are notified of that.
    """
    with transaction.atomic():
        budget = Budget.objects.select_for_update().get_or_create(pk=1)[0]
        before = {name: getattr(budget, name) for name in limits}
        if before == limits:
            return False
        Budget.objects.filter(pk=1).update(
            **limits, budget_exhausted_until=None, cost_budget_exhausted_until=None, notified_until=None
        )
        record(actor=by, action="changed the budgets", detail=_changes(before, limits), now=now)
        transaction.on_commit(notify_worker)
    return True


def set_own_budget(*, person: User, limits: Limits, by: User, now: datetime) -> bool:
    """Give one person limits of their own, None for the default; False when nothing changed."""
    with transaction.atomic():
        row = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        before = {name: getattr(row, name) for name in limits}
        if before == limits:
            return False
        User.objects.filter(pk=person.pk).update(**limits)
        record(
            actor=by,
            action="changed a person's budget",
            subject=person.username,
            detail=_changes(before, limits),
            now=now,
        )
    return True


def _changes(before: Limits, after: Limits) -> str:
    """edits a day: 60 to 80, the team's cost a month: none to $50.00."""
    changed = [name for name in after if before[name] != after[name]]
    return ", ".join(f"{NAMES[name]}: {_words(before[name])} to {_words(after[name])}" for name in changed)


def _words(limit: int | Decimal | None) -> str:
    return dollars(limit) if isinstance(limit, Decimal) else str(limit or "none")
