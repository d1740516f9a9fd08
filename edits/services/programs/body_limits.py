"""How large a call of the API may be: as large as the largest that some offered model takes.

Every process asks the database again after some seconds, and before it refuses a call; not for each call.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import Error

from edits.images import MASK_MAX_BYTES
from edits.model_specs import MODEL_SPECS, BadSpec, ModelSpec
from edits.models import ProviderModel

FRESH_SECONDS = 5.0
MOST_PICTURES_BYTES = 200 * 2**20
FIELDS_BYTES = 2**20
"""For everything in a form beside its pictures."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BodyLimits:
    """The most that a call may bring: bytes of one picture, bytes of the whole body, number of files."""

    picture_bytes: int
    body_bytes: int
    files: int


class Limits:
    """The limits of this process."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: tuple[float, BodyLimits] | None = None

    def current(self) -> BodyLimits:
        """At most one query in ``FRESH_SECONDS``.  While the database is away, the last known limits hold."""
        known = self._known
        if known and self._clock() - known[0] < FRESH_SECONDS:
            return known[1]
        return self.reread()

    def reread(self) -> BodyLimits:
        """As they are now: what was just added is never refused."""
        known, now = self._known, self._clock()
        try:
            limits = limits_of(_offered_specs())
        except Error:
            log.warning("The limits of the models could not be read", exc_info=True)
            limits = known[1] if known else limits_of([])
        self._known = now, limits
        return limits


limits = Limits()


def most_body_bytes() -> int:
    """Of one call."""
    return limits.current().body_bytes


def limits_of(specs: list[ModelSpec]) -> BodyLimits:
    """Those that every one of these models and that of the settings can be called within."""
    specs = [MODEL_SPECS[settings.STEPFUN_MODEL], *specs]
    largest = max(
        spec.max_upload_bytes * spec.max_pictures + (MASK_MAX_BYTES if spec.takes_mask else 0)
        for spec in specs
    )
    return BodyLimits(
        picture_bytes=max(spec.max_upload_bytes for spec in specs),
        body_bytes=max(min(largest, MOST_PICTURES_BYTES) + FIELDS_BYTES, settings.API_MOST_BYTES),
        files=max(spec.max_pictures for spec in specs) + 1,  # a mask
    )


def _offered_specs() -> list[ModelSpec]:
    specs = []
    for model in ProviderModel.objects.offered():
        try:
            specs.append(model.spec)
        except (BadSpec, TypeError):
            log.exception("The spec of %s cannot be read", model)
    return specs
