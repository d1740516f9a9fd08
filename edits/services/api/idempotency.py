"""Joins repeated API calls to the first one, so that a repeated call never pays twice.

- A call with an Idempotency-Key joins the call with the same one.
- Without one, a call that the client marks as a repeat joins the last call with the same content and API key,
  while that call runs or ended recently.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from edits.models import ApiKey, Batch, EditRequest, Reason, RecipeRun, Submission
from edits.models.submissions import KEPT
from edits.services.budgets.budgeting import OverBudget
from edits.services.queue.canceling import retry_edit
from edits.services.queue.submitting import submission_keys

Submit = Callable[[uuid.UUID], list[EditRequest]]
"""Makes the edits of a call, under this submission key."""
Whole = TypeVar("Whole", Batch, RecipeRun)
"""What a call makes that has many edits: it is known by its own submission key."""

MOST_EDITS = 10
"""The most edits that one call can request."""
JUST_ENDED = timedelta(minutes=10)
"""How long clients wait for a lost answer before they ask again."""


class OtherRequest(Exception):
    """The Idempotency-Key was used for another call before."""


@dataclass(frozen=True)
class Begun:
    """A submission, and whether this call is its first."""

    submission: Submission
    is_new: bool


def submit_once(
    *, key: ApiKey, digest: str, idempotency_key: str, is_repeat: bool, submit: Submit, now: datetime
) -> list[EditRequest]:
    """The edits of a call: those of an earlier call which it repeats, or those that ``submit`` makes.

    1. Find the submission that this call repeats, or begin a new one.
    2. Where it has edits, return them; those that the service could not be reached for are sent again, for nothing
       was charged.
    3. Otherwise call ``submit``, which also checks what was sent, so that a repetition is not checked twice.  When it
       raises, nothing is kept.

    Arguments as for ``begin``.  Raises OtherRequest, OverBudget and what ``submit`` raises.
    """
    begun = begin(key=key, digest=digest, idempotency_key=idempotency_key, is_repeat=is_repeat, now=now)
    edits = [] if begun.is_new else edits_of(begun.submission, owner_id=key.owner_id)
    if not edits:
        return _submitted(begun, owner_id=key.owner_id, submit=submit)
    for edit in edits:
        if edit.reason == Reason.SERVICE_UNAVAILABLE:
            _send_again(edit, is_alone=len(edits) == 1, now=now)
    return edits


def submit_whole_once(
    *,
    key: ApiKey,
    digest: str,
    idempotency_key: str,
    is_repeat: bool,
    among: QuerySet[Whole],
    submit: Callable[[uuid.UUID], Whole],
    now: datetime,
) -> Whole:
    """The batch or run of a call: that of an earlier call which it repeats, or the one that ``submit`` makes.

    ``among`` are those of the key's owner.  Nothing of a known one is sent again: its page and ``GET`` say what
    failed.  Other arguments as for ``begin``.
    """
    begun = begin(key=key, digest=digest, idempotency_key=idempotency_key, is_repeat=is_repeat, now=now)
    submission_key = begun.submission.submission_key
    known = among.filter(submission_key=submission_key).first()
    if known:
        return known
    made: list[Whole] = []

    def submit_edits(key: uuid.UUID) -> list[EditRequest]:
        made.append(submit(key))
        return []

    _submitted(begun, owner_id=key.owner_id, submit=submit_edits)
    return made[0]


def _send_again(edit: EditRequest, *, is_alone: bool, now: datetime) -> None:
    """Raises OverBudget, unless other edits of the call have something to give."""
    try:
        retry_edit(edit=edit, now=now)
    except OverBudget:
        if is_alone:
            raise
    edit.refresh_from_db()


def _submitted(begun: Begun, *, owner_id: int, submit: Submit) -> list[EditRequest]:
    """What ``submit`` makes.  Only the call that began may forget: others of it may be about to make the edits."""
    try:
        edits = submit(begun.submission.submission_key)
    except Exception:
        if begun.is_new:
            forget(begun.submission, owner_id=owner_id)
        raise
    if not begun.is_new:
        keep(begun.submission)
    return edits


def begin(
    *,
    key: ApiKey,
    digest: str,
    idempotency_key: str = "",
    is_repeat: bool = False,
    now: datetime,
) -> Begun:
    """The submission of this call: an earlier one that it repeats, or a new one.

    ``digest`` is a digest of everything that was sent.  Raises OtherRequest.
    """
    if idempotency_key:
        return _under(idempotency_key, key=key, digest=digest, now=now)
    if is_repeat:
        return _repeated(key, digest=digest, now=now)
    made = Submission.objects.create(api_key=key, digest=digest, created_at=now)
    return Begun(made, is_new=True)


def _under(idempotency_key: str, *, key: ApiKey, digest: str, now: datetime) -> Begun:
    named = Submission.objects.filter(api_key=key, idempotency_key=idempotency_key)
    known = named.first()
    if known and known.created_at <= now - KEPT:
        known.delete()
        known = None
    if known is None:
        try:
            with transaction.atomic():
                made = Submission.objects.create(
                    api_key=key, idempotency_key=idempotency_key, digest=digest, created_at=now
                )
            return Begun(made, is_new=True)
        except IntegrityError:  # a concurrent call used the key, and may already have been rejected
            return _under(idempotency_key, key=key, digest=digest, now=now)
    if known.digest != digest:
        raise OtherRequest
    return Begun(known, is_new=False)


@transaction.atomic
def _repeated(key: ApiKey, *, digest: str, now: datetime) -> Begun:
    """The call that this one repeats, or a new one if that never arrived.

    Locks the API key, so that the second of two concurrent repeats waits and then finds the first.
    """
    ApiKey.objects.select_for_update(no_key=True).get(pk=key.pk)
    first = _first_of(key, digest=digest, now=now)
    if first:
        return Begun(first, is_new=False)
    made = Submission.objects.create(api_key=key, digest=digest, created_at=now)
    return Begun(made, is_new=True)


def _first_of(key: ApiKey, *, digest: str, now: datetime) -> Submission | None:
    """The last submission with the same content, unless its edits ended long ago."""
    last = Submission.objects.kept(now).filter(api_key=key, digest=digest, idempotency_key="").first()
    if last is None:
        return None
    edits = edits_of(last, owner_id=key.owner_id)
    lasts_until = max((edit.finished_at or now for edit in edits), default=last.created_at)
    return last if lasts_until > now - JUST_ENDED else None


def edits_of(submission: Submission, *, owner_id: int) -> list[EditRequest]:
    """The edits of the submission, in order; none while it is still being checked."""
    keys = submission_keys(submission.submission_key, count=MOST_EDITS)
    return list(EditRequest.objects.filter(owner_id=owner_id, submission_key__in=keys).order_by("pk"))


def forget(submission: Submission, *, owner_id: int) -> None:
    """Delete a rejected submission, so that the same Idempotency-Key may be used for a corrected call."""
    if not edits_of(submission, owner_id=owner_id):
        Submission.objects.filter(pk=submission.pk).delete()


def keep(submission: Submission) -> None:
    """Restore a submission that got an edit, if the call that began it was rejected meanwhile and forgot it."""
    if not Submission.objects.filter(pk=submission.pk).exists():
        Submission.objects.bulk_create([submission], ignore_conflicts=True)


def forget_stale(*, now: datetime) -> int:
    """Delete submissions that no longer count; returns how many."""
    stale = Submission.objects.stale(now)
    return stale.delete()[0] if stale.exists() else 0  # a DELETE takes the write lock in any case
