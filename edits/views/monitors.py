"""Who may read the health of this installation: monitors with METRICS_TOKEN, and administrators."""

from django.conf import settings
from django.db import Error
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare


def may_watch(request: HttpRequest) -> bool:
    """Whether the request has the token, or comes from an administrator who is signed in.

    Without the database no administrator can be recognized; the token still works.
    """
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token: str = settings.METRICS_TOKEN
        return bool(token) and constant_time_compare(given.strip(), token)
    try:
        return bool(getattr(request.user, "is_administrator", False))
    except Error:
        return False
