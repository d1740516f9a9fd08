"""Where an action leads: back to the page that it came from, if that is one of ours."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request: HttpRequest, *, default: str) -> str:
    """The posted ``next`` if it stays on this site, otherwise ``default``."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    # A bare word would be taken for the name of a view by redirect(), which fails where there is none.
    return wanted if is_ours and wanted.startswith("/") else default


def came_from(request: HttpRequest, *, default: str, besides: str = "") -> str:
    """The page that the request was sent from, unless it is ``besides``: an Undo carries no ``next``."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return default
    address = urlsplit(page)
    if address.path == besides or not address.path.startswith("/") or address.path.startswith("//"):
        return default
    return f"{address.path}?{address.query}" if address.query else address.path
