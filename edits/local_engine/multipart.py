"""Splits a multipart/form-data body into its parts, without interpreting the fields.

Strict where a lenient parser would guess: a truncated body must not become a smaller picture.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from .refusals import ContractError

MAX_PARTS = 64
_MAX_HEAD_BYTES = 8 * 1024
_NAME = re.compile(r';\s*name="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_FILENAME = re.compile(r";\s*filename\*?=", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """One field as it was sent; a part with a file name is a file."""

    name: str
    content: bytes
    is_file: bool


def read_parts(body: bytes, *, content_type: str) -> list[Part]:
    """The parts in order.  Raises ContractError for another content type and for a malformed body."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary:
        raise ContractError("the request must be multipart/form-data with a boundary")
    try:
        delimiter = b"\r\n--" + boundary.encode("ascii")
    except UnicodeEncodeError:
        raise ContractError("the multipart boundary must be ASCII") from None
    return [_part(section) for section in _sections(body, delimiter=delimiter)]


def _sections(body: bytes, *, delimiter: bytes) -> Iterator[bytes]:
    """The sections between the delimiters.  The first delimiter needs no line break before it."""
    body = b"\r\n" + body
    start = body.find(delimiter)
    for _ in range(MAX_PARTS + 1):
        if start < 0:
            break
        start += len(delimiter)
        if body.startswith(b"--", start):
            return
        end = body.find(delimiter, start)
        if end < 0 or not body.startswith(b"\r\n", start):
            break
        yield body[start + 2 : end]
        start = end
    else:
        raise ContractError(f"the multipart body has more than {MAX_PARTS} parts")
    raise ContractError("the multipart body is cut off or malformed")


def _part(section: bytes) -> Part:
    head, blank, content = section.partition(b"\r\n\r\n")
    if not blank or len(head) > _MAX_HEAD_BYTES:
        raise ContractError("a part of the multipart body has no readable header")
    # File names arrive in any encoding; only the field's name is needed.
    disposition = _disposition(head.decode("utf-8", errors="replace"))
    name = _NAME.search(disposition)
    if not name:
        raise ContractError("a part of the multipart body has no name")
    return Part(name=name[1], content=content, is_file=bool(_FILENAME.search(disposition)))


def _disposition(head: str) -> str:
    for line in head.split("\r\n"):
        key, _, value = line.partition(":")
        if key.strip().lower() == "content-disposition":
            return value
    return ""
