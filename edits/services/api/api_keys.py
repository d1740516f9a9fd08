"""Creates, finds, rate-limits and revokes API keys.

usable ──▶ expired | revoked        (all final; a key fails while its owner is deactivated)
"""

import hashlib
import secrets
import threading
from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from edits.models import CALLS_PER_MINUTE, ApiKey, EditRequest, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.team.auditing import record

PREFIX = "rtk_"
KEY_BYTES = 32
HINT_CHARS = len(PREFIX) + 4
SHARES = 20
"""Processes reserve a key's calls for a minute in this many shares."""


def make_api_key(
    *,
    owner: User,
    name: str,
    can_edit: bool = True,
    can_read: bool = True,
    days: int | None = None,
    per_minute: int = CALLS_PER_MINUTE,
    at_terminal: bool = False,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Create a key that is valid for ``days``, or forever without.

    Returns it with its text, which cannot be retrieved later.  ``at_terminal`` means that the person who runs
    Retake creates it, not its owner.
    """
    text = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    with transaction.atomic():
        key = ApiKey.objects.create(
            owner=owner,
            name=name,
            key_hash=_hash(text),
            hint=text[:HINT_CHARS],
            can_edit=can_edit,
            can_read=can_read,
            per_minute=per_minute,
            created_at=now,
            expires_at=now + timedelta(days=days) if days else None,
        )
        record(
            actor=None if at_terminal else owner,
            action="made an API key",
            subject=f"{key} of {owner.username}",
            detail="in the terminal" if at_terminal else "",
            now=now,
        )
    return key, text


def find_api_key(text: str, *, now: datetime) -> ApiKey | None:
    """The usable key with this text, with its owner loaded; None for any other text.

    Looks it up by hash, so that the response time reveals nothing about existing keys.
    """
    return ApiKey.objects.usable(now).select_related("owner").filter(key_hash=_hash(text)).first()


def open_to(key: ApiKey) -> EditRequestQuerySet:
    """The edits that a program with this key may open and use; no others exist for it.

    Its owner's, including trashed ones, and those shared with the team; for a key without read permission, those
    that it created.  An administrator's key sees no more than that: each view would have to be audited, and
    programs view edits all the time.
    """
    if not key.can_read:
        return EditRequest.objects.of(key.owner).filter(api_key=key)
    return EditRequest.objects.of(key.owner) | EditRequest.objects.shared()


def count_call(key: ApiKey, *, now: datetime) -> bool:
    """Count a call.  False if the key reached its limit for this minute, or was just revoked.

    A process reserves several calls at once in the key's row, so that a polling program does not write each
    time: a twentieth of the key's limit, or as many as are left.  Unused reserved calls expire with the minute,
    so that the limit is never exceeded.
    """
    minute = now.replace(second=0, microsecond=0)
    if _in_hand.take(key.key_hash, minute=minute):
        return True
    share = max(1, key.per_minute // SHARES)
    taken = next((most for most in sorted({share, 1}, reverse=True) if _take(key, most, now=now)), 0)
    if taken > 1:
        _in_hand.keep(key.key_hash, taken - 1, minute=minute)
    return bool(taken)


def _take(key: ApiKey, most: int, *, now: datetime) -> bool:
    minute = now.replace(second=0, microsecond=0)
    is_first = Q(minute__isnull=True) | ~Q(minute=minute)
    has_room = Q(per_minute__gte=most) & (is_first | Q(calls__lte=F("per_minute") - most))
    taken = ApiKey.objects.filter(has_room, pk=key.pk, revoked_at__isnull=True).update(
        calls=Case(When(minute=minute, then=F("calls") + most), default=Value(most)),
        last_used_at=Case(When(minute=minute, then=F("last_used_at")), default=Value(now)),
        minute=minute,
    )
    return bool(taken)


class _InHand:
    """The calls that this process has reserved for this minute and not used, by the hash of the key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute: datetime | None = None
        self._left = Counter[str]()

    def take(self, key: str, *, minute: datetime) -> bool:
        """Use one; False if there is none."""
        with self._lock:
            if self._minute != minute or not self._left[key]:
                return False
            self._left[key] -= 1
            return True

    def keep(self, key: str, count: int, *, minute: datetime) -> None:
        """Add reserved calls; those of another minute are dropped."""
        with self._lock:
            if self._minute != minute:
                self._minute, self._left = minute, Counter()
            self._left[key] += count


_in_hand = _InHand()


def seconds_until_next_minute(now: datetime) -> int:
    """In how many seconds a key that reached its limit may call again: 1 to 60."""
    return 60 - now.second


def revoke_api_key(*, key: ApiKey, by: User, now: datetime) -> bool:
    """Disable the key from the next call on.  False if it was revoked before."""
    with transaction.atomic():
        revoked = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now)
        if revoked:
            record(actor=by, action="revoked an API key", subject=f"{key} of {key.owner.username}", now=now)
    return bool(revoked)


def _hash(text: str) -> str:
    """The stored form of a key.  Keys are long and random, so that a plain hash cannot be reversed by search."""
    return hashlib.sha256(text.encode()).hexdigest()
