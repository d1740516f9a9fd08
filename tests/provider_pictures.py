"""Pictures, good and bad, that the misbehaving provider answers with.  All drawn in memory."""

import hashlib
import io
import struct
import zlib
from collections.abc import Callable
from functools import cache

from PIL import Image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def tagged(tag: str, *, size_px: tuple[int, int] = (96, 64)) -> bytes:
    """A PNG in a color of its own for each tag, so that a swapped result is noticed."""
    return _saved(Image.new("RGB", size_px, color_of(tag)), "PNG")


def color_of(tag: str) -> tuple[int, int, int]:
    """The color that a tag gives."""
    red, green, blue = hashlib.sha256(tag.encode()).digest()[:3]
    return red, green, blue


def _saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(*, side_px: int, pixels: bytes, extra: bytes = b"") -> bytes:
    """A square black-and-white PNG of the given, perhaps lying, side and compressed rows."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0))
    return PNG_SIGNATURE + header + extra + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


@cache
def _zeros(count: int) -> bytes:
    """So many zero bytes, compressed."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(bytes(min(1 << 20, count - done))) for done in range(0, count, 1 << 20)]
    return b"".join([*parts, packer.flush()])


def _bad_crc() -> bytes:
    data = bytearray(tagged("bad crc"))
    data[data.index(b"IDAT") - 4 + 8 + 10] ^= 0xFF
    return bytes(data)


def _apng() -> bytes:
    frames = [Image.new("RGB", (64, 64), color) for color in ("red", "blue")]
    return _saved(frames[0], "PNG", save_all=True, append_images=frames[1:])


PICTURES: dict[str, Callable[[], bytes]] = {
    "b64_nonimage": lambda: b"\x00\x00\x00 ftypisom\x00\x00\x02\x00isomiso2avc1m",
    "b64_html": lambda: b"<!doctype html><title>Error</title>",
    "b64_svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "png_truncated": lambda: tagged("cut", size_px=(512, 512))[:-20],
    "png_half": lambda: tagged("half", size_px=(512, 512))[:300],
    "png_bad_crc": _bad_crc,
    "png_bomb": lambda: _png(side_px=30_000, pixels=_zeros(30_000 * 3_751)),
    "png_liar": lambda: _png(side_px=65_535, pixels=_zeros(64)),
    "png_text_bomb": lambda: _png(
        side_px=64, pixels=_zeros(64 * 9), extra=_chunk(b"zTXt", b"Comment\0\0" + _zeros(64 << 20))
    ),
    "wrong_size": lambda: tagged("wrong size", size_px=(320, 64)),
    "jpeg_result": lambda: _saved(Image.new("RGB", (512, 512), "teal"), "JPEG"),
    "webp_result": lambda: _saved(Image.new("RGB", (512, 512), "teal"), "WEBP"),
    "png16_result": lambda: _saved(Image.new("I;16", (512, 512), 40_000), "PNG"),
    "rgba_result": lambda: _saved(Image.new("RGBA", (512, 512), (10, 200, 30, 90)), "PNG"),
    "cmyk_result": lambda: _saved(Image.new("CMYK", (512, 512), (10, 90, 30, 0)), "JPEG"),
    "apng_result": _apng,
    "too_large_dims": lambda: tagged("large", size_px=(4096, 4096)),
    "gif_result": lambda: _saved(Image.new("P", (512, 512), 3), "GIF"),
    "tiny_1px": lambda: tagged("tiny", size_px=(1, 1)),
    "other_picture": lambda: tagged("somebody else's", size_px=(512, 512)),
}
