"""Ends a request whose body is larger than any form of ours, before anything of it is parsed or written."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from edits.http.errors import is_api, json_error, wants_json
from edits.images.upload_check import PAGE_MAX_BYTES
from edits.services.api.body_limits import limits, most_body_bytes

MOST_BYTES = PAGE_MAX_BYTES + 2**20
MOST_READ_OFF_BYTES = 2 * PAGE_MAX_BYTES
CHUNK_BYTES = 2**16
MOST_MB = PAGE_MAX_BYTES // 2**20


class BodySizeMiddleware:
    """Answers 413 by the announced length; without a length Django sees no body.

    A body that is not much too large is read off and thrown away first: browsers show a broken connection
    instead of the sentence when they are answered while they still send.  Programs are answered at once, and
    the web server reads off what they still send.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = _length(request)
        if is_api(request.path_info) or length <= MOST_BYTES:
            return self.get_response(request)
        if length <= MOST_READ_OFF_BYTES:
            _read_off(request, length)
        if wants_json(request):
            message = f"The request is too large: a picture may have at most {MOST_MB} MB."
            return json_error(status=413, code="too_large", message=message)
        return render(request, "413.html", {"most_mb": MOST_MB}, status=413)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Of the API only views read bodies, and those that take a key ask for it first."""
        if is_api(request.path_info) and is_too_large(request) and not getattr(view, "takes_key", False):
            return json_error(status=413, code="too_large", message=too_large())
        return None


def is_too_large(request: HttpRequest) -> bool:
    """Whether the announced length is more than any call of the API may have."""
    length, is_json = _length(request), request.content_type == "application/json"
    if length <= settings.API_MOST_BYTES or length <= most_body_bytes(is_json=is_json):
        return False
    now = limits.reread()
    return length > (now.json_bytes if is_json else now.body_bytes)


def too_large() -> str:
    """The sentence for programs."""
    most, whole = limits.current().picture_bytes, most_body_bytes()
    return (
        f"The request is too large: a picture may have at most {most:,} bytes ({most // 2**20} MB), "
        f"and the whole request {whole:,}."
    )


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _read_off(request: HttpRequest, length: int) -> None:
    while length > 0 and (chunk := request.read(CHUNK_BYTES)):
        length -= len(chunk)
