r"""Extracts pictures from JSON as it is read, so that none is in memory as a whole; the remaining JSON is small.

body ──▶ {"prompt": "…", "images": [{"image_url": "data:image/png;base64,iVBORw0…"}]}
           │                                        └── long, and in a picture's field ──▶ a file
           └──▶ {"prompt": "…", "images": [{"image_url": "<token>"}]}
"""

import json
import re
import secrets
from collections.abc import Callable, Iterable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile

from edits.api.inline_pictures import InlinePicture

LONG_BYTES = 1024
"""Longer strings are extracted: no head of a data URL, id or object key is that long."""
MOST_DEPTH = 20
UNESCAPED = re.compile(rb'(?>[^"\\]+|\\u[0-9a-fA-F]{4}|\\[^u])*', re.DOTALL)
LONGEST_ESCAPE_BYTES = 6
STRUCTURE = re.compile(rb"[][{}:,]")


class NotJson(ValueError):
    """The body is not readable JSON; the message says why, as a sentence."""


class Lifting:
    """Reads one body piece by piece.  ``names`` are the top-level fields with pictures.

    ``files`` maps the token that replaced each extracted picture to its file; None if it was not stored.
    """

    def __init__(self, *, names: Iterable[str], begin: Callable[[str], InlinePicture]) -> None:
        self.files: dict[str, UploadedFile | None] = {}
        self._names, self._begin = frozenset(names), begin
        self._text, self._rest = bytearray(), b""
        self._string: bytearray | None = None
        self._picture: InlinePicture | None = None
        self._depth, self._name = 0, ""

    def feed(self, data: bytes) -> None:
        """Process the next piece.  Raises NotJson, RequestDataTooBig, and whatever a picture raises."""
        data, at = self._rest + data, 0
        self._rest = b""
        while at < len(data):
            at = self._between(data, at) if self._string is None else self._within(data, at)

    def end(self) -> str:
        """The JSON without its pictures.  Raises NotJson."""
        if self._string is not None or self._rest:
            raise NotJson("The JSON was cut off on its way.")
        try:
            return self._text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise NotJson("The JSON must be in UTF-8.") from error

    def _between(self, data: bytes, at: int) -> int:
        """Read up to the next string; returns its position, or the end of the data."""
        quote = data.find(b'"', at)
        end = len(data) if quote < 0 else quote
        self._keep(data[at:end])
        for mark in STRUCTURE.finditer(data, at, end):
            self._note(mark[0])
        if quote < 0:
            return end
        self._string = bytearray()
        return quote + 1

    def _note(self, mark: bytes) -> None:
        if mark in b"{[":
            self._depth += 1
            if self._depth > MOST_DEPTH:
                raise NotJson(f"The JSON may be nested {MOST_DEPTH} levels deep.")
        elif mark in b"}]":
            self._depth -= 1
        elif mark == b"," and self._depth == 1:
            self._name = ""

    def _within(self, data: bytes, at: int) -> int:
        """Read up to the end of the string, or of the data."""
        found = UNESCAPED.match(data, at)
        end = found.end() if found else at
        self._take(data[at:end])
        if end == len(data):
            return end
        if data[end : end + 1] == b'"':
            self._end_string()
            return end + 1
        if len(data) - end >= LONGEST_ESCAPE_BYTES:
            raise NotJson("The JSON has a wrong escape in a string.")
        self._rest = data[end:]
        return len(data)

    def _take(self, piece: bytes) -> None:
        if self._picture:
            self._picture.feed(_plain(piece))
            return
        assert self._string is not None
        self._string += piece
        if len(self._string) > LONG_BYTES and self._name in self._names:
            self._picture = self._begin(self._name)
            self._picture.feed(_plain(bytes(self._string)))
        elif len(self._text) + len(self._string) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig

    def _end_string(self) -> None:
        assert self._string is not None
        text = bytes(self._string)
        if self._picture:
            token = secrets.token_hex()
            self.files[token] = self._picture.end()
            text = token.encode()
        elif self._depth == 1 and not self._name:
            self._name = _plain(text)
        self._keep(b'"' + text + b'"')
        self._string = self._picture = None

    def _keep(self, text: bytes) -> None:
        self._text += text
        if len(self._text) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig


def _plain(piece: bytes) -> str:
    """The string without its escapes.  Raises NotJson."""
    try:
        return str(json.loads(b'"' + piece + b'"'))
    except ValueError as error:
        raise NotJson("The JSON has a string that cannot be read.") from error
