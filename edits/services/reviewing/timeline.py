"""The timeline of a review case: what happened to it, when and by whom.  Lines are only ever added."""

from datetime import datetime

from edits.models import EventKind, ReviewCase, ReviewEvent, User


def note(
    case: ReviewCase, *, kind: EventKind, at: datetime, actor: User | None = None, text: str = ""
) -> ReviewEvent:
    """Add one line.  ``actor`` is None where nobody did it but the system."""
    return ReviewEvent.objects.create(case=case, kind=kind, at=at, actor=actor, text=text)
