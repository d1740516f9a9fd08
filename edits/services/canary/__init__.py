"""The canary: a fixed small edit, daily for each model that enables it, outside budgets, galleries and the queue.

scheduling   when it is due, and how to enable it
fixed_edit   the edit, the same each day
daily_run    claims a due model, makes one call, records the outcome
judging      how far a picture is from the baseline, and whether the model changed
announcing   notifies administrators that a model changed
latest       the latest outcome for each model, for metrics
"""

from edits.services.canary.announcing import shape_words
from edits.services.canary.daily_run import forget_old_runs, run_due_canaries
from edits.services.canary.latest import LatestCanary, latest_canaries
from edits.services.canary.scheduling import daily_at, next_day, switch_canary

__all__ = [
    "LatestCanary",
    "daily_at",
    "forget_old_runs",
    "latest_canaries",
    "next_day",
    "run_due_canaries",
    "shape_words",
    "switch_canary",
]
