"""Serves the site under a path such as /retake, if it shares a host with other sites.

Knows WSGI and nothing of Django, which learns the path from SCRIPT_NAME as with any server.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ImproperlyConfigured

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")


def base_path(given: str) -> str:
    """BASE_PATH with a leading slash and no trailing one; "" for the root.  Raises ImproperlyConfigured."""
    path = given.strip("/")
    if not path:
        return ""
    if not _PATH.fullmatch(f"/{path}") or {".", ".."} & set(path.split("/")):
        raise ImproperlyConfigured(f"BASE_PATH must be a path such as /retake, not {given!r}")
    return f"/{path}"


def below(path: str, application: Application) -> Application:
    """The same application under ``path``, whether or not the proxy in front strips the path."""
    if not path:
        return application

    def answered(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        asked = environ.get("PATH_INFO", "")
        if asked == path or asked.startswith(f"{path}/"):
            environ["PATH_INFO"] = asked.removeprefix(path)
        environ["SCRIPT_NAME"] = path
        return application(environ, start_response)

    return answered
