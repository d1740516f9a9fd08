"""Reads the whole form of a call, or says in one sentence what is wrong with it; nothing of it is kept.

A form that was cut off would otherwise be read up to there: half a picture, half a prompt.
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
from edits.forms.edit_form import DEFAULT_NAME
from edits.services.programs.body_limits import limits
from edits.views.body_size import too_large
from edits.views.incoming import failure_of
from edits.views.unstored import status_for, words_for

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
KEPT_TAIL_BYTES = 4096
"""Where the last boundary is looked for: little may follow it."""
STORAGE_RETRY_SECONDS = 30

SENTENCES: dict[type[Exception], str] = {
    RequestDataTooBig: "The text fields of a form may have {most_bytes:,} bytes in all.",
    TooManyFieldsSent: "A form may have {most_fields:,} fields.",
    TooManyFilesSent: "A call may have {most_files} files: pictures and a mask.",
    MultiPartParserError: "This is no whole form in multipart/form-data: its boundary is missing or wrong, or it "
    "was cut off on its way.",
    BadRequest: "The form must be in UTF-8.",
    UnreadablePostError: "The form did not arrive whole.",
}


def read_form(request: HttpRequest) -> None:
    """Read the fields and files of the call.  Raises ApiError: 400, 413, 415, or 507 and 503 for our own disk."""
    if request.content_type not in (MULTIPART, URLENCODED):
        raise ApiError(
            f"Send the fields and the picture as {MULTIPART}, not as {request.content_type or 'nothing'}.",
            status=415,
            code="unsupported_media_type",
        )
    request.upload_handlers.insert(0, WholeForm(request))
    try:
        request.FILES  # noqa: B018  reads the body
    except tuple(SENTENCES) as error:
        raise _unreadable(error) from error
    if lost := failure_of(request):
        raise not_stored(lost)


def let_go_of_files(request: HttpRequest) -> None:
    """Free what was uploaded: whoever waits for an edit need not keep its picture twice."""
    for _, files in request.FILES.lists():
        for file in files:
            file.close()


def not_stored(error: OSError) -> ApiError:
    """Our own disk or storage did not take the picture; nothing was sent."""
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
    """Lets Django take a form apart, and refuses one whose last boundary never came."""

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
        """Not asked: it reads nothing by itself."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Not asked either."""


class _Counted(FileUploadHandler):
    """Ends a form that brings more files than any model takes, before the next one is read."""

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
        """For the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The file is another handler's."""


class _Parser(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str:
        """A file with a useless name is a file all the same."""
        return super().sanitize_file_name(file_name) or DEFAULT_NAME


class _Watched:
    """A body that remembers how it ended, and in which a file without a name has one.

    To Django that were text.  An empty one is what forms send where no file was chosen: it is left alone.
    """

    def __init__(self, body: Any, *, boundary: bytes) -> None:
        self.body, self.tail = body, b""
        line = b"--" + re.escape(boundary)
        self.nameless = re.compile(
            rb"(" + line + rb'\r\nContent-Disposition: form-data; name="[^"\r\n]*"; filename=")'
            rb'(?="(?:\r\n[^\r\n]+)*\r\n\r\n(?!\r\n' + line + rb"))",
            re.IGNORECASE,
        )

    def read(self, size: int) -> bytes:
        data: bytes = self.body.read(size)
        self.tail = (self.tail + data[-KEPT_TAIL_BYTES:])[-KEPT_TAIL_BYTES:]
        return self.nameless.sub(rb"\1" + DEFAULT_NAME.encode(), data)
