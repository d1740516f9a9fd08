"""Joins calls of the API that ask for the same edit once more, so that a repeated call never pays twice.

A call is known by its Idempotency-Key; without one, a client that says it repeats the same words with the same key
joins the first while that runs or has just ended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from edits.models import ApiKey, EditRequest, Submission
from edits.models.submissions import KEPT
from edits.services.queue.submitting import submission_keys

MOST_EDITS = 10
"""That one call can ask for."""
JUST_ENDED = timedelta(minutes=10)
"""As long as clients wait for an answer that was lost on its way before they ask again."""


class OtherRequest(Exception):
    """The Idempotency-Key was used for another call before."""


@dataclass(frozen=True)
class Begun:
    """A submission, and whether this call is the first of it."""

    submission: Submission
    is_new: bool


def begin(
    *,
    key: ApiKey,
    digest: str,
    idempotency_key: str = "",
    is_repeat: bool = False,
    now: Callable[[], datetime] = timezone.now,
) -> Begun:
    """The submission that this call is of: an earlier one that it repeats, or a new one.

    ``digest`` stands for all that was sent.  Raises OtherRequest.
    """
    if idempotency_key:
        return _under(idempotency_key, key=key, digest=digest, now=now())
    if is_repeat:
        return _repeated(key, digest=digest, now=now())
    made = Submission.objects.create(api_key=key, digest=digest, created_at=now())
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
        except IntegrityError:  # another call with it came in this moment, and may have been refused already
            return _under(idempotency_key, key=key, digest=digest, now=now)
    if known.digest != digest:
        raise OtherRequest
    return Begun(known, is_new=False)


@transaction.atomic
def _repeated(key: ApiKey, *, digest: str, now: datetime) -> Begun:
    """The call that this one repeats, or a new one where that never arrived.  Two repetitions do not pass each other:
    who comes second waits here, and finds the first."""
    ApiKey.objects.select_for_update(no_key=True).get(pk=key.pk)
    first = _first_of(key, digest=digest, now=now)
    if first:
        return Begun(first, is_new=False)
    made = Submission.objects.create(api_key=key, digest=digest, created_at=now)
    return Begun(made, is_new=True)


def _first_of(key: ApiKey, *, digest: str, now: datetime) -> Submission | None:
    """The last submission of the same words, unless its edits ended long ago."""
    last = Submission.objects.kept(now).filter(api_key=key, digest=digest, idempotency_key="").first()
    if last is None:
        return None
    edits = edits_of(last, owner_id=key.owner_id)
    lasts_until = max((edit.finished_at or now for edit in edits), default=last.created_at)
    return last if lasts_until > now - JUST_ENDED else None


def edits_of(submission: Submission, *, owner_id: int) -> list[EditRequest]:
    """The edits that came of it in their order; none while it is checked."""
    keys = submission_keys(submission.submission_key, count=MOST_EDITS)
    return list(EditRequest.objects.filter(owner_id=owner_id, submission_key__in=keys).order_by("pk"))


def forget(submission: Submission, *, owner_id: int) -> None:
    """Drop a submission that was refused, so that the same key may be used for what is put right."""
    if not edits_of(submission, owner_id=owner_id):
        Submission.objects.filter(pk=submission.pk).delete()


def keep(submission: Submission) -> None:
    """Put it back, now that it came to an edit, if the call that began it was refused meanwhile and forgot it."""
    if not Submission.objects.filter(pk=submission.pk).exists():
        Submission.objects.bulk_create([submission], ignore_conflicts=True)


def forget_stale(*, now: datetime) -> int:
    """Drop those that no longer count; returns how many."""
    stale = Submission.objects.stale(now)
    return stale.delete()[0] if stale.exists() else 0  # looking does not keep writers waiting
