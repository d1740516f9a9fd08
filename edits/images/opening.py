"""How a file is opened without trusting it: format, size and frames are judged before a pixel is decoded.

Pillow meets bytes from outside only here, and what it raises then is caught only here.
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

from edits.images.errors import BadImage, animated, corrupt, empty, too_many_pixels
from edits.images.signatures import HEAD_BYTES, format_of, refused_format

# More than the largest phone camera in wide use (50 megapixels) and less than what Pillow calls a bomb (179).
# Decoded it takes 400 MB.
MAX_PIXELS = 100_000_000
# From here on (96 MB decoded) pictures are decoded one after the other: many at once would use up the memory.
LARGE_PIXELS = 24_000_000
# From here on (8 MB decoded) a few at once.
SMALL_PIXELS = 2_000_000
# Of any size: more threads than processors only take turns at the interpreter, and each of them gets slower.
AT_ONCE = (os.cpu_count() or 1) + 1
ANIMATED_FORMATS = ("PNG", "WEBP", "GIF", "AVIF", "TIFF")
# What Pillow calls some formats that people know by another name.
PILLOW_NAMES = {"HEIC": "HEIF"}
KNOWN_NAMES = {"HEIF": "HEIC", "MPO": "JPEG"}
METADATA_KEYS = ("exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "mp")

# What Pillow was seen to raise on thousands of damaged files, while it opens or decodes one.
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
    """Open ``data`` as one of ``formats``, judged by content; nothing but the header has been read then.

    With ``lenient`` an animation is taken for the sake of its first frame (see ``has_frames``).
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
    """Decode all pixels of an opened picture.  Raises BadImage ``corrupt`` where they do not all come."""
    with _refusing(format_name(image), most=MAX_PIXELS):
        image.load()


@contextmanager
def memory_for(image: Image.Image) -> Iterator[None]:
    """Wait for the picture's turn to be decoded: the longer, the more memory that takes.

    Who waits for memory keeps no processor from the others.
    """
    pixels = image.width * image.height
    few = _few_at_a_time if pixels >= SMALL_PIXELS else nullcontext()
    alone = _one_large_at_a_time if pixels >= LARGE_PIXELS else nullcontext()
    with few, alone, _as_many_as_processors:
        yield


def format_name(image: Image.Image) -> str:
    """The format of an opened picture.  A phone's JPEG with a depth map in it is no "MPO" to anybody else."""
    return KNOWN_NAMES.get(image.format or "", image.format or "")


def has_frames(image: Image.Image) -> bool:
    """Whether there is more than one frame.  Further pictures in a JPEG are not frames and never read."""
    return image.format in ANIMATED_FORMATS and bool(getattr(image, "is_animated", False))


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none, or garbage.

    A PNG that was not decoded yet tells only what stands before its pixels: asking for more would decode it.
    """
    if image.format == "PNG" and "exif" not in image.info and getattr(image, "tile", None):
        return 1
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except DECODING_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def has_metadata(image: Image.Image) -> bool:
    """Whether a decoded picture carries words, camera data or a place, none of which is ever passed on."""
    return any(image.info.get(key) for key in METADATA_KEYS) or bool(getattr(image, "text", None))


@contextmanager
def _refusing(name: str, *, most: int) -> Iterator[None]:
    """Turn whatever Pillow raises into a refusal."""
    try:
        yield
    except BadImage:
        raise
    except BOMB_ERRORS as error:
        raise _bomb(name, most=most) from error
    except DECODING_ERRORS as error:
        raise corrupt(name) from error


def _bomb(name: str, *, most: int) -> BadImage:
    return BadImage(
        "too_many_pixels",
        f"This {name} picture has far more than {most // 1_000_000} megapixels, the most that can be read. "
        "Make it smaller and choose it again.",
    )
