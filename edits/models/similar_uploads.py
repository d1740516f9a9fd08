"""Which source pictures look like one: the same one saved again, scaled, cropped or slightly changed.

A difference hash of 64 bits lies in four columns of 16.  Of two hashes that differ in three bits, one part is the
same, so that an index finds all of them, and most of those that differ in five.
"""

from functools import reduce
from operator import or_

from django.db.models import Q

from edits.models.uploads import LIKENESS, UNREADABLE, Upload

MOST_BITS = 5
RATIO = 0.02
"""By how much the shapes of two pictures may differ: flat ones have the same hash."""
MOST_FOUND = 100
MOST_COMPARED = 5_000


def alike(upload: Upload) -> list[int]:
    """Keys of the uploads that look like this one, the most alike first; itself is not among them."""
    parts = [getattr(upload, column) for column in LIKENESS]
    if parts[0] in (None, UNREADABLE):
        return []
    same = reduce(or_, (Q(pair) for pair in zip(LIKENESS, parts, strict=True)))
    near = Upload.objects.filter(same).exclude(pk=upload.pk).order_by()
    rows = near.values_list("pk", "width_px", "height_px", *LIKENESS)[:MOST_COMPARED]
    found = []
    for key, width, height, *others in rows:
        bits = sum((mine ^ other).bit_count() for mine, other in zip(parts, others, strict=True))
        if bits <= MOST_BITS and _same_shape(upload, width / height):
            found.append((bits, key))
    return [key for _, key in sorted(found)[:MOST_FOUND]]


def _same_shape(upload: Upload, ratio: float) -> bool:
    return abs(ratio * upload.height_px / upload.width_px - 1) <= RATIO
