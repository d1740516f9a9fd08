"""Decides review cases, and takes a decision back while it is fresh.

``UPDATE … WHERE decision = ''`` decides who is first; the second reviewer reads who that was.
"""

from datetime import datetime, timedelta

from django.db import transaction

from edits.models import Decision, EventKind, ReturnedImage, ReviewCase, User
from edits.services.reviewing.action_result import (
    DONE,
    NO_PICTURE,
    OWN_DECISION,
    OWN_EDIT,
    ActionResult,
    came_second,
)
from edits.services.reviewing.appeals import free_to_decide, is_for_others
from edits.services.reviewing.claiming import LEASE, begin_covered
from edits.services.reviewing.quarantine import moving, point_at
from edits.services.reviewing.timeline import note
from edits.services.transitions import Event, apply_event

UNDO_SECONDS = 10
GRACE_SECONDS = 5
"""A page offers Undo for ten seconds; this much longer may pass until a press at the last moment arrives."""


def release(*, case: ReviewCase, reviewer: User, reason: str, now: datetime) -> ActionResult:
    """Show the withheld picture to its author, and to nobody else: it is not shared.

    The worker makes its thumbnails afterwards.  Raises OSError when the picture cannot be moved; then nothing
    is decided.
    """
    if case.edit.owner_id == reviewer.pk:
        return ActionResult(False, OWN_EDIT)
    if is_for_others(case, reviewer):
        return ActionResult(False, OWN_DECISION)
    picture = withheld_picture(case)
    if picture is None:
        is_late = ReviewCase.objects.decided().filter(pk=case.pk).exists()
        return came_second(case, now=now) if is_late else ActionResult(False, NO_PICTURE)
    with moving(picture, withheld=False) as name, transaction.atomic():
        outcome = _decide(case, Decision.RELEASED, reviewer=reviewer, reason=reason, now=now)
        if outcome.done:
            after = timedelta(seconds=UNDO_SECONDS + GRACE_SECONDS)
            apply_event(case.edit, Event.RELEASE, now=now, webhooks_after=after)
            point_at(picture, name, withheld=False)
    return outcome


def keep_hidden(*, case: ReviewCase, reviewer: User, reason: str, now: datetime) -> ActionResult:
    """Leave the picture withheld; the author reads the reason."""
    with transaction.atomic():
        return _decide(case, Decision.KEPT_HIDDEN, reviewer=reviewer, reason=reason, now=now)


def dismiss(*, case: ReviewCase, reviewer: User, reason: str = "", now: datetime) -> ActionResult:
    """Close the case without a word to the author; the reason, if any, stays in the timeline."""
    with transaction.atomic():
        return _decide(case, Decision.DISMISSED, reviewer=reviewer, reason=reason, now=now)


def undo_decision(*, case: ReviewCase, reviewer: User, now: datetime) -> bool:
    """Take back one's own decision of the last seconds; False when it is too late or another's.

    A released picture goes back into quarantine, its thumbnails are deleted, and it is no longer shared should
    its author have been that quick.  Raises OSError when it cannot be moved; then nothing is undone.
    """
    oldest = now - timedelta(seconds=UNDO_SECONDS + GRACE_SECONDS)
    fresh = ReviewCase.objects.filter(pk=case.pk, decided_by=reviewer, decided_at__gte=oldest)
    decision = fresh.values_list("decision", flat=True).first()
    if not decision:
        return False
    picture = _released_picture(case) if decision == Decision.RELEASED else None
    with moving(picture, withheld=True) as name, transaction.atomic():
        undone = fresh.filter(decision=decision).update(
            decision="",
            reason="",
            decided_by=None,
            decided_at=None,
            author_notified_at=None,
            claimed_by=reviewer,
            claimed_until=now + LEASE,
        )
        if undone:
            begin_covered(case, reviewer=reviewer)
            note(case, kind=EventKind.UNDONE, at=now, actor=reviewer)
        if undone and picture:
            unshared = {"shared_at": None, "source_is_shared": False}
            apply_event(case.edit, Event.UNDO_RELEASE, columns=unshared, now=now)
            point_at(picture, name, withheld=True)
    return bool(undone)


def withheld_picture(case: ReviewCase) -> ReturnedImage | None:
    """The picture that the filter stopped, if one came back and is still withheld."""
    return ReturnedImage.objects.filter(edit=case.edit_id, withheld=True).first()


def _released_picture(case: ReviewCase) -> ReturnedImage | None:
    return ReturnedImage.objects.filter(edit=case.edit_id, withheld=False).first()


def _decide(
    case: ReviewCase, decision: Decision, *, reviewer: User, reason: str, now: datetime
) -> ActionResult:
    if case.edit.owner_id == reviewer.pk:
        return ActionResult(False, OWN_EDIT)
    if is_for_others(case, reviewer):
        return ActionResult(False, OWN_DECISION)
    if not free_to_decide(case, reviewer, now=now).update(
        decision=decision,
        reason=reason,
        decided_by=reviewer,
        decided_at=now,
        claimed_by=None,
        claimed_until=None,
        author_notified_at=None,
    ):
        return came_second(case, now=now)
    note(case, kind=EventKind(decision.value), at=now, actor=reviewer, text=reason)
    return DONE
