"""Prepares the data folder: it must exist, be writable, and be closed to all other accounts of the machine.

A folder that cannot be used is reported in one sentence: which folder, its owner, the account that runs Retake,
and what to do.
"""

import errno
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
INCOMING = "incoming"
FOLDERS = frozenset(
    {INCOMING, "control", "credentials", "heartbeats", "messages", "pictures", "spool", "unreadable"}
)
DATABASE = "retake.sqlite3"
FILES = frozenset(
    {"migrating.lock", "secret_key", DATABASE, *(f"{DATABASE}-{part}" for part in ("shm", "turn", "wal"))}
)
"""What Retake creates in the folder.  Anything else there belongs to somebody else and is left alone."""
OF_THE_SYSTEM = "lost+found"
FULL = (errno.ENOSPC, errno.EDQUOT)
DENIED = (errno.EACCES, errno.EPERM)
NO_FOLDER = (errno.EEXIST, errno.ENOTDIR)


def prepare(name: str) -> Path:
    """The folder, created if necessary.

    Also sets the umask, so that this process creates nothing that others can read.  Called by the settings, so
    that it applies however Retake is started.  Raises ImproperlyConfigured.
    """
    folder = Path(os.path.realpath(name))
    with refusing(folder):
        folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)  # parents get the account's default mode
        os.umask(OPEN_TO_OTHERS)
        require(folder)
        close(folder)
        (folder / INCOMING).mkdir(exist_ok=True)
        for path in _known(folder, FOLDERS):
            require(path)
    return folder


def close(folder: Path) -> None:
    """Remove permissions of other accounts that an earlier version or the folder's creator granted.

    Changes only what this account owns.  Skips folders that are shared by nature, such as /tmp, and folders that
    hold only other things, because DATA_DIR may be wrong.
    """
    names = set(os.listdir(folder)) - {OF_THE_SYSTEM}
    if _is_shared(folder) or (names and not names & (FOLDERS | FILES)):
        return
    for path in (folder, *_known(folder, FOLDERS | FILES)):
        with suppress(OSError):  # FAT and some shares have no file modes: a system check reports that
            status = path.stat()
            if status.st_uid == os.geteuid() and status.st_mode & OPEN_TO_OTHERS:
                path.chmod(stat.S_IMODE(status.st_mode) & ~OPEN_TO_OTHERS)


def may_be_closed(folder: Path) -> bool:
    """Whether closing the folder affects nobody else: this account owns it, and everything in it is Retake's."""
    others = set(os.listdir(folder)) - {OF_THE_SYSTEM} - FOLDERS - FILES
    return not _is_shared(folder) and folder.stat().st_uid == os.geteuid() and not others


def _is_shared(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_ISVTX)


def _known(folder: Path, names: frozenset[str]) -> list[Path]:
    return [path for path in (folder / name for name in sorted(names)) if path.exists()]


def require(path: Path) -> None:
    """Raise the OSError that using this folder or file would cause.  A missing one is fine."""
    wanted = os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)
    if path.exists() and not os.access(path, wanted):
        read_only = os.statvfs(path).f_flag & os.ST_RDONLY
        code = errno.EROFS if read_only else errno.EACCES
        raise OSError(code, os.strerror(code), str(path))


@contextmanager
def refusing(place: Path, setting: str = "DATA_DIR") -> Iterator[None]:
    """Turn an OSError into one sentence for the administrator who starts Retake."""
    try:
        yield
    except OSError as error:
        raise ImproperlyConfigured(f"{setting} cannot be used: {_trouble(place, error)}") from error


def _trouble(folder: Path, error: OSError) -> str:
    path = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else folder
    if error.errno == errno.EROFS:
        return f"{path} is on a read-only file system. Mount it for writing, or name another folder."
    if error.errno in FULL:
        return f"the disk of {path} is full. Make room there, or move the folder to a larger disk."
    if error.errno in NO_FOLDER:
        return f"there is a file where the folder {path} should be. Move it, or name another folder."
    if error.errno in DENIED:
        return _denied(folder, _deepest_seen(path))
    return f"{path}: {error.strerror}. Name a folder on a disk of this machine."


def _denied(folder: Path, place: Path) -> str:
    owner, us = account(place.stat().st_uid), account(os.geteuid())
    whose = f"{place} belongs to the account {owner} (mode {stat.S_IMODE(place.stat().st_mode):04o})"
    if owner == us:
        return f"{whose}, which runs Retake but may not write there. Look at its mode, at SELinux and at the mount."
    give = (
        f"chown -R {us} {folder}"
        if place == folder or folder in place.parents
        else (f"install -d -o {us} -m 700 {folder}")
    )
    return f"{whose}, but {us} runs Retake. Run it as {owner}, or as root: {give}"


def _deepest_seen(path: Path) -> Path:
    """The path, or the deepest folder on the way to it that can be seen."""
    while not os.path.lexists(path) and path != path.parent:
        path = path.parent
    return path


def account(uid: int) -> str:
    """The account's name, or its number if it has none, as in containers; chown accepts both."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
