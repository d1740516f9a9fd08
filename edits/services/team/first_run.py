"""Creates the first account of an empty installation, for the person who has the setup code.

The code is derived from SECRET_KEY, so that Retake can print it at startup and every process can check it
without storing it.  It is useless once an account exists.
"""

import base64
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from edits.models import User
from edits.services.team.auditing import record

CODE_BYTES = 10
"""80 bits: 16 characters that can be typed from a screen but not guessed."""


def setup_code() -> str:
    """The setup code in four groups: ``abcd-efgh-ijkl-mnop``."""
    digest = salted_hmac("retake.first-account", "", algorithm="sha256").digest()
    letters = base64.b32encode(digest[:CODE_BYTES]).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def is_setup_code(typed: str) -> bool:
    """Whether this is the setup code, ignoring case, hyphens and spaces."""
    return constant_time_compare(_bare(typed), _bare(setup_code()))


def make_first_account(
    *,
    username: str,
    password: str,
    name: str = "",
    email: str = "",
    now: datetime,
) -> User | None:
    """Create the administrator; None if an account already exists.

    ``is_founder`` is unique in the database, so that two concurrent setups cannot both succeed.
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
