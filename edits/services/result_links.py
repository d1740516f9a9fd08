"""Links to results that load without a key for a while, as the API's ``url`` answers give them.

Such a link opens nothing by itself: whoever serves it asks what the edit is now.
"""

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from edits.models import EditRequest

SALT = "edits.result_link"


def link_to_result(edit: EditRequest) -> str:
    """The path of the finished edit's result with its signature.

    It lasts for RESULT_URL_TTL_SECONDS from the edit's end: asked for again, it is the same link.
    """
    assert edit.finished_at
    return link_until(edit, edit.finished_at + timedelta(seconds=settings.RESULT_URL_TTL_SECONDS))


def link_until(edit: EditRequest, until: datetime) -> str:
    """The path of the edit's result with its signature, good until then."""
    expires = int(until.timestamp())
    path = reverse("edits:api_result", args=[edit.public_id])
    return f"{path}?expires={expires}&signature={_signature(edit.public_id, edit.owner_id, expires)}"


def opens(edit: EditRequest, *, expires: str, signature: str, now: datetime) -> bool:
    """Whether this was signed by us for this edit and owner, and has not expired."""
    if not expires.isascii() or not expires.isdigit() or len(expires) > 12:
        return False
    signed = _signature(edit.public_id, edit.owner_id, int(expires))
    return hmac.compare_digest(signed.encode(), signature.encode()) and now.timestamp() < int(expires)


def _signature(public_id: UUID, owner_id: int, expires: int) -> str:
    return salted_hmac(SALT, f"{public_id}:{owner_id}:{expires}", algorithm="sha256").hexdigest()
