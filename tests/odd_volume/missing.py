"""Takes from ``os`` what FAT, many shares and some mounts of containers lack.  Knows nothing else."""

import os
import stat
from collections.abc import Callable, Collection
from typing import Any

LACKING = ("links", "nameless", "sync", "pipes")
EPERM, EINVAL, EOPNOTSUPP = 1, 22, 95
_open, _fsync = os.open, os.fsync


def take_away(what: Collection[str], put: Callable[[Any, str, Any], None] = setattr) -> None:
    """``put`` replaces an attribute: for good, unless a test gives one that is undone."""
    if "links" in what:
        put(os, "link", _refuse(EPERM))
    if "nameless" in what:
        put(os, "open", _open_with_name)
    if "sync" in what:
        put(os, "fsync", _sync_files_only)
    if "pipes" in what:
        put(os, "mkfifo", _refuse(EPERM))


def _refuse(code: int) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(code, os.strerror(code))

    return refuse


def _open_with_name(path: Any, flags: int, *words: Any, **more: Any) -> int:
    if flags & os.O_TMPFILE == os.O_TMPFILE:
        raise OSError(EOPNOTSUPP, os.strerror(EOPNOTSUPP))
    return _open(path, flags, *words, **more)


def _sync_files_only(handle: Any) -> None:
    number = handle if isinstance(handle, int) else handle.fileno()
    if stat.S_ISDIR(os.fstat(number).st_mode):
        raise OSError(EINVAL, os.strerror(EINVAL))
    _fsync(handle)
