"""Links to results that load without a key for a limited time: the ``url`` in API responses.

A link alone grants nothing: the view that serves it checks the current state of the edit.  A link given to a
colleague works only while the edit is shared and the colleague's account is active.
"""

import hmac
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from edits.models import EditRequest, User

SALT = "edits.result_link"
MOST_DIGITS = 12
MERGED = "merged"
"""The version of a result that was put into the original; with the same permissions."""


def link_to_result(
    edit: EditRequest, *, viewer_id: int | None = None, version: str = "", now: datetime
) -> str:
    """The signed path of the finished edit's result, for its owner unless a viewer is given, or of its ``version``.

    It is valid for RESULT_URL_TTL_SECONDS from the edit's end, and repeated calls return the same link.  When
    half of that time is over, the link changes every half of it, so that no response contains a link that is
    about to expire.
    """
    assert edit.finished_at
    lasts = timedelta(seconds=settings.RESULT_URL_TTL_SECONDS)
    halves = max(0, (now - edit.finished_at) // (lasts / 2))
    link = link_until(edit, edit.finished_at + lasts + halves * (lasts / 2), viewer_id=viewer_id)
    return f"{link}&version={version}" if version else link


def link_until(edit: EditRequest, until: datetime, *, viewer_id: int | None = None) -> str:
    """The signed path of the edit's result, valid until then."""
    viewer = "" if viewer_id in (None, edit.owner_id) else str(viewer_id)
    expires = int(until.timestamp())
    signature = _signature(edit.public_id, owner_id=edit.owner_id, viewer=viewer, expires=expires)
    query = {"expires": expires} | ({"for": viewer} if viewer else {}) | {"signature": signature}
    return f"{reverse('edits:api_result', args=[edit.public_id])}?{urlencode(query)}"


def opens(edit: EditRequest, *, expires: str, signature: str, viewer: str = "", now: datetime) -> bool:
    """Whether the link was signed for this edit, has not expired, and its recipient may still see the edit.

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
