"""Writes down what somebody did or looked at with more rights than a member has."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from edits.models import AuditEntry, User


def record(
    *,
    actor: User | None,
    action: str,
    subject: str = "",
    detail: str = "",
    now: Callable[[], datetime] = timezone.now,
) -> AuditEntry:
    """Add an entry to the audit log: who, did what, to whom or what, and particulars.  Longer words are cut.

    Nobody is the actor where Retake itself did it.
    """
    return AuditEntry.objects.create(
        at=now(), actor=actor, action=action[:40], subject=subject[:100], detail=detail[:500]
    )
