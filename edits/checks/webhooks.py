"""The check of where webhooks may post: what they reach, any member can post to."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

from edits.checks.provider import is_private


def webhooks_go_to_the_open_internet(app_configs: object, **_: Any) -> list[CheckMessage]:
    """A listed host may be reached on private networks, by a post that any member can have sent."""
    return [
        Error(
            f"WEBHOOK_PRIVATE_HOSTS lets every member post to {entry}, which is on a private network.",
            hint="Remove it, or silence this where that is meant; receivers on the open internet need no entry.",
            id="retake.E007",
        )
        for entry in settings.WEBHOOK_PRIVATE_HOSTS
        if is_private(urlsplit(f"//{entry}").hostname or "")
    ]
