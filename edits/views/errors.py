"""Answers to requests that failed: a plain page, or JSON for programs."""

import logging
import sys

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from edits.http.errors import json_error, wants_json
from edits.services.migrating import is_of_unmigrated
from edits.views.host_errors import HostRefusal, of_form, of_host
from edits.views.reader_language import use_account_language

log = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)
BACK_IN_SECONDS = 5
"""When to ask again for a database that was away."""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request names another host, or cannot be read, most often because it was tampered with."""
    if isinstance(exception, DisallowedHost):
        return refused(request, of_host(request, exception), status=400)
    return _answer(request, "400.html", 400, "bad_request", "This request could not be read.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: known, but for another role."""
    return _answer(request, "403.html", 403, "forbidden", "You have no permission for this.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that is too old, came without its cookie, or from another address than this site's.

    Django logs the reason.
    """
    return refused(request, of_form(request, reason), status=403)


def refused(request: HttpRequest, refusal: HostRefusal, *, status: int) -> HttpResponse:
    """An answer to a request that no view has seen: why it was refused, and which setting that depends on."""
    if wants_json(request):
        message = f"{refusal.message} {refusal.remedy}".strip()
        return json_error(status=status, code=refusal.code, message=message)
    use_account_language(request)
    return render(request, "refused.html", {"refusal": refusal}, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: missing, or not open to this person.  The answer must not reveal which, so it repeats nothing."""
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
            status=500, code="internal_error", message="Something went wrong on the server. Try again."
        )
    return HttpResponse(_bare_page("500.html"), status=500)


def _unmigrated(request: HttpRequest) -> HttpResponse:
    """The database answers, but migrations are missing: for the operator to run, or under way in an upgrade."""
    log.error("Migrations are not applied: run manage.py migrate")
    if wants_json(request):
        message = "The database needs a migration. Contact an administrator."
        answer: HttpResponse = json_error(status=503, code="unavailable", message=message)
    else:
        answer = HttpResponse(_bare_page("500.html"), status=503)
    answer["Retry-After"] = str(BACK_IN_SECONDS)
    return answer


def _database_away(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        answer: HttpResponse = json_error(
            status=503, code="unavailable", message="The database cannot be reached. Try again in a moment."
        )
    else:
        answer = HttpResponse(_bare_page("503.html"), status=503)
    answer["Retry-After"] = str(BACK_IN_SECONDS)
    return answer


def _bare_page(template: str) -> str:
    return render_to_string(template, {"base_path": settings.BASE_PATH})


def _answer(request: HttpRequest, template: str, status: int, code: str, message: str) -> HttpResponse:
    if wants_json(request):
        return json_error(status=status, code=code, message=message)
    use_account_language(request)
    return render(request, template, status=status)
