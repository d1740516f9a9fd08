"""Receives the files of forms.  A full or missing disk does not crash the request: the view reads ``failure_of``."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)


class IncomingFile(TemporaryFileUploadHandler):
    """A large file on its way in, kept on the disk until the request is over.

    When the disk does not take it, the rest is read off and forgotten, so that what was typed arrives all the
    same, and ``failure`` says what was wrong.
    """

    failure: OSError | None = None

    def new_file(self, *words: Any, **more: Any) -> None:
        try:
            super().new_file(*words, **more)
        except OSError as error:
            self._give_up(error)
            raise SkipFile from error

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            self._give_up(error)
            raise SkipFile from error

    def file_complete(self, file_size: int) -> UploadedFile | None:
        try:
            return super().file_complete(file_size)  # writes what was still in memory
        except OSError as error:
            self._give_up(error)
            return None

    def _give_up(self, error: OSError) -> None:
        self.failure = error
        log.error("A file on its way in could not be written: %s", error)
        self.forget()

    def forget(self) -> None:
        """Remove what is there of the file.  Whole files are removed by Django, which it does not do twice."""
        file = self.__dict__.pop("file", None)
        if file:
            with suppress(OSError):
                file.close()  # removes it, and tries to write again


class IncomingMiddleware:
    """Removes half a file whose sender left, once the request is over: Django leaves it to the garbage collector."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for handler in getattr(request, "_upload_handlers", ()):
            if isinstance(handler, IncomingFile):
                handler.forget()
        return response


def failure_of(request: HttpRequest) -> OSError | None:
    """Why the file of this form did not arrive; None when nothing went wrong on our side.  Ask after reading it."""
    for handler in request.upload_handlers:
        if isinstance(handler, IncomingFile) and handler.failure:
            return handler.failure
    return None
