"""Checks that the bytes of a still picture hold only that picture: no metadata, no texts, nothing appended.

Parses the containers of PNG, JPEG and WebP only as far as needed to list their parts.
"""

import re
import zlib
from collections.abc import Iterator

PNG_SIGNATURE_BYTES = 8
UNPACKED_AT_ONCE_BYTES = 1024 * 1024
PNG_PARTS = frozenset(b"IHDR PLTE tRNS IDAT IEND sRGB gAMA cHRM sBIT bKGD pHYs".split())
WEBP_PARTS = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH"))
# Frame headers (baseline, extended, progressive), tables, restart interval, scan, JFIF and Adobe's marker.
JPEG_PARTS = frozenset((0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, 0xDA, 0xE0, 0xEE))
JPEG_SCAN = 0xDA
JPEG_END = b"\xff\xd9"
NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


# Channels by the color type in a PNG's header.
PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


class _Broken(Exception):
    """The container is malformed.  Pillow may accept it, but other decoders may not."""


def is_clean(data: bytes, *, format_name: str) -> bool:
    """Whether these bytes can be stored unchanged.  Call it after decoding them: it checks only the parts."""
    try:
        if format_name == "PNG":
            return PNG_PARTS.issuperset(_png_parts(data))
        if format_name == "JPEG":
            return JPEG_PARTS.issuperset(_jpeg_parts(data))
        return WEBP_PARTS.issuperset(_webp_parts(data))
    except _Broken:
        return False


def only_picture(data: bytes) -> bytes | None:
    """A JPEG without metadata, texts, profiles and whatever follows its end; its pixels stay the same.

    None if it is malformed, so that it has to be encoded again.
    """
    kept = [data[:2]]
    position = 2
    while data[position : position + 2] != JPEG_END:
        if position + 4 > len(data) or data[position] != 0xFF:
            return None
        marker, start = data[position + 1], position
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
        if marker == JPEG_SCAN:
            try:
                position = _end_of_scan(data, position)
            except _Broken:
                return None
        if marker in JPEG_PARTS:
            kept.append(data[start:position])
    return b"".join((*kept, JPEG_END))


def has_all_rows(data: bytes) -> bool:
    """Whether a PNG holds as many rows as its header says.

    Pillow accepts a PNG whose compressed rows end early and leaves the rest black, and one whose rows do not
    match their checksum.  Rows of interlaced PNGs are not counted.
    """
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    depth, color_type, interlaced = data[24], data[25], data[28]
    missing = height * (1 + (width * PNG_CHANNELS.get(color_type, 1) * depth + 7) // 8)
    unpacking = zlib.decompressobj()
    for name, start, end in _png_chunks(data):
        packed = data[start:end] if name == b"IDAT" else b""
        while packed and missing > 0:
            try:
                missing -= len(unpacking.decompress(packed, UNPACKED_AT_ONCE_BYTES))
            except zlib.error:
                return False
            packed = unpacking.unconsumed_tail
    return missing <= 0 or bool(interlaced)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the body of each chunk, up to the last complete one."""
    position = PNG_SIGNATURE_BYTES
    while position + 12 <= len(data):
        start = position + 8
        end = start + int.from_bytes(data[position : position + 4])
        if end + 4 > len(data):
            return
        yield data[position + 4 : start], start, end
        position = end + 4


def _png_parts(data: bytes) -> Iterator[bytes]:
    """The chunk names of a PNG with correct checksums that ends with IEND."""
    for name, start, end in _png_chunks(data):
        if zlib.crc32(data[start - 4 : end]) != int.from_bytes(data[end : end + 4]):
            raise _Broken
        yield name
        if name == b"IEND" and end + 4 == len(data):
            return
    raise _Broken


def _jpeg_parts(data: bytes) -> Iterator[int]:
    """The markers of a JPEG between its start and its end marker, which must end the file."""
    position = 2
    while data[position : position + 2] != JPEG_END:
        if position + 4 > len(data) or data[position] != 0xFF:
            raise _Broken
        marker = data[position + 1]
        yield marker
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
        if marker == JPEG_SCAN:
            position = _end_of_scan(data, position)
    if position + 2 != len(data):
        raise _Broken


def _end_of_scan(data: bytes, position: int) -> int:
    following = NEXT_MARKER.search(data, position)
    if following is None:
        raise _Broken
    return following.start()


def _webp_parts(data: bytes) -> Iterator[bytes]:
    """The chunk names of a WebP whose length matches its header."""
    if int.from_bytes(data[4:8], "little") + 8 != len(data):
        raise _Broken
    position = 12
    while position < len(data):
        yield data[position : position + 4]
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        position += 8 + length + length % 2
    if position != len(data):
        raise _Broken
