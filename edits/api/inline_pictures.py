"""A picture sent as text in JSON: decodes it as it arrives, and passes it to Django's upload handlers as a file.

Accepts "data:image/png;base64,…" and plain Base64.  Never fetches anything: a URL is rejected.
"""

import binascii
import re
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopFutureHandlers

from edits.api.errors import ApiError
from edits.forms.edit_form import DEFAULT_NAME

SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*):", re.IGNORECASE)
SPACE = re.compile(r"\s+")
DATA = "data"
QUAD = 4
"""The number of Base64 characters for three bytes."""
INSTEAD = "Send the picture itself, as a data URL (data:image/png;base64,…) or in multipart/form-data."


def invalid(param: str, sentence: str) -> ApiError:
    """400 for the value of this field."""
    return ApiError(sentence, status=400, code="invalid", param=param)


class InlinePicture:
    """One picture.  ``param`` is the name of its field."""

    def __init__(self, *, param: str, handlers: Sequence[FileUploadHandler]) -> None:
        self.param = param
        self._handlers, self._bytes = list(handlers), [0] * len(handlers)
        self._has_begun = self._is_skipped = False
        self._rest = ""

    def feed(self, text: str) -> None:
        """Process the next part of the text; the first part must contain the whole head of a data URL.

        Raises ApiError for anything but a picture, and TooManyFilesSent.
        """
        if not self._has_begun:
            self._has_begun = True
            text = self._without_head(text)
            self._new_file()
        text = self._rest + SPACE.sub("", text)
        whole = len(text) - len(text) % QUAD
        # Keep the last group until more is known: only the very last one may have padding.
        sure = max(0, whole - QUAD) if whole == len(text) else whole
        self._rest = text[sure:]
        self._hand_on(self._decoded(text[:sure], is_last=False))

    def end(self) -> UploadedFile | None:
        """The file; None if a handler skipped it, which the handler reports itself.  Raises ApiError."""
        self._hand_on(self._decoded(self._rest, is_last=True))
        if self._is_skipped:
            return None
        for handler, size_bytes in zip(self._handlers, self._bytes, strict=True):
            file: UploadedFile | None = handler.file_complete(size_bytes)
            if file:
                return file
        return None

    def _without_head(self, text: str) -> str:
        scheme = SCHEME.match(text)
        if not scheme:
            return text
        if scheme[1].lower() != DATA:
            raise invalid(self.param, f"Retake does not load pictures from URLs. {INSTEAD}")
        head, comma, data = text.partition(",")
        if not comma or not head.lower().rstrip().endswith(";base64"):
            raise invalid(self.param, "A data URL must hold its picture in Base64 (data:image/png;base64,…).")
        return data

    def _decoded(self, text: str, *, is_last: bool) -> bytes:
        try:
            if "=" in text and not is_last:
                raise binascii.Error("Padding in the middle")
            return binascii.a2b_base64(text, strict_mode=True)
        except ValueError as error:
            raise invalid(
                self.param, f"{self.param} is neither a data URL nor complete Base64. {INSTEAD}"
            ) from error

    def _new_file(self) -> None:
        for handler in self._handlers:
            try:
                handler.new_file(self.param, DEFAULT_NAME, "application/octet-stream", None, None, {})
            except StopFutureHandlers:
                return
            except SkipFile:
                self._is_skipped = True
                return

    def _hand_on(self, data: bytes) -> None:
        """Pass the data from handler to handler until one keeps it."""
        if self._is_skipped or not data:
            return
        left: bytes | None = data
        try:
            for index, handler in enumerate(self._handlers):
                size_bytes = len(left or b"")
                left = handler.receive_data_chunk(left or b"", self._bytes[index])
                self._bytes[index] += size_bytes
                if left is None:
                    return
        except SkipFile:
            self._is_skipped = True
