"""The words for a picture that could not be stored: a full disk, or a storage that cannot be reached."""

import errno

from django.utils.translation import gettext_lazy as _

NO_ROOM = _(
    "The server has no room left, so your picture was not stored and nothing was sent. "
    "Contact an administrator; what you typed is kept here."
)
AWAY = _("Your picture could not be stored, so nothing was sent. Try again in a moment.")

FULL = (errno.ENOSPC, errno.EDQUOT)


def words_for(error: OSError) -> str:
    """What the member reads."""
    return str(NO_ROOM if error.errno in FULL else AWAY)


def status_for(error: OSError) -> int:
    """507 when the disk is full, 503 when the storage is away."""
    return 507 if error.errno in FULL else 503
