"""Looks after the queue every few seconds: lost leases, forgotten edits, unsaved answers, missing renditions,
old trash.  Safe to run in any number of workers at once.
"""

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from edits.models import FIRST, EditRequest, Provider
from edits.services.api.idempotency import forget_stale
from edits.services.calls.failures import record_interruption
from edits.services.calls.fetching import fetch_linked
from edits.services.calls.saving import give_up_unsaved, save_spooled
from edits.services.calls.spooling import has_spooled_answer, purge_set_aside
from edits.services.calls.unreadable import purge_unreadable
from edits.services.canary import forget_old_runs, run_due_canaries
from edits.services.curating.bulk_jobs import forget_bulk_jobs, run_bulk_jobs
from edits.services.curating.trashing import purge_trash
from edits.services.fault_letters import name_new_faults
from edits.services.folding import fold_new_rows
from edits.services.pictures.likeness import keep_likeness
from edits.services.pictures.merging import merge_missing
from edits.services.pictures.orphans import clear_unnamed_uploads
from edits.services.pictures.renditions import draw_staged, make_missing
from edits.services.pictures.staging import forget_stale_uploads
from edits.services.pictures.unused_uploads import forget_unused_uploads
from edits.services.prompts.past_prompts import fill_past_prompts, forget_removed_prompts
from edits.services.prompts.prompt_presets import forget_deleted_presets
from edits.services.prompts.rates import count_rates
from edits.services.query_statistics import keep_statistics
from edits.services.queue.backlog import backlog_entries
from edits.services.queue.claiming import loads_of
from edits.services.queue.heartbeat import beat
from edits.services.queue.lease_safety import LeaseSafety, lease_safety
from edits.services.queue.leases import is_held, renew
from edits.services.queue.notify_worker import notify_worker
from edits.services.recipes.advancing import run_recipes
from edits.services.recipes.recipe_book import forget_recipes
from edits.services.reviewing.naming_authors import name_new_authors
from edits.services.search_index import keep_index
from edits.services.webhooks import purge_deliveries

MOST_WAKES = 32
"""In one round: each woken worker continues by itself while there is something to send."""


def report_alive(*, lease: timedelta, now: datetime, safety: LeaseSafety = lease_safety) -> None:
    """Keep the leases of this worker's edits and say that it lives."""
    at = safety.monotonic()
    try:
        renew(lease=lease, now=now)
        Provider.objects.filter(pk=FIRST).update(worker_seen_at=now)
    except Exception:
        safety.missed()
        raise
    safety.renewed(now, at=at)


def check_clock(*, lease: timedelta, now: datetime, safety: LeaseSafety = lease_safety) -> None:
    """Leases compare times of different machines: one whose clock is off must not write any."""
    clock = Provider.objects.annotate(clock=Now()).values_list("clock", flat=True).get(pk=FIRST)
    safety.compare(now, database_now=clock, most=lease / 3)


def return_lost(*, lease: timedelta, now: datetime, safety: LeaseSafety = lease_safety) -> int:
    """Edits whose worker is gone: into the queue again, or failed as interrupted; returns how many."""
    if not safety.may_take_over(lease):
        return 0
    lost = [
        edit
        for edit in EditRequest.objects.lease_lost(
            now
        ).order_by()  # in any order: by id, SQLite reads the whole table
        if not is_held(edit) and not has_spooled_answer(edit)
    ]
    return sum(_return(edit, now=now) for edit in lost)


@transaction.atomic
def _return(edit: EditRequest, *, now: datetime) -> bool:
    """Asked again under the lock: its worker may have renewed the lease while we waited for our turn."""
    lost = EditRequest.objects.lease_lost(now).select_for_update()
    if lost.filter(pk=edit.pk, fence=edit.fence).first() is None:
        return False
    record_interruption(edit, now=now, detail="The worker was lost while the call ran.")
    return True


def tidy(*, lease: timedelta, now: datetime) -> None:
    """Make renditions that are missing, convert what an earlier version saved, empty the trash of what is old, and
    forget what no longer counts."""
    fold_new_rows()
    name_new_faults(now=now)
    name_new_authors()
    make_missing(now=now)
    draw_staged(now=now)
    purge_trash(now=now)
    purge_unreadable(now=now)
    purge_set_aside(now=now)
    forget_stale(now=now)
    purge_deliveries(now=now)


def wake_for_waiting(*, lease: timedelta, now: datetime) -> int:
    """Send wake-ups for edits that lost theirs or are due again; returns how many were sent."""
    providers, waiting = Provider.objects.all(), Counter[int]()
    for line in backlog_entries(providers, now=now):
        waiting[line.model.provider_id] += line.count
    if not waiting:
        return 0
    loads = loads_of(providers, now=now)
    free = {row.pk: max(0, row.max_concurrent - loads[row.pk].in_flight) for row in providers}
    sent = min(sum(min(waiting[pk], free[pk]) for pk in free), MOST_WAKES)
    for _ in range(sent):
        notify_worker()
    return sent


LIVENESS_TASKS = (report_alive, check_clock, beat)
SAVING_TASKS = (save_spooled,)
FETCHING_TASKS = (fetch_linked,)
MERGING_TASKS = (merge_missing,)
CANARY_TASKS = (run_due_canaries, forget_old_runs)
SEARCH_TASKS = (keep_index, keep_likeness)
PROMPT_TASKS = (fill_past_prompts, forget_removed_prompts, forget_deleted_presets, count_rates)
BULK_TASKS = (run_bulk_jobs, forget_bulk_jobs)
RECIPE_TASKS = (run_recipes, forget_recipes)
PERIODIC_TASKS = (
    return_lost,
    wake_for_waiting,
    give_up_unsaved,
    tidy,
    forget_stale_uploads,
    forget_unused_uploads,
    clear_unnamed_uploads,
    keep_statistics,
)
UNTIL_THE_END = (LIVENESS_TASKS, SAVING_TASKS, FETCHING_TASKS, MERGING_TASKS, PERIODIC_TASKS)
"""Rounds that go on while a worker that is asked to stop finishes what runs."""
UNTIL_A_STOP = (CANARY_TASKS, SEARCH_TASKS, PROMPT_TASKS, BULK_TASKS, RECIPE_TASKS)
"""Rounds that begin nothing from then on.

Each round has a thread of its own; a step that fails does not keep the others from theirs.  A storage or a broker
that hangs in a step would let the leases of running edits run out if ``report_alive`` had to wait for it, and another
worker would send these a second time.
"""
