"""Renames faults that workers of the previous version still store as letters during an upgrade.

A migration renamed the earlier ones.  This handles only edits that have ended: an old worker counts its letters
to decide how often an edit may still be sent, and must not lose count of calls that are charged.
"""

from datetime import datetime, timedelta

from django.db.models import Case, Q, Value, When

from edits.faults import LETTERS
from edits.models import FINISHED, Attempt, CanaryRun, EditRequest

UPGRADED_WITHIN = timedelta(days=1)
"""Calls older than this were begun before the upgrade."""


def name_new_faults(*, now: datetime) -> None:
    """Rename the letters in the last day's calls.  Only reads if there are none."""
    since = now - UPGRADED_WITHIN
    attempts = Attempt.objects.filter(started_at__gt=since, edit__status__in=FINISHED)
    runs = CanaryRun.objects.filter(began_at__gt=since)
    edits = EditRequest.objects.filter(status__in=FINISHED, pk__in=attempts.values("edit"))
    for rows, column in ((edits, "last_fault"), (attempts, "fault"), (runs, "fault")):
        lettered = rows.filter(Q((f"{column}__in", list(LETTERS.values()))))
        if lettered.exists():  # an UPDATE takes SQLite's write lock even if it matches nothing
            names = [When(Q((column, letter)), then=Value(fault)) for fault, letter in LETTERS.items()]
            lettered.update(**{column: Case(*names)})
