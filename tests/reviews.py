"""What tests of reviews share: moments, quick decisions, addresses and a look at timeline and toasts."""

from datetime import datetime, timedelta
from typing import Any

from django.test import Client
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


def address(case: ReviewCase, action: str = "") -> str:
    """The page of a case, or something below it."""
    return f"/review/{case.edit.public_id}/{action}"


def decide(client: Client, case: ReviewCase, decision: str, **fields: str) -> Any:
    """Press the button; the answer is the page that it leads to."""
    return client.post(address(case, "decide/"), {"decision": decision, **fields}, follow=True)


def told(answer: Any) -> list[str]:
    """The toasts of a page."""
    return [str(message) for message in answer.context["messages"]]
