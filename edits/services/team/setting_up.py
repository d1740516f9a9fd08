"""Makes the first account of an empty installation, for whoever holds the one-time code.

The code is derived from SECRET_KEY, so that the start can print it and every process can check it without
storing it.  It opens nothing once an account exists.
"""

import base64
from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from edits.models import User
from edits.services.team.auditing import record

CODE_BYTES = 10
"""80 bits: 16 characters that can be typed from a screen, and not be guessed."""


def setup_code() -> str:
    """The one-time code of the first-run setup, in four groups: ``abcd-efgh-ijkl-mnop``."""
    digest = salted_hmac("retake.first-account", "", algorithm="sha256").digest()
    letters = base64.b32encode(digest[:CODE_BYTES]).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def is_setup_code(typed: str) -> bool:
    """Whether somebody typed the code; case, hyphens and spaces do not matter."""
    return constant_time_compare(_bare(typed), _bare(setup_code()))


def make_first_account(
    *,
    username: str,
    password: str,
    name: str = "",
    email: str = "",
    now: Callable[[], datetime] = timezone.now,
) -> User | None:
    """Make the administrator, or nothing (None) when somebody else was first.

    ``is_founder`` is unique in the database, so that two setups at the same moment cannot both succeed.
    """
    try:
        with transaction.atomic():
            if User.objects.exists():
                return None
            founder = User.objects.create_superuser(
                username, email, password, first_name=name, is_founder=True
            )
            record(actor=founder, action="set up the installation", subject=username, now=now)
            return founder
    except IntegrityError:
        return None


def _bare(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalnum())
