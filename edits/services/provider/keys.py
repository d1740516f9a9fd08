"""Keys of providers: encrypted at rest with a key made from SECRET_KEY, or read from an environment variable.

A database that is copied, restored or leaked gives no key away without SECRET_KEY.
"""

import base64
import hashlib
import json
import re

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_noop

from editor_site import env
from edits.models import Provider
from edits.providers import NotAuthorized

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,80}_API_KEY")
"""Names that may be read: an administrator of the site must not have other secrets sent somewhere."""
OWN_VARIABLE = "STEPFUN_API_KEY"

_PURPOSE = b"retake provider key 1\n"
"""Keeps this use of SECRET_KEY apart from every other one."""
SECRET_CHANGED = gettext_noop("SECRET_KEY has changed since the key was stored; enter the key again")
SEALED_SECONDS = 3600
"""How long a key may travel with a form that is not sent for good yet."""


class KeyUnreadable(NotAuthorized):
    """There is a key, but it cannot be read, so nothing can be sent.  The message is English, for administrators."""


def encrypt_key(key: str) -> str:
    """The key as it is stored; "" for none."""
    return _cipher().encrypt(key.encode()).decode() if key else ""


def read_key(provider: Provider) -> str:
    """The provider's key, "" where it has none.  Raises KeyUnreadable."""
    if provider.from_settings:
        return str(settings.STEPFUN_API_KEY)
    if provider.key_variable:
        if not may_be_read(provider.key_variable):
            raise KeyUnreadable(f"keys are not read from a variable named {provider.key_variable}")
        try:
            key = env.text(provider.key_variable)
        except ImproperlyConfigured as error:  # the file that NAME_FILE names
            raise KeyUnreadable(str(error)) from error
        if not key:
            raise KeyUnreadable(f"the environment variable {provider.key_variable} is empty or not set")
        return key
    try:
        return _cipher().decrypt(provider.encrypted_key.encode()).decode() if provider.encrypted_key else ""
    except InvalidToken as error:
        raise KeyUnreadable(SECRET_CHANGED) from error


def seal_key(key: str, *, origin: str) -> str:
    """A key that may travel with a form: unreadable without SECRET_KEY, and of use for this origin alone."""
    return _cipher().encrypt(json.dumps(["form", origin, key]).encode()).decode() if key else ""


def unseal_key(sealed: str, *, origin: str) -> str:
    """The key that was sealed for this origin within the last hour; "" otherwise."""
    try:
        kind, sealed_for, key = json.loads(_cipher().decrypt(sealed.encode(), ttl=SEALED_SECONDS))
    except (InvalidToken, ValueError, TypeError):
        return ""
    return str(key) if (kind, sealed_for) == ("form", origin) else ""


def may_be_read(name: str) -> bool:
    """Whether a key may come from the environment variable with this name."""
    return VARIABLE.fullmatch(name) is not None and name != OWN_VARIABLE


def _cipher() -> Fernet:
    secret = hashlib.sha256(_PURPOSE + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(secret))
