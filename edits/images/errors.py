"""The one error of a picture that cannot be taken, and what it says to the person who chose it.

A sentence names the limit and the real value and ends with what to do next.  It carries no text of
Pillow's, so it may be shown as it is.
"""

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
    """A picture that is not taken.  ``offers`` is filled for ``aspect`` and ``too_small`` only."""

    def __init__(self, code: Code, sentence: str, *, offers: tuple[Offer, ...] = ()) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.offers = offers


def empty() -> BadImage:
    return BadImage("empty", "The file is empty. Choose the picture again.")


def corrupt(format_name: str = "picture") -> BadImage:
    return BadImage(
        "corrupt",
        f"This {format_name} file is damaged or was cut off. "
        "Open it in a picture viewer, save it again and choose the new file.",
    )


def animated(format_name: str) -> BadImage:
    return BadImage(
        "animated",
        f"This {format_name} picture is animated, and only still pictures can be edited. "
        "Save one frame of it as a still picture and choose that.",
    )


def too_many_pixels(width_px: int, height_px: int, *, most: int) -> BadImage:
    return BadImage(
        "too_many_pixels",
        f"The picture is {_size(width_px, height_px)} ({_megapixels(width_px * height_px)}), "
        f"and at most {_megapixels(most)} can be read. Make it smaller and choose it again.",
    )


def too_many_bytes(size_bytes: int | None, *, most: int) -> BadImage:
    """``size_bytes`` is None when reading stopped at the limit, so that the real size is not known."""
    real = f"{size_bytes:,} bytes" if size_bytes else "larger than that"
    return BadImage(
        "too_large",
        f"A picture may have at most {most:,} bytes ({most // 2**20} MB), and this file is {real}. "
        "Make it smaller or save it as JPEG, then choose it again.",
    )


def too_large(width_px: int, height_px: int, *, max_side_px: int, max_area_px: int) -> BadImage:
    return BadImage(
        "too_large",
        f"The picture is {_size(width_px, height_px)} ({width_px * height_px:,} pixels); at most "
        f"{max_side_px:,} px on a side and {max_area_px:,} pixels in all can be sent. "
        "Make it smaller and choose it again.",
    )


def too_small(width_px: int, height_px: int, *, min_side_px: int, offers: tuple[Offer, ...] = ()) -> BadImage:
    return BadImage(
        "too_small",
        f"The picture is {_size(width_px, height_px)}, and each side must have at least {min_side_px} px. "
        "Choose a larger picture, or add a white border to this one.",
        offers=offers,
    )


def bad_aspect(width_px: int, height_px: int, *, max_ratio: int, offers: tuple[Offer, ...] = ()) -> BadImage:
    return BadImage(
        "aspect",
        f"The picture is {_size(width_px, height_px)} ({_ratio(width_px, height_px)}), and only pictures "
        f"between 1:{max_ratio} and {max_ratio}:1 can be edited. "
        "Crop it, or add a white border along its long sides.",
        offers=offers,
    )


def _size(width_px: int, height_px: int) -> str:
    return f"{width_px:,} × {height_px:,} px"


def _megapixels(pixels: int) -> str:
    return f"{max(1, -(-pixels // 1_000_000)):,} megapixels"


def _ratio(width_px: int, height_px: int) -> str:
    """As in "3.01:1", rounded away from 1 so that a picture just beyond a limit never reads as within it."""
    hundredths = -(-100 * max(width_px, height_px) // min(width_px, height_px))
    figure = f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")
    return f"{figure}:1" if width_px >= height_px else f"1:{figure}"
