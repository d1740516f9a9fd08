"""Opens untrusted files: checks format, size and frames before a pixel is decoded.

Only this module passes outside bytes to Pillow and catches what Pillow raises for them.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import BytesIO
from threading import BoundedSemaphore, Lock

import pi_heif
from PIL import ExifTags, Image

from edits.images.errors import BadImage, animated, bomb, corrupt, empty, too_many_pixels
from edits.images.signatures import HEAD_BYTES, format_of, refused_format

# More than the largest common phone camera (50 megapixels) and less than Pillow's limit for bombs (179).
# Decoding takes 400 MB.
MAX_PIXELS = 100_000_000
# From this size on (96 MB decoded), pictures are decoded one at a time, because many at once would exhaust
# memory.
LARGE_PIXELS = 24_000_000
# From this size on (8 MB decoded), a few at once.
SMALL_PIXELS = 2_000_000
# Of any size: more threads than processors only compete for the interpreter, and each gets slower.
AT_ONCE = (os.cpu_count() or 1) + 1
ANIMATED_FORMATS = ("PNG", "WEBP", "GIF", "AVIF", "TIFF")
# Pillow's names for some formats that have more common ones.
PILLOW_NAMES = {"HEIC": "HEIF"}
KNOWN_NAMES = {"HEIF": "HEIC", "MPO": "JPEG"}
METADATA_KEYS = ("exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "mp")

# What Pillow raised for thousands of damaged files while opening or decoding them.
DECODING_ERRORS = (
    OSError,  # UnidentifiedImageError is one
    ValueError,
    TypeError,
    SyntaxError,
    EOFError,
    RuntimeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    MemoryError,
    struct.error,
    zlib.error,
)
BOMB_ERRORS = (Image.DecompressionBombError, Image.DecompressionBombWarning)

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
pi_heif.register_heif_opener(thumbnails=False)
_one_large_at_a_time = Lock()
_few_at_a_time = BoundedSemaphore(4)
_as_many_as_processors = BoundedSemaphore(AT_ONCE)


def open_picture(
    data: bytes, *, formats: tuple[str, ...], max_pixels: int = MAX_PIXELS, lenient: bool = False
) -> Image.Image:
    """Open ``data`` as one of ``formats``, detected by content; reads only the header.

    With ``lenient``, animations are accepted and their first frame is used (see ``has_frames``).
    Raises BadImage: empty, corrupt, format, animated, too_many_pixels.
    """
    if not data:
        raise empty()
    name = format_of(data[:HEAD_BYTES])
    if name not in formats:
        raise refused_format(name)
    with _refusing(name, most=max_pixels):
        image = Image.open(BytesIO(data), formats=[PILLOW_NAMES.get(name, name)])
        width_px, height_px = image.size
        if width_px * height_px > max_pixels:
            raise too_many_pixels(width_px, height_px, most=max_pixels)
        if has_frames(image) and not lenient:
            raise animated(name)
    if min(width_px, height_px) < 1:
        raise corrupt(name)
    return image


def decode(image: Image.Image) -> None:
    """Decode all pixels of an opened picture.  Raises BadImage ``corrupt`` if that fails."""
    with _refusing(format_name(image), most=MAX_PIXELS):
        image.load()


@contextmanager
def memory_for(image: Image.Image) -> Iterator[None]:
    """Wait for a slot to decode the picture: the more memory it takes, the fewer slots there are.

    The memory slots are taken first, so that a thread that waits for one does not block a processor slot.
    """
    pixels = image.width * image.height
    few = _few_at_a_time if pixels >= SMALL_PIXELS else nullcontext()
    alone = _one_large_at_a_time if pixels >= LARGE_PIXELS else nullcontext()
    with few, alone, _as_many_as_processors:
        yield


def format_name(image: Image.Image) -> str:
    """The common name of an opened picture's format: JPEG for a phone's JPEG with a depth map, Pillow's "MPO"."""
    return KNOWN_NAMES.get(image.format or "", image.format or "")


def has_frames(image: Image.Image) -> bool:
    """Whether there is more than one frame.  Additional pictures in a JPEG are not frames and are never read."""
    return image.format in ANIMATED_FORMATS and bool(getattr(image, "is_animated", False))


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 if it is missing or invalid.

    For a PNG that was not decoded yet, only data before the pixels counts, because reading further would decode
    it.
    """
    if image.format == "PNG" and "exif" not in image.info and getattr(image, "tile", None):
        return 1
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except DECODING_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def has_metadata(image: Image.Image) -> bool:
    """Whether a decoded picture carries texts, camera data or a location, none of which is ever passed on."""
    return any(image.info.get(key) for key in METADATA_KEYS) or bool(getattr(image, "text", None))


@contextmanager
def _refusing(name: str, *, most: int) -> Iterator[None]:
    """Turn whatever Pillow raises into a BadImage."""
    try:
        yield
    except BadImage:
        raise
    except BOMB_ERRORS as error:
        raise bomb(name, most=most) from error
    except DECODING_ERRORS as error:
        raise corrupt(name) from error
