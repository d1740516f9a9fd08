"""Uploads: checks that a chosen picture can be edited, and makes the file to store and send.

That file is always newly encoded: upright, flattened on white, 8-bit sRGB, within the model's limits and without
anything else that was in the upload (location, camera, texts, additional pictures, appended data).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, Literal

from PIL import Image

from edits.images import encoding
from edits.images.errors import Shape, too_large, too_many_bytes
from edits.images.fitting import Plan, plan
from edits.images.opening import format_name, has_frames, open_picture, orientation
from edits.images.rendering import Rendered, render
from edits.model_specs import ModelSpec

# What the page accepts beyond the model's own formats and bytes, because people commonly have such files.
PAGE_MAX_BYTES = 50 * 1024 * 1024
PAGE_FORMATS = ("JPEG", "PNG", "WEBP", "HEIC", "AVIF", "GIF", "TIFF", "BMP")
SIDEWAYS = (5, 6, 7, 8)
LOSSY_WEBP = b"VP8 "


@dataclass(frozen=True)
class CheckedImage:
    """A picture that can be sent.  Sides are upright pixels; ``notes`` name what was done:

    turned, flattened, scaled, converted, cropped, padded, first_frame, metadata_removed.
    """

    data: bytes
    format: str
    width_px: int
    height_px: int
    sha256: str
    original_width_px: int
    original_height_px: int
    original_bytes: int
    original_format: str
    notes: tuple[str, ...]

    @property
    def content_type(self) -> str:
        return encoding.CONTENT_TYPES[self.format]

    @property
    def extension(self) -> str:
        return encoding.EXTENSIONS[self.format]


def check_image(
    data: bytes | BinaryIO,
    *,
    spec: ModelSpec,
    lenient: bool = True,
    fit: bool = True,
    shape: Shape | Literal[""] = "",
) -> CheckedImage:
    """Check an upload and make the file to send; the same bytes always make the same file.

    ``lenient`` accepts what the page accepts (more formats, first frames, 50 MB); without it, the spec's formats
    and bytes apply, as StepFun's page "Image edits" states them under ``image``.  ``fit=False`` rejects what is
    too large.  ``shape`` fixes a ratio beyond 3:1 (crop, pad) or a side that is too short (pad).

    Raises BadImage with any of its codes.  What the header already rules out is rejected without decoding.
    """
    content = _read(data, max_bytes=PAGE_MAX_BYTES if lenient else spec.max_upload_bytes)
    formats = PAGE_FORMATS if lenient else spec.formats
    image = open_picture(content, formats=formats, lenient=lenient)
    opened = _Opened(size=image.size, format=format_name(image), frames=has_frames(image))
    sideways = orientation(image) in SIDEWAYS
    made = plan(*_upright(image.size, sideways=sideways), spec=spec, shrink=fit, shape=shape or None)
    in_file = made.turned() if sideways else made
    rendered = render(image, box=in_file.box, size=in_file.picture, canvas=in_file.canvas)
    lossless = _is_lossless(content, opened.format)
    sent, sent_format = _encode(rendered.pixels, spec=spec, lossless=lossless)
    original_width, original_height = _upright(opened.size, sideways=rendered.orientation in SIDEWAYS)
    return CheckedImage(
        data=sent,
        format=sent_format,
        width_px=rendered.pixels.width,
        height_px=rendered.pixels.height,
        sha256=sha256(sent).hexdigest(),
        original_width_px=original_width,
        original_height_px=original_height,
        original_bytes=len(content),
        original_format=opened.format,
        notes=tuple(_notes(opened, rendered=rendered, made=made, spec=spec)),
    )


@dataclass(frozen=True)
class _Opened:
    """The header's values, copied because rendering closes the picture."""

    size: tuple[int, int]
    format: str
    frames: bool


def _read(data: bytes | BinaryIO, *, max_bytes: int) -> bytes:
    """The whole file.  Raises BadImage ``too_large`` without reading further."""
    content = data if isinstance(data, bytes) else data.read(max_bytes + 1)
    if len(content) > max_bytes:
        real = len(data) if isinstance(data, bytes) else getattr(data, "size", None)
        raise too_many_bytes(real, most=max_bytes)
    return content


def _upright(size: tuple[int, int], *, sideways: bool) -> tuple[int, int]:
    return size[::-1] if sideways else size


def _is_lossless(content: bytes, name: str) -> bool:
    """Whether the file stores pixels exactly; then the sent file does too.  Photos are sent as JPEG."""
    if name == "WEBP":
        return content[12:16] != LOSSY_WEBP
    return name not in ("JPEG", "HEIC", "AVIF")


def _encode(pixels: Image.Image, *, spec: ModelSpec, lossless: bool) -> tuple[bytes, str]:
    encoded = encoding.within(pixels, max_bytes=spec.max_sent_bytes, lossless=lossless, formats=spec.formats)
    if encoded is None:
        limits = {"max_side_px": spec.max_side_px, "max_area_px": spec.max_area_px}
        raise too_large(pixels.width, pixels.height, **limits)
    return encoded


def _notes(opened: _Opened, *, rendered: Rendered, made: Plan, spec: ModelSpec) -> Iterator[str]:
    if opened.frames:
        yield "first_frame"
    if rendered.orientation != 1:
        yield "turned"
    if made.cropped:
        yield "cropped"
    if made.scaled:
        yield "scaled"
    if made.padded:
        yield "padded"
    if rendered.transparent:
        yield "flattened"
    if rendered.converted or opened.format not in spec.formats:
        yield "converted"
    if rendered.metadata:
        yield "metadata_removed"
