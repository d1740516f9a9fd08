"""Asks the provider for a claimed edit and records what came of it."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from edits.edit_call import EditCall, Picture
from edits.images import BadImage
from edits.models import EditRequest, Upload
from edits.providers import Answer, ProviderError, ResultLost, SourceAway, Unusable
from edits.services import event_log
from edits.services.calls.call_results import CallResult, verified
from edits.services.calls.failures import record_fault, record_interruption
from edits.services.calls.fetching import keep_link
from edits.services.calls.picture_warnings import promised_size_px, with_warnings
from edits.services.calls.recording import record_linked
from edits.services.calls.saving import save
from edits.services.calls.spooling import spool_answer
from edits.services.calls.unreadable import keep_unreadable
from edits.services.idle_connections import give_back
from edits.services.pictures.priority import foreground
from edits.services.pictures.renditions import make_renditions
from edits.services.pictures.storing import EXTENSIONS, picture_bytes
from edits.services.provider.connecting import client_of
from edits.services.queue.claiming import MACHINE
from edits.services.queue.leases import held

log = logging.getLogger(__name__)

RECORD_PAUSE_SECONDS = 2.0
RECORD_TRIES = 450
"""A quarter of an hour: longer than a database takes to be started again or moved."""


class ImageEditor(Protocol):
    """What can edit a picture: a provider's client, or a stand-in for tests."""

    def edit(self, call: EditCall) -> Answer:
        """One call, at most one charge."""
        ...


ClientFor = Callable[[EditRequest], ImageEditor]
"""Gives the client of the edit's provider.  Raises ProviderError where it can send nothing."""


def run_edit(
    edit: EditRequest,
    *,
    client_for: ClientFor = client_of,
    now: Callable[[], datetime] = timezone.now,
    render: Callable[[EditRequest], object] = make_renditions,
) -> None:
    """Ask for a claimed edit and record what came of it.  Never raises: one broken edit must not stop the queue.

    ``now`` is a clock: a call takes minutes, and what came of it may be recorded only when the database is back.
    """
    with held(edit), event_log.about(edit):
        event_log.attempt_began(edit, worker=MACHINE)
        saved = False
        try:
            saved = _ask_and_record(edit, client_for=client_for, now=now)
            if saved:
                render(edit)
        except Exception:
            # A defect of ours.  The edit is not lost: its interruption is on record, or its picture is stored.
            log.exception("An edit was interrupted" if not saved else "Renditions could not be made")
            detail = "An unexpected error on our side; see the log."
            with suppress(DatabaseError):
                if not saved:
                    until_recorded(lambda: record_interruption(edit, now=now(), detail=detail))


def _ask_and_record(edit: EditRequest, *, client_for: ClientFor, now: Callable[[], datetime]) -> bool:
    """Whether an answer came and is stored."""
    try:
        ready = _prepared(edit, client_for)
        answer = ready.client.edit(ready.call)
        with foreground():
            outcome = with_warnings(_verified(edit, answer), promised_px=ready.promised_px)
    except ProviderError as error:
        fault = error
        if isinstance(fault, ResultLost) and fault.may_come and (kept := keep_link(edit, fault, now=now())):
            with kept:
                until_recorded(lambda: record_linked(edit, kept.outcome, now=now()))
            return False
        until_recorded(lambda: record_fault(edit, fault, now=now()))
        return False
    with foreground():
        return save(spool_answer(edit, outcome, now=now()), now=now(), edit=edit)


@dataclass(frozen=True)
class _Ready:
    """All that a call needs.  Nothing more is asked of the database or the storage until its answer is on a disk."""

    client: ImageEditor
    call: EditCall
    promised_px: tuple[int, int] | None


def _prepared(edit: EditRequest, client_for: ClientFor) -> _Ready:
    """Raises SourceAway when storage or database are away, and what ``client_for`` raises: nothing was sent."""
    try:
        ready = _Ready(client_for(edit), _call_for(edit), promised_size_px(edit))
    except (OSError, OperationalError, InterfaceError) as trouble:
        log.exception("What an edit is made of cannot be read")
        raise SourceAway("our storage did not give the picture, so nothing was sent") from trouble
    give_back()  # a call takes up to minutes
    return ready


def _call_for(edit: EditRequest) -> EditCall:
    """Raises OSError when our own storage does not give the picture."""
    pictures = [_picture(edit.upload, "source")]
    if (
        edit.references.exists()
    ):  # asking for whole rows takes several times as long, and most edits have none
        references = edit.references.select_related("upload")
        pictures += [_picture(each.upload, f"reference-{each.position}") for each in references]
    mask = _picture(edit.mask, "mask") if edit.mask else None
    return EditCall(edit.model, edit.options, tuple(pictures), mask)


def _picture(upload: Upload, name: str) -> Picture:
    return Picture(
        data=picture_bytes(upload.file),
        filename=f"{name}.{EXTENSIONS[upload.format]}",
        content_type=f"image/{upload.format.lower()}",
    )


def _verified(edit: EditRequest, answer: Answer) -> CallResult:
    """Raises Unusable, with the ids of the answer that was paid for, when its picture cannot be opened."""
    try:
        return verified(answer)
    except BadImage as trouble:
        keep_unreadable(edit, answer.image or b"")
        error = Unusable(
            f"The result is no picture: {trouble.code}", status=answer.status, trace_id=answer.trace_id
        )
        error.provider_id, error.answer_bytes = answer.provider_id, answer.answer_bytes
        error.sent, error.notes = [list(field) for field in answer.sent], answer.notes
        raise error from trouble


def until_recorded(record: Callable[[], object], *, pause: Callable[[float], None] = time.sleep) -> None:
    """Go on until the database takes it: what a call cost may not be forgotten because it was away.

    Raises what it raised last when it stays away for a quarter of an hour.
    """
    for _ in range(RECORD_TRIES):
        try:
            record()
        except (OperationalError, InterfaceError):
            log.exception("The outcome of a call cannot be written to the database; it is tried again")
            connection.close()
            pause(RECORD_PAUSE_SECONDS)
        else:
            return
    record()
