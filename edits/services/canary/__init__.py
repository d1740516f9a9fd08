"""The canary: a fixed small edit once a day for each model that has it on, outside budgets, galleries and the queue.

scheduling   when it is due, and the switch
fixed_edit   the edit, the same each day
daily_run    claims a due model, makes one call, writes down what came of it
judging      how far a picture is from the baseline, and whether the model changed
announcing   notifies administrators that a model changed
latest       how each ended, for metrics
"""

from edits.services.canary.announcing import shape_words
from edits.services.canary.daily_run import forget_old_runs, run_due_canaries
from edits.services.canary.latest import LatestCanary, latest_canaries
from edits.services.canary.scheduling import daily_at, switch_canary

__all__ = [
    "LatestCanary",
    "daily_at",
    "forget_old_runs",
    "latest_canaries",
    "run_due_canaries",
    "shape_words",
    "switch_canary",
]
