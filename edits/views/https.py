"""Programs that call the API without TLS, where the site is to be had by TLS alone."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from edits.views.errors import is_api, json_error


class HttpsForProgramsMiddleware:
    """Answers 400 instead of a redirect: that would turn a POST into a GET, and hide that the key was sent openly.

    Who looks at a page of the API with a browser is led to it like on any other page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.SECURE_SSL_REDIRECT or request.is_secure() or not is_api(request.path):
            return self.get_response(request)
        if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
            return self.get_response(request)
        message = "Call this address with https://: here, what you send can be read on its way, your key too."
        return json_error(status=400, code="https_required", message=message)
