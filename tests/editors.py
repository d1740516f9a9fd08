"""A stand-in for the provider's client, and a worker's steps with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from edits.edit_call import EditCall
from edits.models import EditRequest
from edits.providers import Answer
from edits.services.calls.running import run_edit
from edits.services.queue.claiming import QueueLimits, claim_next
from tests.factories import picture


def made(data: bytes | None = None, *, seed: int | None = 77120, **fields: Any) -> Answer:
    """An answer with a picture."""
    return answer(image=data or picture(), seed=seed, **fields)


def stopped(*, stage: str = "result", data: bytes | None = None) -> Answer:
    """An answer that the content filter stopped."""
    status = 451 if stage == "request" else 200
    return answer(image=data, finish_reason="content_filtered", filtered_at=stage, status=status)


def answer(**fields: Any) -> Answer:
    """An answer of the provider with everything that is not named left usual."""
    usual: dict[str, Any] = {
        "image": None,
        "finish_reason": "success",
        "filtered_at": "",
        "seed": 77120,
        "provider_id": "edit-1",
        "trace_id": "trace-1",
        "status": 200,
        "created": 1589478378,
        "notes": (),
    }
    return Answer(**(usual | fields))


@dataclass
class Editor:
    """Gives its outcomes one after the other, then the last one for ever."""

    outcomes: list[Answer | Exception]
    calls: list[EditCall] = field(default_factory=list)
    while_running: Callable[[], None] = lambda: None

    def edit(self, call: EditCall) -> Answer:
        self.calls.append(call)
        self.while_running()
        outcome = self.outcomes[min(len(self.calls), len(self.outcomes)) - 1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


LIMITS = QueueLimits(concurrent=5, per_minute=1000)
LEASE = timedelta(seconds=30)
NOW = timezone.now()


def undrawn(edit: EditRequest) -> None:
    """In place of renditions, where nobody looks at them: they take most of the time of an edit."""


def run(edit: EditRequest, editor: Editor, *, at: datetime = NOW) -> EditRequest:
    """Claim and run the next edit, and read the given one again."""
    claimed = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=at)
    assert claimed is not None
    run_edit(claimed, client_for=lambda _: editor, now=lambda: at)
    edit.refresh_from_db()
    return edit


def run_until_final(edit: EditRequest, editor: Editor) -> int:
    """Go on as the worker would, whenever the edit may be sent; returns the number of calls."""
    at = NOW
    for _ in range(20):
        if not run(edit, editor, at=at).is_active:
            break
        at = max(edit.not_before or at, at)
    return len(editor.calls)
