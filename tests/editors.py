"""A stand-in for the provider's client: answers what a test tells it to, and counts its calls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from edits.stepfun import Answer
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
    calls: list[dict[str, Any]] = field(default_factory=list)
    while_running: Callable[[], None] = lambda: None

    def edit(self, **request: Any) -> Answer:
        self.calls.append(request)
        self.while_running()
        outcome = self.outcomes[min(len(self.calls), len(self.outcomes)) - 1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
