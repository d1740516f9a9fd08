"""Sign-ins: their entries in the audit log, and how to end waits after wrong passwords.

Guessed passwords must not flood the log.  Failures get one entry an hour for each account and one for all
unknown names, and one more when tries are refused.  The typed name is never logged, because it may be a
password.
"""

import secrets
from datetime import datetime

from django.core.cache import cache

from edits.models import User
from edits.services.team.auditing import record

SECONDS_BETWEEN_ENTRIES = 3600
LONGEST_WAIT_SECONDS = 3600
NOBODY = "a name that nobody has"


def note_sign_in(user: User, *, address: str, now: datetime) -> None:
    """Record every sign-in: each one needs a correct password."""
    record(actor=user, action="signed in", subject=user.username, detail=f"from {address}", now=now)


def note_failure(user: User | None, *, address: str, why: str, now: datetime) -> None:
    """Record a failed sign-in for this account or, if None, an unknown name; at most once an hour."""
    if _is_first(why, user):
        record(
            actor=None,
            action="failed to sign in",
            subject=user.username if user else NOBODY,
            detail=f"{why}, from {address}; more within an hour are not listed",
            now=now,
        )


def note_link_sent(user: User, *, now: datetime) -> None:
    """Record that a password link was mailed to this user; at most once an hour."""
    if _is_first("link sent", user):
        record(
            actor=None,
            action="mailed a password link",
            subject=user.username,
            detail="on request; more within an hour are not listed",
            now=now,
        )


def note_new_password(user: User, *, by_link: bool, now: datetime) -> None:
    """Record a password change and end all waits, because earlier guesses say nothing about the new password."""
    end_waits(user)
    action = "used a password link" if by_link else "changed their password"
    record(actor=user, action=action, subject=user.username, now=now)


def _is_first(what: str, user: User | None) -> bool:
    """Whether it is the first of its kind for this account within an hour.  All processes share the cache."""
    key = f"audited:{what.replace(' ', '-')}:{user.pk if user else 'nobody'}"
    return bool(cache.add(key, value=True, timeout=SECONDS_BETWEEN_ENTRIES))


def round_of(user: User) -> str:
    """Part of the cache keys that count wrong passwords for this account; ``end_waits`` changes it."""
    return str(cache.get(f"waits:{account_key(user)}", ""))


def end_waits(user: User) -> None:
    """Reset the count of wrong passwords for this account, from all addresses."""
    cache.set(f"waits:{account_key(user)}", secrets.token_urlsafe(8), timeout=2 * LONGEST_WAIT_SECONDS)


def account_key(user: User) -> str:
    """The key under which tries for this account are counted, no matter by which name."""
    return f"person:{user.pk}"


def unlock(*, user: User, by: User, now: datetime) -> None:
    """Let the user try to sign in again immediately."""
    end_waits(user)
    record(actor=by, action="unlocked sign-in", subject=user.username, now=now)
