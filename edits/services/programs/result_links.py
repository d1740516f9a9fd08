"""Links to results that load without a key for a while, as the API's ``url`` answers give them.

Such a link opens nothing by itself: whoever serves it asks what the edit is now.  One that was given to a colleague
opens only what is still shared, and only while that colleague is not locked out.
"""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from edits.models import EditRequest, User

SALT = "edits.result_link"
MOST_DIGITS = 12


def link_to_result(
    edit: EditRequest, *, viewer_id: int | None = None, now: Callable[[], datetime] = timezone.now
) -> str:
    """The path of the finished edit's result with its signature, for its owner unless a viewer is named.

    It lasts for RESULT_URL_TTL_SECONDS from the edit's end: asked for again, it is the same link.  Once half of that
    is over it is another one every half of it, so that no answer gives a link that is about to expire.
    """
    assert edit.finished_at
    lasts = timedelta(seconds=settings.RESULT_URL_TTL_SECONDS)
    halves = max(0, (now() - edit.finished_at) // (lasts / 2))
    return link_until(edit, edit.finished_at + lasts + halves * (lasts / 2), viewer_id=viewer_id)


def link_until(edit: EditRequest, until: datetime, *, viewer_id: int | None = None) -> str:
    """The path of the edit's result with its signature, good until then."""
    viewer = "" if viewer_id in (None, edit.owner_id) else str(viewer_id)
    expires = int(until.timestamp())
    signature = _signature(edit.public_id, owner_id=edit.owner_id, viewer=viewer, expires=expires)
    query = {"expires": expires} | ({"for": viewer} if viewer else {}) | {"signature": signature}
    return f"{reverse('edits:api_result', args=[edit.public_id])}?{urlencode(query)}"


def opens(edit: EditRequest, *, expires: str, signature: str, viewer: str = "", now: datetime) -> bool:
    """Whether this was signed by us for this edit, has not expired, and whom it was given to may still see it.

    ``viewer`` is blank for the owner's links.
    """
    if not _is_number(expires) or not (_is_number(viewer) or viewer == ""):
        return False
    signed = _signature(edit.public_id, owner_id=edit.owner_id, viewer=viewer, expires=int(expires))
    if not hmac.compare_digest(signed.encode(), signature.encode()) or now.timestamp() >= int(expires):
        return False
    return not viewer or (
        edit.shared_at is not None and User.objects.filter(pk=int(viewer), is_active=True).exists()
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


def _signature(public_id: UUID, *, owner_id: int, viewer: str, expires: int) -> str:
    signed = f"{public_id}:{owner_id}:{viewer}:{expires}"
    return salted_hmac(SALT, signed, algorithm="sha256").hexdigest()
