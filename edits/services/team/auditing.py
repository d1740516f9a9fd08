"""Records what privileged people did or viewed."""

from datetime import datetime

from django.utils.functional import Promise

from edits.languages import in_english
from edits.models import AuditEntry, User


def record(
    *,
    actor: User | None,
    action: str,
    subject: str = "",
    detail: str | Promise = "",
    now: datetime,
) -> AuditEntry:
    """Add an entry to the audit log; longer texts are truncated.

    ``actor`` is None if Retake itself did it.  Lazy translations are stored in English, regardless of the
    actor's language.
    """
    with in_english():
        words = str(detail)
    return AuditEntry.objects.create(
        at=now, actor=actor, action=action[:40], subject=subject[:100], detail=words[:500]
    )
