"""Pictures in a folder.  A file has its name only when it is whole: a full disk or a kill leaves no half picture."""

import errno
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

DRAFT = ".part"
OPEN_FILES = "/proc/self/fd"


class PictureFolder(FileSystemStorage):
    """Written aside, brought to the disk, then named; never overwritten."""

    def _save(self, name: str, content: "File[Any]") -> str:
        """Store under this name, or under another one where another picture has it.  Raises OSError."""
        folder = Path(self.path(name)).parent
        folder.mkdir(parents=True, exist_ok=True)
        with _draft(folder) as (path, stream):
            self._write(stream, content)
            while True:
                try:
                    # A link appears whole or not at all, and of two only one gets the name.
                    os.link(path, self.path(name), src_dir_fd=stream.fileno())
                except FileExistsError:
                    name = self.get_available_name(name)
                else:
                    break
        _sync(folder)
        return name

    def _write(self, stream: BinaryIO, content: "File[Any]") -> None:
        for chunk in content.chunks():
            stream.write(chunk)
        if self.file_permissions_mode is not None:
            os.fchmod(stream.fileno(), self.file_permissions_mode)
        stream.flush()
        os.fsync(stream.fileno())  # a row that names it must not outlive it when the power fails

    def walk(self, under: str = "") -> Iterator[tuple[str, int, datetime]]:
        """Name, size in bytes and time of change of each file below this folder, in no order; only one folder's
        entries at a time are open on each level.  Raises OSError; a folder that is not there yet is empty."""
        folder = self.path(under)
        if os.path.isdir(folder):
            yield from _walk(folder, f"{under}/" if under else "")


@contextmanager
def _draft(folder: Path) -> Iterator[tuple[str, BinaryIO]]:
    """A file to write to, and the path by which it is given a name.

    It has none before, so that the kernel drops it when we are killed.  Where the file system knows no such files,
    it has a hidden name that a kill leaves behind.
    """
    path = folder / f".{uuid.uuid4().hex}{DRAFT}"
    handle = _nameless(folder)
    with open(path, "xb") if handle is None else os.fdopen(handle, "wb") as stream:
        try:
            yield str(path) if handle is None else f"{OPEN_FILES}/{handle}", stream
        finally:
            path.unlink(missing_ok=True)


def _nameless(folder: Path) -> int | None:
    if not hasattr(os, "O_TMPFILE") or not os.path.isdir(OPEN_FILES):
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o666)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT):
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
    """Bring the name itself to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
