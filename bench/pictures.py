"""Photos for the benchmark: distinct sources, and results that carry a tag in their pixels."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

SAMPLES = Path(__file__).parent.parent / "static" / "samples"
SIDE_PX = 512
SOURCE_SIZE = (640, 427)
ROW_BYTES = 3 * SIDE_PX
SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = struct.pack(">IIBBBBB", SIDE_PX, SIDE_PX, 8, 2, 0, 0, 0)
SUB_FILTER = b"\x01"


def sample(name: str, *, size: tuple[int, int] = (SIDE_PX, SIDE_PX)) -> Image.Image:
    """One of the photos that ship with Retake, in this size."""
    with Image.open(SAMPLES / f"{name}.jpg") as photo:
        return ImageOps.fit(photo.convert("RGB"), size)


def sources(count: int, *, first: int = 0) -> list[bytes]:
    """``count`` distinct JPEGs of 640×427 px with about 197 kB, as from a camera or a phone."""
    photo, files = sample("coffee", size=SOURCE_SIZE), []
    for number in range(first, first + count):
        for bit in range(16):  # a bar code, which survives JPEG compression
            photo.paste((255, 255, 255) if number >> bit & 1 else (0, 0, 0), (16 * bit, 0, 16 * bit + 16, 16))
        file = BytesIO()
        photo.save(file, "JPEG", quality=100)
        files.append(file.getvalue())
    return files


class Results:
    """Makes results of 512×512 px quickly: only the first row, which holds the tag, is new each time."""

    def __init__(self) -> None:
        pixels = sample("coffee").tobytes()
        rows = [pixels[start : start + ROW_BYTES] for start in range(ROW_BYTES, len(pixels), ROW_BYTES)]
        self._rest = b"".join(SUB_FILTER + _differences(row) for row in rows)
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        self._packed_rest = _chunk(b"IDAT", packer.compress(self._rest) + packer.flush())
        self._before = SIGNATURE + _chunk(b"IHDR", HEADER)

    def png(self, tag: str) -> bytes:
        """The PNG with this tag of at most 255 bytes."""
        text = tag.encode()
        row = b"\x00" + (bytes([len(text)]) + text).ljust(ROW_BYTES, b"\x00")
        stored = b"\x78\x01\x00" + struct.pack("<HH", len(row), len(row) ^ 0xFFFF) + row
        checksum = struct.pack(">I", zlib.adler32(self._rest, zlib.adler32(row)))
        tail = _chunk(b"IDAT", checksum) + _chunk(b"IEND", b"")
        return self._before + _chunk(b"IDAT", stored) + self._packed_rest + tail


def tag_of(png: bytes) -> str:
    """The tag of a result.  Raises OSError if it is not a picture."""
    with Image.open(BytesIO(png)) as image:
        row = image.convert("RGB").crop((0, 0, image.width, 1)).tobytes()
    return row[1 : 1 + row[0]].decode("utf-8", errors="replace")


def _differences(row: bytes) -> bytes:
    """Each byte minus that of the pixel to its left, as PNG's filter "Sub" requires."""
    return row[:3] + bytes((here - left) & 0xFF for left, here in zip(row, row[3:], strict=False))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
