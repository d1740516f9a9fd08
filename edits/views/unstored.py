"""How it is said that a picture could not be kept: no room on the disk, or a storage that is away."""

import errno

NO_ROOM = (
    "The server has no room left, so your picture was not stored and nothing was sent. "
    "Tell an administrator; what you typed is kept here."
)
AWAY = "Your picture could not be stored, so nothing was sent. Try again in a moment."

FULL = (errno.ENOSPC, errno.EDQUOT)


def words_for(error: OSError) -> str:
    """What the member reads."""
    return NO_ROOM if error.errno in FULL else AWAY


def status_for(error: OSError) -> int:
    """507 when the disk is full, 503 when the storage is away."""
    return 507 if error.errno in FULL else 503
