"""The size limits of API calls: as large as the largest call that any offered model accepts.

Every process queries the database again after a few seconds and before it rejects a call, not for each call.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import Error

from edits.images import MASK_MAX_BYTES
from edits.model_specs import MODEL_SPECS, ModelSpec
from edits.models import ProviderModel

FRESH_SECONDS = 5.0
MOST_PICTURES_BYTES = 200 * 2**20
FIELDS_BYTES = 2**20
"""For all fields of a form except its pictures."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BodyLimitsCache:
    """The limits of a call: bytes of one picture, bytes of the whole body, number of files."""

    picture_bytes: int
    body_bytes: int
    files: int

    @property
    def json_bytes(self) -> int:
        """The limit of a JSON body: Base64 takes four bytes for three, some of them escaped."""
        return self.body_bytes * 3 // 2


class BodyLimits:
    """The limits that this process knows."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: tuple[float, BodyLimitsCache] | None = None

    def current(self) -> BodyLimitsCache:
        """The limits, with at most one query per ``FRESH_SECONDS``.

        Returns the last known ones if the database is unavailable.
        """
        known = self._known
        if known and self._clock() - known[0] < FRESH_SECONDS:
            return known[1]
        return self.reread()

    def reread(self) -> BodyLimitsCache:
        """The limits, queried now, so that a model that was just added is never rejected."""
        known, now = self._known, self._clock()
        try:
            limits = limits_of([model.spec for model in ProviderModel.objects.all_offered()])
        except Error:
            log.warning("The limits of the models could not be read", exc_info=True)
            limits = known[1] if known else limits_of([])
        self._known = now, limits
        return limits


limits = BodyLimits()


def most_body_bytes(*, is_json: bool = False) -> int:
    """The limit of one call's body in bytes."""
    current = limits.current()
    return current.json_bytes if is_json else current.body_bytes


def limits_of(specs: list[ModelSpec]) -> BodyLimitsCache:
    """Limits within which each of these models and the settings' model can be called."""
    specs = [MODEL_SPECS[settings.STEPFUN_MODEL], *specs]
    largest = max(
        spec.max_upload_bytes * spec.max_pictures + (MASK_MAX_BYTES if spec.takes_mask else 0)
        for spec in specs
    )
    return BodyLimitsCache(
        picture_bytes=max(spec.max_upload_bytes for spec in specs),
        body_bytes=max(min(largest, MOST_PICTURES_BYTES) + FIELDS_BYTES, settings.API_MOST_BYTES),
        files=max(spec.max_pictures for spec in specs) + 1,  # a mask
    )
