"""Pictures in a folder.  A file has its name only when it is whole: a full disk or a kill leaves no half picture."""

import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

DRAFT = ".part"


class PictureFolder(FileSystemStorage):
    """Written aside, brought to the disk, then named; never overwritten."""

    def _save(self, name: str, content: "File[Any]") -> str:
        """Store under this name, or under another one where another picture has it.  Raises OSError."""
        folder = Path(self.path(name)).parent
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{uuid.uuid4().hex}{DRAFT}"
        try:
            self._write(draft, content)
            while True:
                try:
                    # A link appears whole or not at all, and of two only one gets the name.
                    os.link(draft, self.path(name))
                except FileExistsError:
                    name = self.get_available_name(name)
                else:
                    break
        finally:
            draft.unlink(missing_ok=True)
        _sync(folder)
        return name

    def _write(self, path: Path, content: "File[Any]") -> None:
        with path.open("xb") as stream:
            for chunk in content.chunks():
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())  # a row that names it must not outlive it when the power fails
        if self.file_permissions_mode is not None:
            path.chmod(self.file_permissions_mode)

    def walk(self) -> Iterator[tuple[str, int, datetime]]:
        """Name, size in bytes and time of change of each file, in no order; only one folder's entries at a time
        are open on each level.  Raises OSError; a folder that is not there yet is empty."""
        if os.path.isdir(self.location):
            yield from _walk(str(self.location), "")


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
