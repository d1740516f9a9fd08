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


def opened(case: ReviewCase, reviewer: User, *, now: datetime = NOW) -> ReviewCase:
    """The case as it is once this reviewer opened it."""
    case = ReviewCase.objects.select_related("edit").get(pk=case.pk)
    assert reviewing.claim_case(case=case, reviewer=reviewer, now=now).is_mine
    return case


def uncovered(
    case: ReviewCase, reviewer: User, which: reviewing.Which, step: int, *, now: datetime = SOON
) -> ReviewCase:
    """The case opened by this reviewer, with one picture uncovered up to a step."""
    case = opened(case, reviewer, now=now)
    for each in range(1, step + 1):
        assert reviewing.reveal(case=case, reviewer=reviewer, which=which, step=each, now=now)
    return case


def released(case: ReviewCase, reviewer: User, *, now: datetime = SOON) -> reviewing.ActionResult:
    """Release it as a false alarm."""
    return reviewing.release(case=case, reviewer=reviewer, reason="False alarm.", now=now)


def kept_hidden(case: ReviewCase, reviewer: User, *, now: datetime = SOON) -> reviewing.ActionResult:
    """Keep it hidden for what it shows."""
    return reviewing.keep_hidden(case=case, reviewer=reviewer, reason="A real person.", now=now)


def address(case: ReviewCase, action: str = "") -> str:
    """The page of a case, or something below it."""
    return f"/review/{case.edit.public_id}/{action}"


def press_open(client: Client, case: ReviewCase) -> Any:
    """Press "Open case"."""
    return client.post(address(case, "claim/"))


def uncover(client: Client, case: ReviewCase, which: str, *steps: int) -> Any:
    """Press the buttons for these steps; the answer to the last."""
    answer = None
    for step in steps:
        answer = client.post(address(case, "reveal/"), {"which": which, "step": str(step)})
    return answer


def decide(client: Client, case: ReviewCase, decision: str, **fields: str) -> Any:
    """Press the button; the answer is the page that it leads to."""
    return client.post(address(case, "decide/"), {"decision": decision, **fields}, follow=True)


def messages_of(answer: Any) -> list[str]:
    """The toasts of a page."""
    return [str(message) for message in answer.context["messages"]]
