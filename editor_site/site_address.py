"""The address of the site, for links that are created outside of a request."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def site_url(
    given: str,
    *,
    origins: Sequence[str],
    hosts: Sequence[str],
    https: bool,
    port: int,
    path: str = "",
) -> str:
    """SITE_URL without a trailing slash; unless it is given, the first full name in the other settings.

    Always ends in ``path``, which is BASE_PATH, even if only the host was given.
    "" if there are only patterns such as ``*`` and ``.example.com``, which browsers cannot open.
    Raises ImproperlyConfigured.
    """
    found = _checked(given) if given else _found(origins=origins, hosts=hosts, https=https, port=port)
    return found if not found or (path and found.endswith(path)) else f"{found}{path}"


def _found(*, origins: Sequence[str], hosts: Sequence[str], https: bool, port: int) -> str:
    if named := [origin for origin in origins if "*" not in origin]:
        return named[0].rstrip("/")
    host = next((host for host in hosts if "*" not in host and not host.startswith(".")), "")
    if not host:
        return ""
    return f"https://{host}" if https else f"http://{host}:{port}"


def _checked(given: str) -> str:
    try:
        parts = urlsplit(given)
        is_whole = parts.scheme in ("http", "https") and parts.port != 0 and not parts.query + parts.fragment
        host = parts.hostname or ""
    except ValueError:
        is_whole, host = False, ""
    if not is_whole or not host or host.startswith((".", "*")):
        raise ImproperlyConfigured("SITE_URL must be an address such as https://retake.example.com")
    return given.rstrip("/")
