"""Converts colors: any picture becomes plain 8-bit sRGB, with transparency kept or flattened on white.

Handles palettes, gray, 16 bit, CMYK and embedded profiles.  Pillow's own ``convert("RGB")`` would clip 16-bit
gray to white, and show what was hidden under full transparency.
"""

from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageCms

from edits.images.signatures import refused_format

WHITE = (255, 255, 255)
DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I")
GREY_MODES = ("1", "L", "LA", *DEEP_MODES)
ALPHA_MODES = ("LA", "PA", "RGBA", "RGBa")
KNOWN_MODES = ("1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr", *ALPHA_MODES, *DEEP_MODES)
SIXTEEN_TO_EIGHT = [(value * 255 + 32767) // 65535 for value in range(65536)]
PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, ValueError, TypeError)

Recolor = Callable[[Image.Image], Image.Image]


class Colors:
    """Converts parts of one decoded picture to RGB, or RGBA with ``keep_alpha``; records what that involved."""

    def __init__(self, image: Image.Image, *, keep_alpha: bool = False) -> None:
        """Raises BadImage ``format`` for unusual pixel formats, such as LAB or floats in a TIFF."""
        if image.mode not in KNOWN_MODES:
            raise refused_format(f"{image.format} ({image.mode})")
        self.transparent = False
        self.keeps_alpha = keep_alpha and _may_be_transparent(image)
        self._from_profile = _profile_transform(image)
        self.converted = bool(self._from_profile) or image.mode == "CMYK" or image.mode in DEEP_MODES

    @property
    def mode(self) -> str:
        return "RGBA" if self.keeps_alpha else "RGB"

    def plain(self, part: Image.Image) -> Image.Image:
        """This part of the picture in ``mode``."""
        alpha: Image.Image | None = None
        if part.mode in DEEP_MODES:
            part, alpha = _eight_bit(part)
        elif _may_be_transparent(part):
            part = _with_alpha(part)
            alpha = part.getchannel("A")
        if alpha is not None and alpha.getextrema()[0] == 255:
            alpha = None
        self.transparent |= alpha is not None
        opaque = self._from_profile(part) if self._from_profile else part.convert("RGB")
        return self._over_white(opaque, alpha)

    def _over_white(self, opaque: Image.Image, alpha: Image.Image | None) -> Image.Image:
        if self.keeps_alpha:
            opaque.putalpha(alpha or 255)
            return opaque
        if alpha is None:
            return opaque
        white = Image.new("RGB", opaque.size, WHITE)
        white.paste(opaque, mask=alpha)
        return white


def _may_be_transparent(image: Image.Image) -> bool:
    return image.mode in ALPHA_MODES or "transparency" in image.info


def _with_alpha(part: Image.Image) -> Image.Image:
    """RGBA.  For 16-bit files, Pillow returns 8-bit pixels but leaves the transparent color at 16 bits."""
    hidden = part.info.get("transparency")
    if isinstance(hidden, tuple) and max(hidden) > 255:
        part.info["transparency"] = tuple(value >> 8 for value in hidden)
    return part.convert("RGBA")


def _eight_bit(part: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """16-bit gray as 8-bit gray, and a mask if one of its values means transparent."""
    wide = part.convert("I")
    grey = wide.point(SIXTEEN_TO_EIGHT, "L")
    hidden = part.info.get("transparency")
    if not isinstance(hidden, int):
        return grey, None
    return grey, wide.point([0 if value == hidden else 255 for value in range(65536)], "L")


def _profile_transform(image: Image.Image) -> Recolor | None:
    """A conversion from the embedded profile to sRGB; None if there is no usable or necessary one.

    That is so without a profile, and if it is sRGB, broken or does not match the pixels.
    """
    raw = image.info.get("icc_profile")
    if not raw:
        return None
    try:
        profile = ImageCms.getOpenProfile(BytesIO(raw))
        if ImageCms.getProfileDescription(profile).startswith("sRGB"):
            return None
        mode = _mode_of_profile(profile.profile.xcolor_space.strip(), image=image)
        if mode is None:
            return None
        transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
    except PROFILE_ERRORS:
        return None

    def recolor(part: Image.Image) -> Image.Image:
        colored = ImageCms.applyTransform(part.convert(mode), transform)
        assert colored is not None  # only None when done in place
        return colored

    return recolor


def _mode_of_profile(color_space: str, *, image: Image.Image) -> str | None:
    if color_space == "CMYK" or image.mode == "CMYK":
        return "CMYK" if color_space == image.mode else None
    if color_space == "GRAY":
        return "L" if image.mode in GREY_MODES else None
    return "RGB" if color_space == "RGB" else None
