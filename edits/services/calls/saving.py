"""Stores the answers that calls brought, now or as soon as the database and the storage take them."""

import logging
import threading
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, OperationalError

from edits.models import EditRequest, ReturnedImage
from edits.services import journal
from edits.services.calls import spooling
from edits.services.calls.recording import fail_unsaved, move_to_saving, record_outcome
from edits.services.calls.spooling import Kept
from edits.services.pictures.storing import clear_folder, keep_only

GIVEN_UP_AFTER = timedelta(days=1)
"""How long an edit waits for a machine that holds its paid answer and was not heard of since."""
MOST_FAILURES = 3
"""Answers in a row that could not be stored, until a round ends: a storage that hangs takes its time for each."""

log = logging.getLogger(__name__)
is_blocked = threading.Event()
"""Set while this process has a paid answer that could not be stored: it asks for nothing more."""


def save(kept: Kept, *, now: datetime, edit: EditRequest | None = None) -> bool:
    """Record what a call brought.  False when it has to wait: the edit is SAVING then, and nothing is lost.

    ``edit`` as it was claimed, where whoever asked for it still has it.
    """
    is_first_try = edit is not None
    try:
        edit = edit or edit_of(kept)
        if edit:
            with journal.about(edit):
                record_outcome(edit, kept.outcome, stem=kept.stem, now=now)
        if not is_first_try:
            _clear_earlier_tries(kept)
    except (OSError, OperationalError, InterfaceError):
        log.exception("The paid answer to edit %s cannot be stored yet", kept.public_id)
        _wait_with(kept, edit, now=now)
        return False
    except Exception:
        log.exception("The paid answer to edit %s cannot be recorded and is set aside", kept.public_id)
        if edit:
            with suppress(DatabaseError):
                fail_unsaved(edit, now=now)
        kept.set_aside()
        return True
    kept.forget()
    return True


def _clear_earlier_tries(kept: Kept) -> None:
    """What they left, if they got as far as the storage: in a bucket each had a name of its own."""
    result = ReturnedImage.objects.filter(edit=kept.edit_id, file__startswith=f"{kept.stem}/").first()
    if result is None:
        clear_folder(kept.stem)
    elif result.withheld:  # of shown ones whoever makes the renditions clears the folder
        keep_only(str(result.file.name))


def edit_of(kept: Kept) -> EditRequest | None:
    """The edit as the claim saw it that made the call; None when it was deleted meanwhile."""
    whole = EditRequest.objects.select_related("upload", "owner", "rerun_of", "provider")
    edit = whole.filter(pk=kept.edit_id, public_id=kept.public_id).first()  # a restore may give keys again
    if edit:
        edit.fence = kept.fence
    return edit


def _wait_with(kept: Kept, edit: EditRequest | None, *, now: datetime) -> None:
    is_blocked.set()
    if edit:
        journal.answer_kept_aside(edit, size_bytes=kept.size_bytes)
        with suppress(DatabaseError):
            move_to_saving(edit, now=now)
    spooling.leave_for_later(kept)


def save_spooled(*, lease: timedelta, now: datetime) -> int:
    """Store what this machine still holds, also from before a restart; returns how many were settled."""
    saved = failures = 0
    for kept in spooling.waiting():
        if save(kept, now=now):
            saved += 1
        else:
            failures += 1
        if failures == MOST_FAILURES:
            return saved
    if not failures:
        is_blocked.clear()
    return saved


def give_up_unsaved(*, lease: timedelta, now: datetime) -> int:
    """Fail the edits whose answer lies on a machine that does not come back; returns how many."""
    old = EditRequest.objects.saving().filter(started_at__lt=now - GIVEN_UP_AFTER)
    return sum(fail_unsaved(edit, now=now) for edit in old)
