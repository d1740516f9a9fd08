"""Reads the whole body of a call, a form or JSON, or says in one sentence what is wrong with it; stores nothing.

Otherwise a truncated form would be read as half a picture or half a prompt.
"""

import errno
import re
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from edits.api.errors import ApiError
from edits.api.json_bodies import JSON, read_json
from edits.api.json_stream import NotJson
from edits.forms.edit_form import DEFAULT_NAME
from edits.http.body_size import too_large
from edits.http.storage_errors import status_for, words_for
from edits.http.upload_errors import failure_of
from edits.services.api.body_limits import limits

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
KEPT_TAIL_BYTES = 4096
"""How much of the end is searched for the last boundary: little may follow it."""
MOST_HEAD_BYTES = 2048
"""The size of one part's head with the boundaries around it: more than Django reads."""
STORAGE_RETRY_SECONDS = 30

SENTENCES: dict[type[Exception], str] = {
    RequestDataTooBig: "The text fields of a call may have {most_bytes:,} bytes in all.",
    TooManyFieldsSent: "A call may have {most_fields:,} fields.",
    TooManyFilesSent: "A call may have {most_files} files: pictures and a mask.",
    MultiPartParserError: "This is no whole form in multipart/form-data: its boundary is missing or wrong, or it "
    "was cut off on its way.",
    BadRequest: "The body must be in UTF-8.",
    UnreadablePostError: "The body did not arrive whole.",
}


def read_body(request: HttpRequest) -> None:
    """Read the fields and files of the call into ``request.POST`` and ``request.FILES``.

    Raises ApiError: 400, 413, 415, or 507 and 503 for our own disk.
    """
    if request.content_type not in (MULTIPART, URLENCODED, JSON):
        raise ApiError(
            f"Send the fields and the picture as {MULTIPART} or {JSON}, "
            f"not as {request.content_type or 'nothing'}.",
            status=415,
            code="unsupported_media_type",
        )
    try:
        _read_json(request) if request.content_type == JSON else _read_form(request)
    except NotJson as error:
        raise ApiError(str(error), status=400, code="bad_request") from error
    except tuple(SENTENCES) as error:
        raise _unreadable(error) from error
    if lost := failure_of(request):
        raise not_stored(lost)


def _read_form(request: HttpRequest) -> None:
    request.upload_handlers.insert(0, WholeForm(request))
    request.FILES  # noqa: B018  reads the body


def _read_json(request: HttpRequest) -> None:
    """Store the files where Django stores those of a form, so that it closes them with the request."""
    fields, files = read_json(request, handlers=[_Counted(), *request.upload_handlers])
    request.POST = fields  # type: ignore[assignment]
    request._files = files  # type: ignore[attr-defined]


def let_go_of_files(request: HttpRequest) -> None:
    """Free the uploaded files: a request that waits for an edit need not keep its picture as well."""
    for _, files in request.FILES.lists():
        for file in files:
            file.close()


def not_stored(error: OSError) -> ApiError:
    """Our own disk or storage did not accept the picture; nothing was sent."""
    return ApiError(
        words_for(error),
        status=status_for(error),
        code="unavailable" if status_for(error) == 503 else "no_room",
        retry_after_seconds=STORAGE_RETRY_SECONDS,
    )


def _unreadable(error: Exception) -> ApiError:
    if isinstance(error, UnreadablePostError) and error.errno == errno.EFBIG:
        return ApiError(too_large(), status=413, code="too_large")
    sentence = next(words for kind, words in SENTENCES.items() if isinstance(error, kind))
    most = {
        "most_bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "most_fields": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
        "most_files": limits.current().files,
    }
    if isinstance(error, TooManyFilesSent):
        return ApiError(sentence.format(**most), status=400, code="several", param="image")
    return ApiError(sentence.format(**most), status=400, code="bad_request")


class WholeForm(FileUploadHandler):
    """Lets Django parse a form, but rejects one without its last boundary."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: str | None = None
    ) -> Any:
        """Raises MultiPartParserError."""
        assert self.request is not None
        watched: Any = _Watched(input_data, boundary=boundary)
        others = [handler for handler in self.request.upload_handlers if handler is not self]
        post, files = _Parser(META, watched, [_Counted(), *others], encoding or "utf-8").parse()
        if b"--" + boundary + b"--" not in watched.tail:
            for _, listed in files.lists():
                for file in listed:
                    file.close()
            raise MultiPartParserError("The last boundary is missing")
        return post, files

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Passes the data on."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leaves the file to the other handlers."""


class _Counted(FileUploadHandler):
    """Ends a form with more files than any model takes, before the next one is read."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Raises TooManyFilesSent."""
        self._count += 1
        if self._count > limits.current().files and self._count > limits.reread().files:
            raise TooManyFilesSent
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Passes the data on."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leaves the file to the other handlers."""


class _Parser(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str:
        """A file with an unusable name still counts as a file."""
        return super().sanitize_file_name(file_name) or DEFAULT_NAME


class _Watched:
    """A body that remembers its end, and gives a name to files without one.

    Without a name, Django would treat the file as a text field.  An empty file is left alone: forms send it if
    no file was chosen.  The end of what was read is held back until more arrives, because the head of a part may
    be split.
    """

    def __init__(self, body: Any, *, boundary: bytes) -> None:
        self.body, self.tail, self.held, self.line = body, b"", b"", b"--" + boundary
        line = re.escape(self.line)
        self.nameless = re.compile(
            rb"(" + line + rb'\r\nContent-Disposition: form-data; name="[^"\r\n]*"; filename=")'
            rb'(?="(?:\r\n[^\r\n]+)*\r\n\r\n(?!\r\n' + line + rb"))",
            re.IGNORECASE,
        )

    def read(self, size: int) -> bytes:
        while True:
            new: bytes = self.body.read(size)
            self.tail = (self.tail + new[-KEPT_TAIL_BYTES:])[-KEPT_TAIL_BYTES:]
            data = self.held + new
            sure = self._sure_bytes(data) if new else len(data)
            data, self.held = data[:sure], data[sure:]
            if data or not new:
                return self.nameless.sub(rb"\1" + DEFAULT_NAME.encode(), data)

    def _sure_bytes(self, data: bytes) -> int:
        """How many bytes precede a head that may be incomplete."""
        sure = max(0, len(data) - MOST_HEAD_BYTES - len(self.line))
        begun = data.find(self.line, max(0, sure - MOST_HEAD_BYTES), sure + len(self.line))
        return begun if 0 <= begun < sure else sure
