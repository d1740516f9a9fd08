"""Reads the body of an HTTP request, sized or chunked, up to a limit."""

import re
from email.message import Message
from io import BufferedIOBase

from edits.model_specs import MODEL_SPECS

from .refusals import ContractError

# Enough for the largest picture of any model, the text fields and the multipart headers.
MAX_BODY_BYTES = max(spec.max_upload_bytes for spec in MODEL_SPECS.values()) + 2 * 1024 * 1024
_LONGEST_LINE = 256


def read_body(stream: BufferedIOBase, *, headers: Message, most_bytes: int = MAX_BODY_BYTES) -> bytes:
    """The whole body.  Raises ContractError: 413 before reading too much, 400 if the body is cut off."""
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        return _read_chunked(stream, most_bytes=most_bytes)
    length = headers.get("Content-Length", "0").strip()
    if not re.fullmatch(r"[0-9]{1,18}", length):
        raise ContractError("Content-Length is not a number")
    return _read_exactly(stream, int(length), most_bytes=most_bytes)


def _read_exactly(stream: BufferedIOBase, length: int, *, most_bytes: int) -> bytes:
    if length > most_bytes:
        raise ContractError("the request body is too large", status=413, type_="input_invalid")
    data = stream.read(length)
    if len(data) < length:
        raise ContractError("the request body is cut off")
    return data


def _read_chunked(stream: BufferedIOBase, *, most_bytes: int) -> bytes:
    """Chunks of a hexadecimal size line and that many bytes, up to one of size 0 and its trailers."""
    body = bytearray()
    while size := _chunk_size(stream):
        body += _read_exactly(stream, size, most_bytes=most_bytes - len(body))
        if stream.read(2) != b"\r\n":
            raise ContractError("a chunk of the request body is malformed")
    while stream.readline(_LONGEST_LINE) not in (b"\r\n", b"\n", b""):
        pass
    return bytes(body)


def _chunk_size(stream: BufferedIOBase) -> int:
    line = stream.readline(_LONGEST_LINE).partition(b";")[0].strip()
    if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", line):
        raise ContractError("a chunk of the request body is malformed")
    return int(line, 16)
