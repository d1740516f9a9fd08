"""Makes, finds, counts and revokes API keys.

usable ──▶ expired | revoked        (nothing leads back; while its owner is locked out, a key opens nothing)
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from edits.models import CALLS_PER_MINUTE, ApiKey, User
from edits.services.team.auditing import record

PREFIX = "rtk_"
KEY_BYTES = 32
HINT_CHARS = len(PREFIX) + 4


def make_api_key(
    *,
    owner: User,
    name: str,
    can_edit: bool = True,
    can_read: bool = True,
    days: int | None = None,
    per_minute: int = CALLS_PER_MINUTE,
    at_terminal: bool = False,
    now: Callable[[], datetime] = timezone.now,
) -> tuple[ApiKey, str]:
    """Make a key that lasts ``days``, for ever without; gives it with its text, which is never to be had again.

    ``at_terminal`` says that not its owner makes it, but whoever runs Retake.
    """
    text = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    at = now()
    with transaction.atomic():
        key = ApiKey.objects.create(
            owner=owner,
            name=name,
            key_hash=_hash(text),
            hint=text[:HINT_CHARS],
            can_edit=can_edit,
            can_read=can_read,
            per_minute=per_minute,
            created_at=at,
            expires_at=at + timedelta(days=days) if days else None,
        )
        record(
            actor=None if at_terminal else owner,
            action="made an API key",
            subject=f"{key} of {owner.username}",
            detail="in the terminal" if at_terminal else "",
            now=now,
        )
    return key, text


def find_api_key(text: str, *, now: Callable[[], datetime] = timezone.now) -> ApiKey | None:
    """The usable key with this text, its owner loaded; None for any other text.

    The text is looked up by its hash, so that how long that takes tells nothing of the keys there are.
    """
    return ApiKey.objects.usable(now()).select_related("owner").filter(key_hash=_hash(text)).first()


def count_call(key: ApiKey, *, now: Callable[[], datetime] = timezone.now) -> bool:
    """Note that the key is used.  False when it has used up its calls of this minute, or was revoked just now."""
    at = now()
    minute = at.replace(second=0, microsecond=0)
    has_room = Q(minute__isnull=True) | ~Q(minute=minute) | Q(calls__lt=F("per_minute"))
    counted = ApiKey.objects.filter(has_room, pk=key.pk, revoked_at__isnull=True).update(
        calls=Case(When(minute=minute, then=F("calls") + 1), default=Value(1)),
        minute=minute,
        last_used_at=at,
    )
    return bool(counted)


def seconds_until_next_minute(now: datetime) -> int:
    """When a key that used up its calls may ask again: 1 to 60."""
    return 60 - now.second


def revoke_api_key(*, key: ApiKey, by: User, now: Callable[[], datetime] = timezone.now) -> bool:
    """Make the key useless from the next call on.  False when it was revoked before."""
    with transaction.atomic():
        revoked = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now())
        if revoked:
            record(actor=by, action="revoked an API key", subject=f"{key} of {key.owner.username}", now=now)
    return bool(revoked)


def _hash(text: str) -> str:
    """What is kept of a key.  It is long and random, so that a plain hash cannot be searched."""
    return hashlib.sha256(text.encode()).hexdigest()
