"""Changes the budgets, for administrators: everybody's, the team's, and one person's own."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from edits.models import Budget, User
from edits.models.budgets import LIMITS
from edits.services.queue.waking import wake_worker
from edits.services.team.auditing import record

NAMES = {
    "person_per_day": "edits a day",
    "person_per_month": "edits a month",
    "person_waiting": "waiting at once",
    "team_per_day": "the team a day",
    "team_per_month": "the team a month",
    "edits_per_day": "edits a day",
    "edits_per_month": "edits a month",
}


def set_budgets(
    *, limits: dict[str, int | None], by: User, now: Callable[[], datetime] = timezone.now
) -> bool:
    """Set all five limits, None for none; False when they stood so already.

    What waits for the team's budget goes on at once where there is room again; when the new one is used up too,
    administrators are told of that.
    """
    with transaction.atomic():
        budget = Budget.objects.select_for_update().get_or_create(pk=1)[0]
        before = {name: getattr(budget, name) for name in LIMITS}
        if before == limits:
            return False
        Budget.objects.filter(pk=1).update(**limits, spent_until=None, told_until=None)
        record(actor=by, action="changed the budgets", detail=_changes(before, limits), now=now)
        transaction.on_commit(wake_worker)
    return True


def set_own_budget(
    *,
    person: User,
    edits_per_day: int | None,
    edits_per_month: int | None,
    by: User,
    now: Callable[[], datetime] = timezone.now,
) -> bool:
    """Give one person limits of their own, None for those of everybody; False when they stood so already."""
    limits = {"edits_per_day": edits_per_day, "edits_per_month": edits_per_month}
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


def _changes(before: dict[str, int | None], after: dict[str, int | None]) -> str:
    """edits a day: 60 to 80, the team a month: none to 5000."""
    changed = [name for name in after if before[name] != after[name]]
    return ", ".join(
        f"{NAMES[name]}: {before[name] or 'none'} to {after[name] or 'none'}" for name in changed
    )
