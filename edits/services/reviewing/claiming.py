"""Claims: who has a review case open, so that two reviewers do not look at the same one without need.

Opening a case claims it, which shows its pictures blurred; everything else about them is uncovered step by step
(``revealing.py``).  Leaving a case without uncovering anything releases it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from edits.models import EventKind, RevealGrant, ReviewCase, User
from edits.services.reviewing.appeals import is_for_others
from edits.services.reviewing.timeline import note

LEASE = timedelta(minutes=15)
RENEWED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Claim:
    """Who has the case and until when; nobody where it is not open."""

    holder: User | None
    until: datetime | None
    is_mine: bool


def claim_case(*, case: ReviewCase, reviewer: User, now: datetime) -> Claim:
    """Give the case to this reviewer for 15 minutes from now, unless another has it.

    Safe to repeat: it renews one's own claim, at most once a minute, and only taking a free case adds a line
    to the timeline.  A decided case is opened to look at it again, not to decide it.  One's own edit is not
    opened, nor an appeal that another has to decide.
    """
    was_mine = case.is_held_by(reviewer, now)
    if was_mine and case.claimed_until and case.claimed_until > now + LEASE - RENEWED_AFTER:
        return Claim(reviewer, case.claimed_until, is_mine=True)
    if case.edit.owner_id == reviewer.pk or is_for_others(case, reviewer):
        return holder(case, reviewer=reviewer, now=now)
    with transaction.atomic():
        if renew(case, reviewer=reviewer, now=now) or _take(case, reviewer=reviewer, now=now):
            case.claimed_by, case.claimed_until = reviewer, now + LEASE
            return Claim(reviewer, now + LEASE, is_mine=True)
    return holder(case, reviewer=reviewer, now=now)


def renew(case: ReviewCase, *, reviewer: User, now: datetime) -> bool:
    """Hold it for 15 more minutes; False where this reviewer does not have it open."""
    held = ReviewCase.objects.filter(pk=case.pk, claimed_by=reviewer, claimed_until__gt=now)
    return bool(held.update(claimed_until=now + LEASE))


def give_back(*, reviewer: User, besides: ReviewCase | None = None, now: datetime) -> int:
    """End the claims of this reviewer under which nothing was uncovered; returns how many."""
    held = ReviewCase.objects.filter(claimed_by=reviewer, claimed_until__gt=now)
    uncovered = RevealGrant.objects.filter(case=OuterRef("pk"), reviewer=reviewer)
    others = held.exclude(pk=besides.pk) if besides else held
    if not others.exists():  # on SQLite an UPDATE waits for its turn to write, also where it finds nothing
        return 0
    return others.exclude(Exists(uncovered)).update(claimed_by=None, claimed_until=None)


def begin_covered(case: ReviewCase, *, reviewer: User) -> None:
    """Forget what this reviewer uncovered before: a new claim begins without it."""
    RevealGrant.objects.filter(case=case, reviewer=reviewer).delete()


def holder(case: ReviewCase, *, reviewer: User, now: datetime) -> Claim:
    """Who has the case open now."""
    latest = ReviewCase.objects.filter(pk=case.pk, claimed_until__gt=now).select_related("claimed_by").first()
    if latest is None:
        return Claim(None, None, is_mine=False)
    return Claim(latest.claimed_by, latest.claimed_until, is_mine=latest.claimed_by_id == reviewer.pk)


def _take(case: ReviewCase, *, reviewer: User, now: datetime) -> bool:
    free = ReviewCase.objects.filter(pk=case.pk).covered().unless_held_by_another(reviewer, now)
    if not free.update(claimed_by=reviewer, claimed_until=now + LEASE):
        return False
    begin_covered(case, reviewer=reviewer)
    note(case, kind=EventKind.OPENED, at=now, actor=reviewer)
    return True
