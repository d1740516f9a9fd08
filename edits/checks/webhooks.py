"""Checks the private hosts of webhooks, to which any member can post."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

from edits.checks.provider import is_private


def webhooks_go_to_the_open_internet(app_configs: object, **_: Any) -> list[CheckMessage]:
    """A listed host may be on a private network, to which any member could then post."""
    return [
        Error(
            f"WEBHOOK_PRIVATE_HOSTS lets every member post to {entry}, which is on a private network.",
            hint="Remove it, or silence this check if you want that. Receivers on public hosts need no entry.",
            id="retake.E007",
        )
        for entry in settings.WEBHOOK_PRIVATE_HOSTS
        if is_private(urlsplit(f"//{entry}").hostname or "")
    ]
