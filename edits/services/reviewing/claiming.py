"""Claims: who has a review case open, so that two reviewers do not look at the same one without need."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from edits.models import EventKind, ReviewCase, User
from edits.services.reviewing.timeline import note

LEASE = timedelta(minutes=15)
RENEWED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Claim:
    """Who has the case and until when; nobody where it is decided, or open only to its own author."""

    holder: User | None
    until: datetime | None
    is_mine: bool


def claim_case(*, case: ReviewCase, reviewer: User, now: datetime) -> Claim:
    """Give the case to this reviewer for 15 minutes from now, unless another has it.

    Safe to repeat: it renews one's own claim, at most once a minute, and only taking a free case adds a line
    to the timeline.
    """
    was_mine = case.is_held_by(reviewer, now)
    if was_mine and case.claimed_until and case.claimed_until > now + LEASE - RENEWED_AFTER:
        return Claim(reviewer, case.claimed_until, is_mine=True)
    free = ReviewCase.objects.filter(pk=case.pk).free_for(reviewer, now)
    if case.edit.owner_id == reviewer.pk:
        free = free.none()
    with transaction.atomic():
        if free.update(claimed_by=reviewer, claimed_until=now + LEASE):
            if not was_mine:
                note(case, kind=EventKind.OPENED, at=now, actor=reviewer)
            case.claimed_by, case.claimed_until = reviewer, now + LEASE
            return Claim(reviewer, now + LEASE, is_mine=True)
    return holder(case, now=now)


def holder(case: ReviewCase, *, now: datetime) -> Claim:
    """Who has the case open now, told to those who do not."""
    held = ReviewCase.objects.undecided().filter(pk=case.pk, claimed_until__gt=now)
    latest = held.select_related("claimed_by").first()
    if latest is None:
        return Claim(None, None, is_mine=False)
    return Claim(latest.claimed_by, latest.claimed_until, is_mine=False)
