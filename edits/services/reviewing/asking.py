"""Words between a reviewer and the author: question and answer, the request for a review, the appeal."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from edits.models import Decision, EventKind, ReviewCase, User
from edits.services.reviewing.outcomes import ASKED_ALREADY, DONE, OWN_EDIT, Outcome, came_second
from edits.services.reviewing.timeline import note


def ask_author(*, case: ReviewCase, reviewer: User, question: str, now: datetime) -> Outcome:
    """Put a question to the author; the case leaves the queue until the answer comes."""
    if case.edit.owner_id == reviewer.pk:
        return Outcome(False, OWN_EDIT)
    free = ReviewCase.objects.filter(pk=case.pk).free_for(reviewer, now)
    with transaction.atomic():
        if free.filter(question_open=False).update(
            question=question, question_open=True, claimed_by=None, claimed_until=None, author_told_at=None
        ):
            note(case, kind=EventKind.ASKED, at=now, actor=reviewer, text=question)
            return DONE
    if free.filter(question_open=True).exists():
        return Outcome(False, ASKED_ALREADY)
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
    """The author objects to a decision, once: the case waits again.  The timeline keeps what was decided."""
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
            "author_note": words,
            "decision": "",
            "reason": "",
            "decided_by": None,
            "decided_at": None,
            "question_open": False,
        },
    )


def note_told(*, case: ReviewCase, author: User, now: datetime) -> bool:
    """The author has the decision or the question before their eyes; False when they had seen it before."""
    return _by_author(
        case,
        ReviewCase.objects.filter(author_told_at__isnull=True).exclude(decision="", question_open=False),
        author=author,
        event=(EventKind.TOLD, ""),
        now=now,
        fields={"author_told_at": now},
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
    """Change the author's own case where it stands as expected, with a line in the timeline."""
    if case.edit.owner_id != author.pk:
        return False
    kind, text = event
    with transaction.atomic():
        changed = where.filter(pk=case.pk).update(**fields)
        if changed:
            note(case, kind=kind, at=now, actor=author, text=text)
    return bool(changed)
