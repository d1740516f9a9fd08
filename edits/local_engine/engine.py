"""What the practice engine does with a valid request: check the key, filter, wait, edit.

It knows nothing of HTTP.
"""

import os
import secrets
from collections.abc import Callable
from random import SystemRandom
from threading import BoundedSemaphore, Event
from typing import Any

from edits.model_specs import MAX_SEED

from .answers import edit_answer
from .contract import AskedEdit
from .editing import edit_picture
from .refusals import ContractError
from .words import FilterVerdict, judge


def draw_seed() -> int:
    """A seed for a request that leaves it open."""
    return SystemRandom().randint(1, MAX_SEED)


class Engine:
    """State shared by all requests.  Waits ``latency_seconds`` before each edit, so that a queue can be observed."""

    def __init__(
        self,
        *,
        key: str | None,
        latency_seconds: float,
        draw_seed: Callable[[], int],
        now: Callable[[], float],
    ) -> None:
        self._key = key
        self._latency_seconds = latency_seconds
        self._draw_seed = draw_seed
        self._now = now
        self._stopping = Event()
        # Decoded pictures are large: only as many at once as there are processors; others wait undecoded.
        self._workplaces = BoundedSemaphore(os.cpu_count() or 1)

    def stop_waiting(self) -> None:
        """End all latency, now and later, so that the process can stop."""
        self._stopping.set()

    def check_key(self, authorization: str) -> None:
        """Raise ContractError 401 unless the header carries the key, or any key if none was set."""
        scheme, _, given = authorization.strip().partition(" ")
        given = given.strip()
        known = self._key is None or secrets.compare_digest(given.encode(), self._key.encode())
        if scheme.lower() != "bearer" or not given or not known:
            raise ContractError("Incorrect API key provided", status=401, type_="invalid_api_key")

    def edit(self, asked: AskedEdit, *, link: Callable[[bytes], str]) -> dict[str, Any]:
        """The answer's body.  Raises ContractError: 451 for a refused word, 400 for a damaged picture."""
        verdict = judge(asked.prompt)
        if verdict is FilterVerdict.REFUSED:
            raise ContractError("the prompt did not pass the review", status=451, type_="censorship_blocked")
        seed = asked.seed or self._draw_seed()
        self._stopping.wait(self._latency_seconds)
        png = None if verdict is FilterVerdict.FILTERED_WITHOUT_PICTURE else self._edited(asked, seed=seed)
        return edit_answer(asked, png=png, seed=seed, verdict=verdict, created=int(self._now()), link=link)

    def _edited(self, asked: AskedEdit, *, seed: int) -> bytes:
        with self._workplaces:
            return edit_picture(
                asked.image,
                prompt=asked.prompt,
                seed=seed,
                steps=asked.steps,
                cfg_scale=asked.cfg_scale,
                size=asked.size,
                spec=asked.spec,
            )
