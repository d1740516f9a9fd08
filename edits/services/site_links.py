"""Builds absolute URLs of this site for emails and webhooks."""

from django.conf import settings
from django.urls import get_script_prefix


def absolute(path: str) -> str:
    """The absolute URL of a path from ``reverse``, where no request says under which host the site is known.

    SITE_URL ends in BASE_PATH.  ``reverse`` starts with it as well in threads that serve requests, but not in
    workers.
    """
    return f"{settings.SITE_URL}{path.removeprefix(get_script_prefix().rstrip('/'))}"
