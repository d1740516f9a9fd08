"""What tests of reviews share: moments, quick decisions and a look at the timeline."""

from datetime import datetime, timedelta

from django.utils import timezone

from edits.models import ReviewCase, User
from edits.services import reviewing

NOW = timezone.now()
SOON = NOW + timedelta(minutes=1)


def kinds(case: ReviewCase) -> list[str]:
    """The timeline, as kinds of events."""
    return [event.kind for event in case.events.all()]


def released(case: ReviewCase, reviewer: User, *, now: datetime = SOON) -> reviewing.Outcome:
    """Release it as a false alarm."""
    return reviewing.release(case=case, reviewer=reviewer, reason="False alarm.", now=now)


def kept_hidden(case: ReviewCase, reviewer: User, *, now: datetime = SOON) -> reviewing.Outcome:
    """Keep it hidden for what it shows."""
    return reviewing.keep_hidden(case=case, reviewer=reviewer, reason="A real person.", now=now)
