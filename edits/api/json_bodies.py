"""Reads a JSON call into the same fields and files that a form has.

Numbers, true and false become the strings that a form would send; null counts as omitted.  A picture is a data
URL, Base64, or {"image_url": "data:…"} as in OpenAI's API; several are a list.
"""

import json
from collections.abc import Sequence
from typing import IO, Any, cast

from django.conf import settings
from django.core.exceptions import BadRequest, TooManyFieldsSent
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from edits.api.inline_pictures import InlinePicture, invalid
from edits.api.json_stream import Lifting, NotJson
from edits.forms.api_form import PICTURE_NAMES

JSON, UTF_8 = "application/json", "utf-8"
MASK = "mask"
FILE_NAMES = (*PICTURE_NAMES, MASK)
TEXTS = ("prompt", "negative_prompt", "model")
URL, FILE_ID = "image_url", "file_id"
PIECE_BYTES = 2**16
MOST_EXACT = 2**53
"""Integers up to here are exact in every language's JSON."""

Files = MultiValueDict[str, UploadedFile]


def read_json(request: HttpRequest, *, handlers: Sequence[FileUploadHandler]) -> tuple[QueryDict, Files]:
    """The fields and files of the body.  Raises ApiError, NotJson, and what Django raises for forms."""
    if (request.content_params or {}).get("charset", UTF_8).lower() != UTF_8:
        raise BadRequest
    length_bytes, body = int(request.META.get("CONTENT_LENGTH") or 0), cast(IO[bytes], request)
    for handler in handlers:  # lets a handler choose between memory and disk
        handler.handle_raw_input(body, request.META, length_bytes, "")
    reading = _Reading(handlers)
    try:
        return reading.read(request)
    except BaseException:
        for file in reading.all_files():
            file.close()
        raise


class _Reading:
    def __init__(self, handlers: Sequence[FileUploadHandler]) -> None:
        self.handlers = handlers
        self.lifting = Lifting(names=FILE_NAMES, begin=self._picture)
        self.fields, self.files = QueryDict(mutable=True), Files()

    def all_files(self) -> list[UploadedFile]:
        """All files created so far."""
        short = [file for _, listed in self.files.lists() for file in listed]
        return [*short, *(file for file in self.lifting.files.values() if file)]

    def read(self, request: HttpRequest) -> tuple[QueryDict, Files]:
        while piece := request.read(PIECE_BYTES):
            self.lifting.feed(piece)
        for name, value in _object_of(self.lifting.end()).items():
            if name in FILE_NAMES:
                self._add_files(name, value)
            elif value is not None:
                self.fields[name] = _text_of(name, value)
        for file in self.lifting.files.values():
            if file:
                file.close()  # it was in a field without pictures
        self.fields._mutable = False
        return self.fields, self.files

    def _picture(self, name: str) -> InlinePicture:
        return InlinePicture(param=name, handlers=self.handlers)

    def _add_files(self, name: str, value: Any) -> None:
        for one in value if isinstance(value, list) else [value]:
            text = _picture_text(name, one)
            if not text:
                continue
            file = self.lifting.files.pop(text) if text in self.lifting.files else self._decoded(name, text)
            if file:
                self.files.appendlist(name, file)

    def _decoded(self, name: str, text: str) -> UploadedFile | None:
        picture = self._picture(name)
        picture.feed(text)
        return picture.end()


def _object_of(text: str) -> dict[str, Any]:
    """Raises NotJson, TooManyFieldsSent."""
    if not text.strip():
        return {}
    try:
        said = json.loads(
            text,
            parse_int=str,
            parse_float=_number,
            parse_constant=_no_number,
            object_pairs_hook=_once_each,
        )
    except NotJson:
        raise
    except ValueError as error:
        raise NotJson("The body is not valid JSON.") from error
    if not isinstance(said, dict):
        raise NotJson("The body must be a JSON object, or empty.")
    if len(said) > settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
        raise TooManyFieldsSent
    return said


def _number(text: str) -> str:
    """The number as it was written; 20.0 becomes the integer 20."""
    number = float(text)
    return str(int(number)) if number.is_integer() and abs(number) <= MOST_EXACT else text


def _no_number(text: str) -> str:
    raise NotJson(f"{text} is no number in JSON.")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Reject duplicate names: which of two prompts or pictures counts would be arbitrary."""
    if len(found := dict(pairs)) < len(pairs):
        raise NotJson("The JSON has the same name twice in an object.")
    return found


def _picture_text(name: str, value: Any) -> str:
    """The data URL or Base64; empty for none.  Raises ApiError."""
    if isinstance(value, dict):
        if not value.get(URL) and value.get(FILE_ID):
            raise invalid(name, f"Retake keeps no files under a {FILE_ID}. Send {URL} with a data URL.")
        value = value.get(URL, value)
    if value is not None and not isinstance(value, str):
        raise invalid(name, f'{name} must be a data URL, Base64, or {{"{URL}": "data:…"}}.')
    return value or ""


def _text_of(name: str, value: Any) -> str:
    """What a form would send.  Lists and objects are allowed only in unknown fields, which are ignored."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise invalid(name, f"{name} contains a character that cannot be stored.")
        return value
    if name in TEXTS:
        raise invalid(name, f"{name} must be text.")
    return json.dumps(value, sort_keys=True)
