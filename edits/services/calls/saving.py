"""Stores the answers that calls brought, now or as soon as the database and the storage take them."""

import logging
import threading
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, OperationalError

from edits.models import EditRequest, Reason, ReturnedImage
from edits.services import event_log
from edits.services.calls import spooling
from edits.services.calls.recording import record_outcome
from edits.services.calls.spooling import SpooledAnswer
from edits.services.pictures.storing import clear_folder, keep_only
from edits.services.transitions import Event, apply_event, movable

GIVEN_UP_AFTER = timedelta(days=1)
"""How long an edit waits for a silent machine that holds its paid answer."""
MOST_FAILURES = 3
"""Answers in a row that could not be stored, until a round ends: a storage that hangs takes its time for each."""

log = logging.getLogger(__name__)
is_blocked = threading.Event()
"""Set while this process has a paid answer that could not be stored: it asks for nothing more."""


def save(kept: SpooledAnswer, *, now: datetime, edit: EditRequest | None = None) -> bool:
    """Record what a call brought.  False when it has to wait: the edit is SAVING then, and nothing is lost.

    ``edit`` as it was claimed, where the caller still has it.
    """
    is_first_try = edit is not None
    try:
        edit = edit or spooled_edit(kept)
        if edit:
            with event_log.about(edit):
                record_outcome(edit, kept.outcome, stem=kept.stem, is_first_try=is_first_try, now=now)
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


def _clear_earlier_tries(kept: SpooledAnswer) -> None:
    """What they left, if they got as far as the storage: in a bucket each had a name of its own."""
    result = ReturnedImage.objects.filter(edit=kept.edit_id, file__startswith=f"{kept.stem}/").first()
    if result is None:
        clear_folder(kept.stem)
    elif result.withheld:  # for shown ones, making the renditions clears the folder
        keep_only(str(result.file.name))


def spooled_edit(kept: SpooledAnswer) -> EditRequest | None:
    """The edit as the claim saw it that made the call; None when it was deleted meanwhile."""
    whole = EditRequest.objects.select_related("upload", "owner", "rerun_of", "provider")
    edit = whole.filter(pk=kept.edit_id, public_id=kept.public_id).first()  # a restore may give keys again
    if edit:
        edit.fence = kept.fence
    return edit


def _wait_with(kept: SpooledAnswer, edit: EditRequest | None, *, now: datetime) -> None:
    is_blocked.set()
    if edit:
        event_log.answer_kept_aside(edit, size_bytes=kept.size_bytes)
        with suppress(DatabaseError):
            move_to_saving(edit, now=now)
    spooling.leave_for_later(kept)


def move_to_saving(edit: EditRequest, *, now: datetime) -> bool:
    """Its paid answer is kept on a worker's disk and cannot be stored now."""
    # Asked every few seconds: an UPDATE takes SQLite's write lock even if it matches nothing.
    if not movable(edit, Event.AWAIT_STORAGE).exists():
        return False
    return apply_event(edit, Event.AWAIT_STORAGE, columns={"last_fault": ""}, now=now)


def fail_unsaved(
    edit: EditRequest, *, now: datetime, reason: Reason = Reason.STORAGE, fault: str = ""
) -> bool:
    """Its paid answer cannot be stored, or the picture behind its link not be had, at all."""
    return apply_event(edit, Event.FAIL, columns={"reason": reason, "last_fault": fault}, now=now)


def save_spooled(*, lease: timedelta, now: datetime) -> int:
    """Store what this machine still holds, also from before a restart; returns how many were settled."""
    saved = failures = 0
    for kept in spooling.spooled_answers():
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
    old = EditRequest.objects.saving().filter(started_at__lt=now - GIVEN_UP_AFTER).order_by("started_at")
    return sum(fail_unsaved(edit, now=now) for edit in old)
