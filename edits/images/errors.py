"""The one error of a picture that cannot be taken, and what it says to the person who chose it.

A sentence names the limit and the real value and ends with what to do next.  It carries no text of
Pillow's, so it may be shown as it is.  Its text and values are kept apart, so that pages can translate the text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "empty", "corrupt", "format", "animated", "too_small", "aspect", "too_many_pixels", "too_large"
]
Shape = Literal["crop", "pad"]


@dataclass(frozen=True)
class Offer:
    """One way out: with this ``shape`` the picture would be sent in this size (pixels, upright)."""

    shape: Shape
    width_px: int
    height_px: int


class BadImage(Exception):
    """A picture that is not taken.  ``offers`` is filled for ``aspect`` and ``too_small`` only.

    ``sentence`` is ``text`` with its ``values``, in English.
    """

    def __init__(
        self,
        code: Code,
        text: str,
        values: Mapping[str, str | int] | None = None,
        *,
        offers: tuple[Offer, ...] = (),
    ) -> None:
        self.code = code
        self.text, self.values = text, values or {}
        self.sentence = text % values if values else text
        self.offers = offers
        super().__init__(self.sentence)


def gettext_noop(text: str) -> str:
    """Marks a text for translation, as Django's function of this name, which this package does not know."""
    return text


def empty() -> BadImage:
    return BadImage("empty", gettext_noop("The file is empty. Choose the picture again."))


def corrupt(format_name: str = "") -> BadImage:
    named = gettext_noop(
        "This %(format)s file is damaged or incomplete. "
        "Open it in a picture viewer, save it again and choose the new file."
    )
    unnamed = gettext_noop(
        "This picture file is damaged or incomplete. "
        "Open it in a picture viewer, save it again and choose the new file."
    )
    return (
        BadImage("corrupt", named, {"format": format_name}) if format_name else BadImage("corrupt", unnamed)
    )


def animated(format_name: str) -> BadImage:
    text = gettext_noop(
        "This %(format)s picture is animated, and only still pictures can be edited. "
        "Save one frame of it as a still picture and choose that."
    )
    return BadImage("animated", text, {"format": format_name})


def too_many_pixels(width_px: int, height_px: int, *, most: int) -> BadImage:
    text = gettext_noop(
        "The picture is %(size)s (%(megapixels)s megapixels), and at most %(most)s megapixels can be read. "
        "Make it smaller and choose it again."
    )
    values: dict[str, str | int] = {
        "size": _size(width_px, height_px),
        "megapixels": _megapixels(width_px * height_px),
        "most": _megapixels(most),
    }
    return BadImage("too_many_pixels", text, values)


def bomb(format_name: str, *, most: int) -> BadImage:
    """For a file that would open to so many pixels that they are not even counted."""
    text = gettext_noop(
        "This %(format)s picture has far more than %(most)s megapixels, the most that can be read. "
        "Make it smaller and choose it again."
    )
    return BadImage("too_many_pixels", text, {"format": format_name, "most": most // 1_000_000})


def too_many_bytes(size_bytes: int | None, *, most: int) -> BadImage:
    """``size_bytes`` is None when reading stopped at the limit, so that the real size is not known."""
    known = gettext_noop(
        "A picture may have at most %(most)s bytes (%(megabytes)s MB), and this file is %(size)s bytes. "
        "Make it smaller or save it as JPEG, then choose it again."
    )
    unknown = gettext_noop(
        "A picture may have at most %(most)s bytes (%(megabytes)s MB), and this file is larger than that. "
        "Make it smaller or save it as JPEG, then choose it again."
    )
    values: dict[str, str | int] = {
        "most": f"{most:,}",
        "megabytes": most // 2**20,
        "size": f"{size_bytes or 0:,}",
    }
    return BadImage("too_large", known if size_bytes else unknown, values)


def too_large(width_px: int, height_px: int, *, max_side_px: int, max_area_px: int) -> BadImage:
    text = gettext_noop(
        "The picture is %(size)s (%(pixels)s pixels); at most "
        "%(side)s px on a side and %(area)s pixels in all can be sent. "
        "Make it smaller and choose it again."
    )
    values: dict[str, str | int] = {
        "size": _size(width_px, height_px),
        "pixels": f"{width_px * height_px:,}",
        "side": f"{max_side_px:,}",
        "area": f"{max_area_px:,}",
    }
    return BadImage("too_large", text, values)


def too_small(width_px: int, height_px: int, *, min_side_px: int, offers: tuple[Offer, ...] = ()) -> BadImage:
    text = gettext_noop(
        "The picture is %(size)s, and each side must have at least %(least)s px. "
        "Choose a larger picture, or add a white border to this one."
    )
    values: dict[str, str | int] = {"size": _size(width_px, height_px), "least": min_side_px}
    return BadImage("too_small", text, values, offers=offers)


def bad_aspect(width_px: int, height_px: int, *, max_ratio: int, offers: tuple[Offer, ...] = ()) -> BadImage:
    text = gettext_noop(
        "The picture is %(size)s (%(ratio)s), and only pictures "
        "between 1:%(most)s and %(most)s:1 can be edited. "
        "Crop it, or add a white border along its long sides."
    )
    size, ratio = _size(width_px, height_px), _ratio(width_px, height_px)
    return BadImage("aspect", text, {"size": size, "ratio": ratio, "most": max_ratio}, offers=offers)


def _size(width_px: int, height_px: int) -> str:
    return f"{width_px:,} × {height_px:,} px"


def _megapixels(pixels: int) -> str:
    return f"{max(1, -(-pixels // 1_000_000)):,}"


def _ratio(width_px: int, height_px: int) -> str:
    """As in "3.01:1", rounded away from 1 so that a picture just beyond a limit never reads as within it."""
    hundredths = -(-100 * max(width_px, height_px) // min(width_px, height_px))
    figure = f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")
    return f"{figure}:1" if width_px >= height_px else f"1:{figure}"
