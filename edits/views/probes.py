"""Lets load balancers and monitors ask by whatever name or address they have for this machine."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PROBES = ("/healthz", "/readyz", "/metrics")


class ProbesMiddleware:
    """Gives their requests a Host that ALLOWED_HOSTS has: no answer of theirs contains a link that it would be in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in PROBES:
            request.META["HTTP_HOST"] = _allowed_host()
        return self.get_response(request)


def _allowed_host() -> str:
    first = next(iter(settings.ALLOWED_HOSTS), "*")
    return "localhost" if first == "*" else first.removeprefix(".")
