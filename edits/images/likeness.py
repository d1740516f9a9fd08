"""The likeness of a picture: 64 bits that stay nearly the same when it is scaled, saved again or slightly changed.

A difference hash: the picture is shrunk to 9×8 gray dots, and a bit says whether a dot is brighter than its neighbor.
"""

from itertools import pairwise

from PIL import Image

from edits.images.opening import open_picture
from edits.images.rendering import render

COLUMNS, ROWS = 9, 8
PART_BITS = 16


def likeness(data: bytes) -> tuple[int, ...]:
    """Four numbers of 16 bits.  Raises BadImage."""
    image = open_picture(data, formats=("WEBP", "JPEG", "PNG"))
    small = render(image, size=image.size).pixels.convert("L")
    dots = small.resize((COLUMNS, ROWS), Image.Resampling.LANCZOS).tobytes()
    rows = (dots[start : start + COLUMNS] for start in range(0, COLUMNS * ROWS, COLUMNS))
    bits = [left > right for row in rows for left, right in pairwise(row)]
    return tuple(_number(bits[start : start + PART_BITS]) for start in range(0, len(bits), PART_BITS))


def _number(bits: list[bool]) -> int:
    return sum(bit << place for place, bit in enumerate(bits))
