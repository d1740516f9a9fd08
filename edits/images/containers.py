"""Puts XMP and takes marks out of PNG, JPEG and WebP files without decoding a pixel.

Writing keeps every other byte of the file.  Reading never raises: what is broken or larger than allowed is not there.
"""

import zlib
from collections.abc import Iterator

MOST_XMP_BYTES = 65_000
"""What one APP1 segment of a JPEG can hold; nothing larger is written or read."""
MOST_PARTS = 10_000
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_KEYWORD = b"XML:com.adobe.xmp"
PNG_XMP = PNG_KEYWORD + bytes(5)
"""Keyword, its end, not compressed, no method, no language, no translated keyword."""
JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\x00"
WEBP_XMP_FLAG, WEBP_ALPHA_FLAG = 0x04, 0x10
SIGNED = {"PNG": b"caBX", "JPEG": b"\xeb", "WEBP": b"C2PA"}
"""The part in which each format holds its content credentials."""
XMP_PART = {"PNG": b"iTXt", "JPEG": b"\xe1", "WEBP": b"XMP "}


class TooLargeXmp(ValueError):
    """The packet does not fit into the format."""


def with_xmp(data: bytes, packet: bytes, *, format_name: str) -> bytes:
    """The same file with this XMP packet; it must be whole and hold no other one.  Raises TooLargeXmp."""
    if len(packet) > MOST_XMP_BYTES:
        raise TooLargeXmp
    return {"PNG": _into_png, "JPEG": _into_jpeg, "WEBP": _into_webp}[format_name](data, packet)


def xmp_of(data: bytes) -> bytes:
    """The XMP packet of a file; blank where there is none."""
    name = format_of(data)
    for part, start, end in _parts(data, name):
        if part != XMP_PART.get(name) or end - start > MOST_XMP_BYTES + len(JPEG_XMP):
            continue
        head = {"PNG": PNG_XMP, "JPEG": JPEG_XMP, "WEBP": b""}[name]
        if data[start : start + len(head)] == head:
            return data[start + len(head) : end]
    return b""


def is_signed(data: bytes) -> bool:
    """Whether the file has a part for content credentials, whatever it holds."""
    name = format_of(data)
    return any(part == SIGNED.get(name) for part, _, _ in _parts(data, name))


def format_of(data: bytes) -> str:
    """PNG, JPEG or WEBP by the first bytes; blank for anything else."""
    if data.startswith(PNG_SIGNATURE):
        return "PNG"
    if data.startswith(b"\xff\xd8"):
        return "JPEG"
    return "WEBP" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def _into_png(data: bytes, packet: bytes) -> bytes:
    after = len(PNG_SIGNATURE) + 12 + int.from_bytes(data[8:12])
    body = b"iTXt" + PNG_XMP + packet
    chunk = (len(body) - 4).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
    return data[:after] + chunk + data[after:]


def _into_jpeg(data: bytes, packet: bytes) -> bytes:
    after = 2
    if data[2:4] == b"\xff\xe0":  # JFIF's segment must be the first one
        after += 2 + int.from_bytes(data[4:6])
    body = JPEG_XMP + packet
    return data[:after] + b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body + data[after:]


def _into_webp(data: bytes, packet: bytes) -> bytes:
    if data[12:16] == b"VP8X":
        head, rest = bytearray(data[12:30]), data[30:]
        head[8] |= WEBP_XMP_FLAG
    else:
        head, rest = bytearray(_extended_header(data)), data[12:]
    chunk = b"XMP " + len(packet).to_bytes(4, "little") + packet + b"\x00" * (len(packet) % 2)
    body = b"WEBP" + bytes(head) + rest + chunk
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _extended_header(data: bytes) -> bytes:
    """The VP8X chunk of a simple file, whose bitstream begins with its size and whether it has alpha."""
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = bits & 0x3FFF, bits >> 14 & 0x3FFF  # each less one
        alpha = WEBP_ALPHA_FLAG if bits >> 28 & 1 else 0
    else:
        width = (int.from_bytes(data[26:28], "little") & 0x3FFF) - 1
        height = (int.from_bytes(data[28:30], "little") & 0x3FFF) - 1
        alpha = 0
    size = width.to_bytes(3, "little") + height.to_bytes(3, "little")
    return b"VP8X" + (10).to_bytes(4, "little") + bytes([WEBP_XMP_FLAG | alpha, 0, 0, 0]) + size


def _parts(data: bytes, name: str) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the body of each part before the pixels of a JPEG, and of all parts of the others."""
    position = {"PNG": 8, "JPEG": 2, "WEBP": 12}.get(name, len(data))
    for _ in range(MOST_PARTS):
        if position + 12 > len(data):
            return
        if name == "JPEG":
            if data[position] != 0xFF or data[position + 1] == 0xDA:
                return
            part, start = data[position + 1 : position + 2], position + 4
            end = following = position + 2 + int.from_bytes(data[position + 2 : position + 4])
        elif name == "PNG":
            part, start = data[position + 4 : position + 8], position + 8
            end = start + int.from_bytes(data[position : position + 4])
            following = end + 4
        else:
            part, start = data[position : position + 4], position + 8
            end = start + int.from_bytes(data[position + 4 : position + 8], "little")
            following = end + end % 2
        if end > len(data) or end < start:
            return
        yield part, start, end
        position = following
