"""Words between a reviewer and the author: question and answer, the request for a review, the appeal."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from edits.models import Decision, EventKind, ReviewCase, User
from edits.services.reviewing.action_result import (
    ASKED_ALREADY,
    DONE,
    OWN_DECISION,
    OWN_EDIT,
    ActionResult,
    came_second,
)
from edits.services.reviewing.appeals import free_to_decide, is_for_others
from edits.services.reviewing.timeline import note


def ask_author(*, case: ReviewCase, reviewer: User, question: str, now: datetime) -> ActionResult:
    """Put a question to the author; the case leaves the queue until the answer comes."""
    if case.edit.owner_id == reviewer.pk:
        return ActionResult(False, OWN_EDIT)
    if is_for_others(case, reviewer):
        return ActionResult(False, OWN_DECISION)
    free = free_to_decide(case, reviewer, now=now)
    with transaction.atomic():
        if free.filter(question_open=False).update(
            question=question,
            question_open=True,
            claimed_by=None,
            claimed_until=None,
            author_notified_at=None,
        ):
            note(case, kind=EventKind.ASKED, at=now, actor=reviewer, text=question)
            return DONE
    if free.filter(question_open=True).exists():
        return ActionResult(False, ASKED_ALREADY)
    return came_second(case, now=now)


def answer_question(*, case: ReviewCase, author: User, words: str, now: datetime) -> bool:
    """The author's answer puts the case back into the queue; False when there is no question any more."""
    return _by_author(
        case,
        ReviewCase.objects.undecided().filter(question_open=True),
        author=author,
        event=(EventKind.ANSWERED, words),
        now=now,
        fields={"question_open": False},
    )


def ask_for_review(*, case: ReviewCase, author: User, words: str = "", now: datetime) -> bool:
    """The author asks for a look, once, and may say why; False when they did before or it is decided."""
    return _by_author(
        case,
        ReviewCase.objects.undecided().filter(asked_for_at__isnull=True),
        author=author,
        event=(EventKind.REVIEW_ASKED, words),
        now=now,
        fields={"asked_for_at": now, "author_note": words},
    )


def appeal(*, case: ReviewCase, author: User, words: str, now: datetime) -> bool:
    """The author objects to a decision, once: the case waits again, for another reviewer where there is one.

    The timeline keeps what was decided.
    """
    return _by_author(
        case,
        ReviewCase.objects.filter(
            decision__in=[Decision.KEPT_HIDDEN, Decision.DISMISSED], appealed_at__isnull=True
        ),
        author=author,
        event=(EventKind.APPEALED, words),
        now=now,
        fields={
            "appealed_at": now,
            "appeal_against": F("decided_by"),
            "author_note": words,
            "decision": "",
            "reason": "",
            "decided_by": None,
            "decided_at": None,
            "question_open": False,
            "claimed_by": None,
            "claimed_until": None,
        },
    )


def mark_as_read(*, case: ReviewCase, author: User, now: datetime) -> bool:
    """The author has the decision or the question before their eyes; False when they had seen it before."""
    return _by_author(
        case,
        ReviewCase.objects.filter(author_notified_at__isnull=True).exclude(decision="", question_open=False),
        author=author,
        event=(EventKind.TOLD, ""),
        now=now,
        fields={"author_notified_at": now},
    )


def _by_author(
    case: ReviewCase,
    where: QuerySet[ReviewCase],
    *,
    author: User,
    event: tuple[EventKind, str],
    now: datetime,
    fields: dict[str, Any],
) -> bool:
    """Change the author's own case where it is as expected, with a line in the timeline."""
    if case.edit.owner_id != author.pk:
        return False
    kind, text = event
    with transaction.atomic():
        changed = where.filter(pk=case.pk).update(**fields)
        if changed:
            note(case, kind=kind, at=now, actor=author, text=text)
    return bool(changed)
