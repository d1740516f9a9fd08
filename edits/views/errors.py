"""What is shown when a request cannot be answered: a plain page, or JSON for programs."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from edits.services.migrating import is_of_unmigrated

log = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)
BACK_IN_SECONDS = 5
"""When to ask again for a database that was away."""


def is_api(path: str) -> bool:
    """Whether this address is one of the API's, where only programs ask."""
    return f"{path}/".startswith("/v1/")


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks: anything under /v1/, or who prefers JSON to a page."""
    if is_api(request.path):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def json_error(
    *, status: int, code: str, message: str, param: str | None = None, kind: str = ""
) -> JsonResponse:
    """An answer that says what is wrong; see ``error_body``."""
    error = error_body(status=status, code=code, message=message, param=param, kind=kind)
    return JsonResponse({"error": error}, status=status)


def error_body(
    *, status: int, code: str, message: str, param: str | None = None, kind: str = ""
) -> dict[str, str | None]:
    """An error in the shape that clients of image APIs read; ``param`` is the field that is to blame.

    ``kind`` is its type where the status alone does not tell.
    """
    kind = kind or ("server_error" if status >= 500 else "invalid_request_error")
    return {"message": message, "type": kind, "param": param, "code": code}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request makes no sense, most often one that was tampered with."""
    return _answer(request, "400.html", 400, "bad_request", "This request could not be read.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: known, but for another role."""
    return _answer(request, "403.html", 403, "forbidden", "This is not open to you.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token: open for too long, or sent by another site."""
    return _answer(
        request, "403_csrf.html", 403, "csrf_failed", "Load the page again, then send it once more."
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, or not for this person.  The answer must not tell which, so it repeats nothing."""
    return _answer(request, "404.html", 404, "not_found", "There is nothing here.")


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429: a limit that counts by the minute."""
    answer = _answer(request, "429.html", 429, "rate_limit_exceeded", "Wait a minute, then try again.")
    answer["Retry-After"] = "60"
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault.  Rendered without the request, for the database or the session may be what broke.

    Django asks for it while it handles the exception, wherever that was raised; a database that is away or too
    busy is a 503, after which the same request may work.
    """
    fault = sys.exception()
    if is_of_unmigrated(fault):
        return _unmigrated(request)
    if isinstance(fault, AWAY):
        return _database_away(request)
    if wants_json(request):
        return json_error(
            status=500, code="internal_error", message="Something broke on our side. Try again."
        )
    return HttpResponse(render_to_string("500.html"), status=500)


def _unmigrated(request: HttpRequest) -> HttpResponse:
    """The database is there, but of another version: the operator's to mend, and soon well in an upgrade."""
    log.error("Migrations are not applied: run manage.py migrate")
    if wants_json(request):
        message = "The database is not of this version. Tell an administrator."
        answer: HttpResponse = json_error(status=503, code="unavailable", message=message)
    else:
        answer = HttpResponse(render_to_string("500.html"), status=503)
    answer["Retry-After"] = str(BACK_IN_SECONDS)
    return answer


def _database_away(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        answer: HttpResponse = json_error(
            status=503, code="unavailable", message="The database cannot be reached. Try again in a moment."
        )
    else:
        answer = HttpResponse(render_to_string("503.html"), status=503)
    answer["Retry-After"] = str(BACK_IN_SECONDS)
    return answer


def _answer(request: HttpRequest, template: str, status: int, code: str, message: str) -> HttpResponse:
    if wants_json(request):
        return json_error(status=status, code=code, message=message)
    return render(request, template, status=status)
