"""How many wrong passwords are taken, so that guessing is slow and nobody locks somebody else out.

    here      5 in 5 minutes    for one account, from one address or one known browser
    address   10 in a minute    from one address, for all accounts
    account   100 in an hour    for one account, from everywhere

A browser in which somebody signed in before is known for their account by a signed cookie: it has a count of its
own, and neither guesses from elsewhere nor from its own address hold it up.  A new password and an administrator end
waits.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from allauth.account.utils import filter_users_by_email
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from edits.folding import fold
from edits.models import User
from edits.services.team.sign_ins import account_key, round_of

SALT = "retake.browser"
KNOWN_FOR_SECONDS = 365 * 24 * 60 * 60
HERE, ADDRESS, ACCOUNT = "login_failed_here", "login_failed", "login_failed_account"
WAIT_SECONDS = {HERE: 300, ADDRESS: 60, ACCOUNT: 3600}
"""After the last try that was taken.  The limits themselves are in ACCOUNT_RATE_LIMITS."""


class TooMany(Exception):
    """A limit is reached; ``wait_seconds`` from now on it is not."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit, self.wait_seconds = limit, WAIT_SECONDS[limit]


@dataclass
class Taken:
    """A try that counts as a wrong password until it turns out to be a right one."""

    counted: list[ratelimit.RateLimitUsage]

    def rollback(self) -> None:
        """It was right."""
        for usage in self.counted:
            usage.rollback()


def account_of(credentials: dict[str, Any]) -> User | None:
    """Whose password is tried: username and address are the same account."""
    email, username = credentials.get("email"), credentials.get("username")
    found: list[User] = filter_users_by_email(email) if email else []
    return found[0] if found else User.objects.filter(username=username).first()


def take_try(request: HttpRequest, credentials: dict[str, Any]) -> Taken:
    """Count a try before the password is checked, so that many at once are not more than the limits say.

    Raises TooMany.
    """
    user = account_of(credentials)
    typed = str(credentials.get("email") or credentials.get("username") or "")
    count = f"{account_key(user)}:{round_of(user)}" if user else f"name:{fold(typed)}"
    browser = known_browser(request, user)
    if browser:
        return _count(request, {HERE: f"{count}:browser:{browser}"})
    return _count(request, {ADDRESS: None, HERE: f"{count}:{ratelimit.get_ip(request)}", ACCOUNT: count})


def _count(request: HttpRequest, keys: dict[str, str | None]) -> Taken:
    taken = Taken([])
    for limit, key in keys.items():
        usage = ratelimit.consume(request, app="allauth.account", action=limit, key=key)
        if usage is None:
            taken.rollback()
            raise TooMany(limit)
        taken.counted.append(usage)
    return taken


def known_browser(request: HttpRequest, user: User | None) -> str:
    """The number of this browser if the person signed in with it before; blank otherwise."""
    try:
        known = signing.loads(
            request.COOKIES.get(settings.BROWSER_COOKIE_NAME, ""), salt=SALT, max_age=KNOWN_FOR_SECONDS
        )
    except signing.BadSignature:
        return ""
    return str(known["browser"]) if user and known["person"] == user.pk else ""


def remember_browser(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Know it from now on: the person has just signed in with it."""
    browser = known_browser(request, user) or secrets.token_urlsafe(9)
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        signing.dumps({"person": user.pk, "browser": browser}, salt=SALT),
        max_age=KNOWN_FOR_SECONDS,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
