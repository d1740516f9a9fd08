"""Does one action with very many edits in the background: a job's row, whose chunks workers do one after the other.

    start ──▶ RUNNING ──▶ DONE ─────┐
                 │                  ├──▶ UNDOING ──▶ UNDONE
                 └────▶ CANCELED ───┘       │
                           ▲                │
                           └────────────────┘ only if its owner was deactivated

A chunk is one short transaction, in which its edits change and are counted: a worker that is killed loses nothing,
and the next one continues.  The edits are recorded when a job starts; edits that come later are not touched.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import F

from edits.models import BulkChunk, BulkJob, EditRequest, JobAction, JobState, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.curating.in_chunks import CHUNK
from edits.services.curating.sharing import share_edits, star_edits, unshare_edits, unstar_edits
from edits.services.curating.tagging import tag_edits, take_back
from edits.services.curating.trashing import restore_edits, trash_edits

log = logging.getLogger(__name__)

CHUNKS_PER_ROUND = 50
KEPT_FOR = timedelta(days=7)
UNDOABLE = (JobAction.SHARE, JobAction.STAR, JobAction.TAG, JobAction.TRASH)


def start_job(
    *, owner: User, action: JobAction, edits: EditRequestQuerySet, names: tuple[str, ...] = (), now: datetime
) -> BulkJob:
    """Write down which edits are meant; a worker's next round begins."""
    keys = list(edits.order_by("pk").values_list("pk", flat=True))  # before the write lock is taken
    with transaction.atomic():
        job = BulkJob.objects.create(
            owner=owner, action=action, names=list(names), total=len(keys), created_at=now
        )
        BulkChunk.objects.bulk_create(
            BulkChunk(job=job, number=number, keys=keys[first : first + CHUNK])
            for number, first in enumerate(range(0, len(keys), CHUNK))
        )
    return job


def cancel_job(*, owner: User, public_id: UUID, now: datetime) -> bool:
    """Change no more edits; those that were changed stay so.  False if it is not running."""
    running = BulkJob.objects.of(owner).filter(public_id=public_id, state=JobState.RUNNING)
    return bool(running.update(state=JobState.CANCELED, ended_at=now))


def undo_job(*, owner: User, public_id: UUID) -> bool:
    """Let workers take back what an ended job changed.  False if it has not ended, or cannot be undone."""
    ended = BulkJob.objects.of(owner).filter(state__in=(JobState.DONE, JobState.CANCELED))
    mine = ended.filter(public_id=public_id, action__in=UNDOABLE)
    return bool(mine.update(state=JobState.UNDOING, ended_at=None, is_closed=False))


def close_job(*, owner: User, public_id: UUID) -> None:
    """Show an ended job no longer."""
    mine = BulkJob.objects.of(owner).filter(public_id=public_id, ended_at__isnull=False)
    mine.update(is_closed=True)


def run_bulk_jobs(*, lease: timedelta, now: datetime) -> int:
    """A worker's round: some chunks, people in turn and each one's oldest job first; returns how many steps."""
    steps = 0
    for _ in range(CHUNKS_PER_ROUND):
        moving = BulkJob.objects.moving().order_by("-pk").values_list("owner", "pk")
        taken = sum(_step_or_log(pk, now=now) for pk in dict(moving).values())
        if not taken:
            break
        steps += taken
    return steps


def forget_bulk_jobs(*, lease: timedelta, now: datetime) -> None:
    """Delete what ended a week ago, after which nothing of it can be undone."""
    old = BulkJob.objects.filter(ended_at__lt=now - KEPT_FOR)
    if old.exists():  # deleting nothing would take SQLite's write lock
        old.delete()


def _step_or_log(pk: int, *, now: datetime) -> bool:
    """One person's job that fails does not hold up those of others."""
    try:
        return _step(pk, now=now)
    except DatabaseError:
        log.exception("A chunk of bulk job %s failed and is tried again", pk)
        return False


@transaction.atomic
def _step(pk: int, *, now: datetime) -> bool:
    """Do or undo one chunk, or end the job; False if there is nothing to do, or another worker is at it."""
    free = BulkJob.objects.moving().select_for_update(skip_locked=True, of=("self",))
    job = free.select_related("owner").filter(pk=pk).first()
    if job is None:
        return False
    undoing = job.state == JobState.UNDOING
    chunk = job.chunks.filter(is_done=undoing).order_by("-number" if undoing else "number").first()
    if not job.owner.is_active:
        _end(job, JobState.CANCELED, now=now)
    elif chunk is None:
        _end(job, JobState.UNDONE if undoing else JobState.DONE, now=now)
    elif undoing:
        _undo(job, chunk)
    else:
        _do(job, chunk, now=now)
    return True


def _end(job: BulkJob, state: JobState, *, now: datetime) -> None:
    BulkJob.objects.filter(pk=job.pk, state=job.state).update(state=state, ended_at=now)


def _do(job: BulkJob, chunk: BulkChunk, *, now: datetime) -> None:
    """Change the edits of a chunk that its owner may still change, and count."""
    usable = EditRequest.objects.of(job.owner) | EditRequest.objects.shared()
    edits, added = usable.filter(pk__in=chunk.keys), dict[str, list[int]]()
    match job.action:
        case JobAction.SHARE:
            changed = share_edits(owner=job.owner, edits=edits, now=job.created_at)
        case JobAction.STAR:
            changed = star_edits(user=job.owner, edits=edits, now=job.created_at)
        case JobAction.TAG:
            added = tag_edits(owner=job.owner, edits=edits, names=job.names)
            changed = len({key for keys in added.values() for key in keys})
        case JobAction.TRASH:
            changed = trash_edits(owner=job.owner, edits=edits, now=now, trashed_at=job.created_at)
        case _:
            changed = restore_edits(owner=job.owner, edits=edits)
    BulkChunk.objects.filter(pk=chunk.pk).update(is_done=True, added=added)
    BulkJob.objects.filter(pk=job.pk).update(done=F("done") + len(chunk.keys), changed=F("changed") + changed)


def _undo(job: BulkJob, chunk: BulkChunk) -> None:
    """Take back what the job did to a chunk, known by its moment; what was so before stays so."""
    owner, at, keys = job.owner, job.created_at, chunk.keys
    match job.action:
        case JobAction.SHARE:
            unshare_edits(owner=owner, shared_at=at, among=keys)
        case JobAction.STAR:
            unstar_edits(user=owner, starred_at=at, among=keys)
        case JobAction.TAG:
            take_back(owner=owner, added=chunk.added)
        case JobAction.TRASH:
            restore_edits(owner=owner, edits=EditRequest.objects.filter(pk__in=keys, trashed_at=at))
    BulkChunk.objects.filter(pk=chunk.pk).update(is_done=False, added={})
    BulkJob.objects.filter(pk=job.pk).update(done=F("done") - len(keys))
