"""Pictures in a folder.  A file gets its name only when it is complete, so that no crash leaves half a picture."""

import errno
import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage

DRAFT = ".part"
OPEN_FILES = "/proc/self/fd"
UNKNOWN = (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)
UNUSED = 0
"""A folder descriptor without effect, because the paths here are absolute."""
PRIVATE = 0o600
"""Withheld pictures are stored here too: only the server may read them, whatever FILE_UPLOAD_PERMISSIONS says."""


class Derived(ContentFile):
    """Bytes that can be made again, such as a thumbnail's: nobody waits until the disk has them."""


class PictureFolder(FileSystemStorage):
    """Writes a temporary file, syncs it, then names it; never overwrites.

    What is ``Derived`` is not synced: a power failure may leave it empty or without its name.
    """

    _has_links = True  # until the file system reports otherwise

    def _save(self, name: str, content: "File[Any]") -> str:
        """Store under this name, or another one if it is taken.  Raises OSError."""
        folder = Path(self.path(name)).parent
        folder.mkdir(parents=True, exist_ok=True)
        try:
            name = self._store(name, content)
        except _NoLinksError:
            self._has_links = False
            name = self._store(name, content)
        if not isinstance(content, Derived):
            _sync(folder)
        return name

    def _store(self, name: str, content: "File[Any]") -> str:
        give_name = _link if self._has_links else _move
        with _draft(Path(self.path(name)).parent, nameless=self._has_links) as (draft, stream):
            self._write(stream, content)
            while True:
                try:
                    give_name(draft, self.path(name))
                except FileExistsError:
                    name = self.get_available_name(name)
                else:
                    return name

    def _write(self, stream: BinaryIO, content: "File[Any]") -> None:
        for chunk in content.chunks():
            stream.write(chunk)
        stream.flush()
        if not isinstance(content, Derived):
            os.fsync(stream.fileno())  # a row that names it must not outlive it in a power failure

    def walk(self, under: str = "") -> Iterator[tuple[str, int, datetime]]:
        """Name, size in bytes and modification time of each file below this folder, in no particular order.

        Keeps only one folder open per level.  Raises OSError; a missing folder counts as empty.
        """
        folder = self.path(under)
        if os.path.isdir(folder):
            yield from _walk(folder, f"{under}/" if under else "")


class _NoLinksError(OSError):
    """Files have no hard links here: on FAT, on many shares and in some container mounts."""


def _link(draft: str, path: str) -> None:
    """Link the draft to the path: atomic, and only one of two processes gets the name."""
    try:
        os.link(draft, path, src_dir_fd=UNUSED)  # makes it follow the link of the open file
    except FileExistsError:
        raise
    except OSError as error:  # the error number differs between file systems
        raise _NoLinksError from error


def _move(draft: str, path: str) -> None:
    """Rename under a lock: a rename alone could overwrite a file that another process just named."""
    with _opened(Path(path).parent) as folder:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        os.rename(draft, path)


@contextmanager
def _draft(folder: Path, *, nameless: bool) -> Iterator[tuple[str, BinaryIO]]:
    """A file to write to, and the path from which it gets its name.

    It has no name at first, so that the kernel deletes it if we are killed.  If the file system does not support
    that, or could not name it later, it gets a hidden name, which remains after a kill.
    """
    path, handle = folder / f".{uuid.uuid4().hex}{DRAFT}", _nameless(folder) if nameless else None
    given = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE) if handle is None else handle
    with os.fdopen(given, "wb") as stream:
        try:
            yield str(path) if handle is None else f"{OPEN_FILES}/{handle}", stream
        finally:
            path.unlink(missing_ok=True)


def _nameless(folder: Path) -> int | None:
    if not hasattr(os, "O_TMPFILE") or not os.path.isdir(OPEN_FILES):
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, PRIVATE)
    except OSError as error:
        if error.errno in (*UNKNOWN, errno.EISDIR, errno.ENOENT):
            return None
        raise


def _walk(folder: str, lead: str) -> Iterator[tuple[str, int, datetime]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{lead}{entry.name}"
            try:
                if entry.is_dir(follow_symlinks=False):
                    yield from _walk(entry.path, f"{name}/")
                else:
                    status = entry.stat(follow_symlinks=False)
                    yield name, status.st_size, datetime.fromtimestamp(status.st_mtime, tz=UTC)
            except FileNotFoundError:
                continue  # deleted since the folder was opened


def _sync(folder: Path) -> None:
    """Sync the name itself to the disk, if the file system supports that."""
    with _opened(folder) as handle:
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in UNKNOWN:
                raise


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)
