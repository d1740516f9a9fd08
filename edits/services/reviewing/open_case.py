"""Opens a review case for an edit that the content filter stopped."""

from datetime import datetime

from django.utils.translation import gettext_noop

from edits.models import EditRequest, EventKind, ReviewCase
from edits.services.reviewing.timeline import note

STOPPED = {
    "request": gettext_noop("The service refused the request (451). No picture was made."),
    "result": gettext_noop("The service made the picture, then stopped it (content_filtered)."),
}
"""Stored in the timeline, and translated where it is shown."""


def open_case(*, edit: EditRequest, now: datetime) -> ReviewCase:
    """The case of a filtered edit, waiting for a reviewer.  Call it in the transaction that stops the edit.

    An edit that ran again and is stopped again gets its old case back: decided or not, it waits
    again, and the timeline keeps what was before.
    """
    case, is_new = ReviewCase.objects.get_or_create(
        edit=edit, defaults={"opened_at": now, "author_id": edit.owner_id}
    )
    if not is_new:
        _reopen(case, now=now)
    # Statuses move by UPDATE, so the edit in hand may not know yet where it was stopped.
    stage = EditRequest.objects.values_list("filtered_at_stage", flat=True).get(pk=edit.pk)
    note(case, kind=EventKind.STOPPED, at=now, text=STOPPED[stage])
    return case


def _reopen(case: ReviewCase, *, now: datetime) -> None:
    ReviewCase.objects.filter(pk=case.pk).update(
        opened_at=now,
        question_open=False,
        appeal_against=None,
        claimed_by=None,
        claimed_until=None,
        decision="",
        reason="",
        decided_by=None,
        decided_at=None,
        author_notified_at=None,
    )
    case.refresh_from_db()
