"""The journal: one line of the log for each step of an edit's life, so that it can be said what it cost.

    edit taken in        stored, nothing sent yet; also when its owner queues it again
    attempt began        from here on a call may be charged
    attempt ended        the class of its fault, if any, and whether it was charged
    answer kept aside    paid and safe on this machine's disk, but not stored yet
    edit moved           what follows: done, filtered, failed for a reason, or again at a time
    answer thrown away   it came for an edit that did not wait for it any more
    set-aside deleted    an answer that could not be recorded lay on this machine for its days
    provider changed     held, paused, stopped or open again

Fields are ids, numbers and states alone.  No function takes a prompt, a file name, an answer's words or a
picture, so that none of them can come into a log.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Literal

import structlog

from edits.models import Charged, EditRequest, Status

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

ProviderState = Literal["open", "held", "paused", "stopped"]


@contextmanager
def about(edit: EditRequest) -> Iterator[None]:
    """While inside, every line that this thread logs names the edit and its attempt, tracebacks included."""
    with structlog.contextvars.bound_contextvars(edit=str(edit.public_id), attempt=edit.attempts_made):
        yield


def edit_taken_in(edit: EditRequest) -> None:
    """It stands in the queue by its owner's wish: new, or once more."""
    log.info("edit taken in", **_name(edit), again=edit.attempts_made > 0)


def attempt_began(edit: EditRequest, *, worker: str = "") -> None:
    """A claimed edit, as it was read after its claim, is about to be sent."""
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
    """How the call of this claim ended; ``charged`` is one of ``Charged``, ``fault`` a class or blank."""
    seconds = max(0.0, (now - edit.started_at).total_seconds()) if edit.started_at else None
    log.log(
        logging.WARNING if fault else logging.INFO,
        "attempt ended",
        **_attempt(edit),
        charged=str(charged),
        seconds=round(seconds, 3) if seconds is not None else None,
        **_known(
            fault=fault,
            status=status,
            trace_id=trace_id,
            provider_id=provider_id,
            answer_bytes=answer_bytes,
        ),
    )


def answer_kept_aside(edit: EditRequest, *, size_bytes: int) -> None:
    """The paid answer lies on this machine's disk and waits until it can be stored."""
    log.warning("answer kept aside", **_attempt(edit), size_bytes=size_bytes)


def edit_moved(
    edit: EditRequest,
    *,
    to: Status,
    reason: str = "",
    fault: str = "",
    again_at: datetime | None = None,
) -> None:
    """What follows: ``reason`` where it failed, ``again_at`` where it waits for another try."""
    when = again_at.isoformat(timespec="seconds") if again_at else None
    level = logging.WARNING if to == Status.FAILED else logging.INFO
    known = _known(reason=str(reason), fault=fault, again_at=when)
    log.log(level, "edit moved", **_attempt(edit), to=str(to), **known)


def answer_thrown_away(edit: EditRequest) -> None:
    """An answer came too late: the edit was canceled, deleted, or taken over by another worker meanwhile."""
    log.warning("answer thrown away", **_attempt(edit))


def set_aside_deleted(public_id: str, *, fence: str) -> None:
    """What was set aside for the operator is gone; the edit may be, too."""
    log.warning("set-aside deleted", edit=public_id, fence=fence)


def provider_changed(
    to: ProviderState, *, provider: str, reason: str = "", until: datetime | None = None
) -> None:
    """A provider, by its slug; ``reason`` is a sentence of ours, without the provider's own words."""
    level = logging.INFO if to == "open" else logging.WARNING
    end = until.isoformat(timespec="seconds") if until else None
    log.log(level, "provider changed", provider=provider, to=to, **_known(reason=reason, until=end))


def _name(edit: EditRequest) -> dict[str, Any]:
    return {"edit": str(edit.public_id)}


def _attempt(edit: EditRequest) -> dict[str, Any]:
    """The fence tells apart two workers that both believe to run this edit."""
    return _name(edit) | {"attempt": edit.attempts_made, "fence": edit.fence}


def _known(**fields: Any) -> dict[str, Any]:
    """Without what is blank: a line says only what it knows."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}
