"""Requests without TLS, where the site requires TLS."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from edits.http.errors import is_api, json_error
from edits.views.errors import refused
from edits.views.host_errors import HTTPS_UNKNOWN
from edits.views.probes import PROBES

SAID_BY_PROXIES = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via")
SAID_OVER_HTTPS = "Sec-Fetch-Site"
"""Browsers send it over HTTPS, and over plain HTTP only to this computer."""


class HttpsMiddleware:
    """Answers clients that a redirect to https would not help; all others are left to Django.

    A program would be led to send its POST again as a GET, and not notice that its key was sent openly.  Behind a
    proxy that does not say how it was called, a browser would be redirected endlessly to the same page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.SECURE_SSL_REDIRECT or request.is_secure():
            return self.get_response(request)
        if is_api(request.path_info) and not _is_browser(request):
            message = (
                "Use https://. Over http://, others on the network can read what you send, including your key. "
                "If you did use https://, the proxy must set X-Forwarded-Proto: https."
            )
            return json_error(status=400, code="https_required", message=message)
        if _is_led_in_circles(request):
            return refused(request, HTTPS_UNKNOWN, status=400)
        return self.get_response(request)


def _is_browser(request: HttpRequest) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "")


def _is_led_in_circles(request: HttpRequest) -> bool:
    """Whether a redirected browser would send the same request again."""
    said = request.headers
    if "X-Forwarded-Proto" in said or "text/html" not in said.get("Accept", ""):
        return False
    if request.path_info in PROBES:  # they are not redirected
        return False
    return SAID_OVER_HTTPS in said or any(name in said for name in SAID_BY_PROXIES)
