"""The event log: one line for each step of an edit's life, which shows what it cost.

    edit taken in        stored, nothing sent yet; also when its owner requeues it
    attempt began        from here on a call may be charged
    attempt ended        its fault, if any, and whether it was charged
    answer kept aside    paid and safe on this machine's disk, but not stored yet
    edit moved           the outcome: done, filtered, failed for a reason, or retried at a time
    answer thrown away   its edit was no longer waiting for it
    set-aside deleted    an answer that could not be recorded was deleted after its retention time
    provider changed     held, paused, stopped or open again

Fields are only ids, numbers and states.  No function takes a prompt, a file name, the text of an answer or a
picture, so that none of them can get into a log.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Literal

import structlog

from edits.models import Charged, EditRequest, Status

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("edits.services.journal")
"""The logger keeps its original name, which operators' searches and alerts may use."""

ProviderState = Literal["open", "held", "paused", "stopped"]


@contextmanager
def about(edit: EditRequest) -> Iterator[None]:
    """While inside, every line that this thread logs names the edit and its attempt, tracebacks included."""
    with structlog.contextvars.bound_contextvars(edit=str(edit.public_id), attempt=edit.attempts_made):
        yield


def edit_taken_in(edit: EditRequest) -> None:
    """An edit entered the queue: new, or requeued by its owner."""
    log.info("edit taken in", **_name(edit), again=edit.attempts_made > 0)


def attempt_began(edit: EditRequest, *, worker: str = "") -> None:
    """A claimed edit, reloaded after its claim, is about to be sent."""
    log.info("attempt began", **_attempt(edit), **_known(worker=worker))


def attempt_ended(
    edit: EditRequest,
    *,
    now: datetime,
    charged: str = Charged.MAYBE,
    fault: str = "",
    status: int | None = None,
    trace_id: str = "",
    provider_id: str = "",
    answer_bytes: int | None = None,
) -> None:
    """How the call of this claim ended; ``charged`` is one of ``Charged``, ``fault`` one of ``Fault`` or blank."""
    seconds = max(0.0, (now - edit.started_at).total_seconds()) if edit.started_at else None
    log.log(
        logging.WARNING if fault else logging.INFO,
        "attempt ended",
        **_attempt(edit),
        charged=str(charged),
        seconds=round(seconds, 3) if seconds is not None else None,
        **_known(
            fault=str(fault),
            status=status,
            trace_id=trace_id,
            provider_id=provider_id,
            answer_bytes=answer_bytes,
        ),
    )


def answer_kept_aside(edit: EditRequest, *, size_bytes: int) -> None:
    """The paid answer is on this machine's disk and waits to be stored."""
    log.warning("answer kept aside", **_attempt(edit), size_bytes=size_bytes)


def edit_moved(
    edit: EditRequest,
    *,
    to: Status,
    reason: str = "",
    fault: str = "",
    again_at: datetime | None = None,
) -> None:
    """What follows: ``reason`` if it failed, ``again_at`` if it will be retried."""
    when = again_at.isoformat(timespec="seconds") if again_at else None
    level = logging.WARNING if to == Status.FAILED else logging.INFO
    known = _known(reason=str(reason), fault=str(fault), again_at=when)
    log.log(level, "edit moved", **_attempt(edit), to=str(to), **known)


def answer_thrown_away(edit: EditRequest) -> None:
    """An answer came too late: the edit was canceled, deleted or taken over by another worker meanwhile."""
    log.warning("answer thrown away", **_attempt(edit))


def set_aside_deleted(public_id: str, *, fence: str) -> None:
    """An answer set aside for the operator was deleted; the edit may be deleted as well."""
    log.warning("set-aside deleted", edit=public_id, fence=fence)


def provider_changed(
    to: ProviderState, *, provider: str, reason: str = "", until: datetime | None = None
) -> None:
    """A provider, by its slug, changed state; ``reason`` is our own sentence, without the provider's words."""
    level = logging.INFO if to == "open" else logging.WARNING
    end = until.isoformat(timespec="seconds") if until else None
    log.log(level, "provider changed", provider=provider, to=to, **_known(reason=reason, until=end))


def _name(edit: EditRequest) -> dict[str, Any]:
    return {"edit": str(edit.public_id)}


def _attempt(edit: EditRequest) -> dict[str, Any]:
    """Includes the fence, which distinguishes two workers that both believe they run this edit."""
    return _name(edit) | {"attempt": edit.attempts_made, "fence": edit.fence}


def _known(**fields: Any) -> dict[str, Any]:
    """Only the fields with a value, so that a line is short."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}
