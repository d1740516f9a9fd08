"""How far a canary's picture is from the baseline, and whether that means that the model changed.

A model has changed if two consecutive pictures agree with each other but not with the baseline: in size or
format or, if the model takes a seed, in their pixels.  A single different picture is no change, and a model that
returns different pictures for the same seed never agrees with itself.
"""

from base64 import b64decode, b64encode

from edits.images import compare, shrunk, thumbnail
from edits.models import CanaryRun

SIDE_PX = 256
CHANGED = 0.05
"""Above this difference from the baseline, a picture is a different one.

Encoding a picture again causes less than 0.01, and receipts call two pictures near-identical up to 0.02: more
than twice that is not rounding.
"""
AGREE = 3.0
"""Two pictures agree if they differ from each other by less than a third of their difference from the baseline."""

_PREFIX = "data:image/webp;base64,"


def small_copy(data: bytes) -> str:
    """A WebP of at most 256 px as a ``data:`` URI.  Raises BadImage."""
    pixels = shrunk(data, width_px=SIDE_PX)
    if pixels.height > SIDE_PX:
        pixels = pixels.resize((max(1, pixels.width * SIDE_PX // pixels.height), SIDE_PX))
    return _PREFIX + b64encode(thumbnail(pixels, width_px=SIDE_PX)).decode()


def difference(one: str, other: str) -> float:
    """The difference between two small copies, 0 to 1.  Raises BadImage."""
    return round(1 - compare(_bytes(one), _bytes(other)).similarity, 4)


def has_changed(*, baseline: CanaryRun, before: CanaryRun | None, run: CanaryRun) -> bool:
    """Whether this run and the one before it show a change; ``before`` is the last one since the baseline, if any."""
    if before is None:
        return False
    if _shape(run) == _shape(before) != _shape(baseline):
        return True
    if run.difference is None or before.difference is None:
        return False
    nearer = min(run.difference, before.difference)
    return nearer > CHANGED and difference(before.picture, run.picture) * AGREE < nearer


def _shape(run: CanaryRun) -> tuple[str, int | None, int | None]:
    return run.format, run.width_px, run.height_px


def _bytes(uri: str) -> bytes:
    return b64decode(uri.partition(",")[2])
