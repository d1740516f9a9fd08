"""The backup file: a tar that appears only when it is complete, with a seal that covers every byte.

backup.json       metadata: time, migrations, number of rows
rows.jsonl        all rows
secret_key        only if it was asked for
pictures/…        every picture that a row names
seal.json         number of pictures, which were missing, and a SHA-256 over everything before it
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

CARD, ROWS, KEY, PICTURES, SEAL = "backup.json", "rows.jsonl", "secret_key", "pictures/", "seal.json"
FORMAT = 1
CHUNK_BYTES = 2**20


class BadArchive(Exception):
    """It is not one of our backups, or not complete.  The message is for the person who ran the command."""


class Writer:
    """Adds entries to an archive."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar: Any = tar
        self._digest = hashlib.sha256()

    def add(self, name: str, data: bytes) -> None:
        """Add an entry with these bytes."""
        self.add_stream(name, io.BytesIO(data), size_bytes=len(data))

    def add_stream(self, name: str, stream: IO[bytes], *, size_bytes: int) -> None:
        """Add an entry with ``size_bytes`` from the stream, from its current position."""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size_bytes, 0o600
        self._digest.update(_heading(name, size_bytes))
        self._tar.addfile(entry, _Listening(stream, self._digest))
        self._tar.members.clear()  # it would keep all of them in memory

    def seal(self, **words: Any) -> None:
        """Add the seal, which must be the last entry."""
        self.add(SEAL, json.dumps(words | {"sha256": self._digest.hexdigest()}).encode())


class _Listening(io.RawIOBase):
    """Passes a stream through and updates a digest."""

    def __init__(self, stream: IO[bytes], digest: Any) -> None:
        self._stream, self._digest = stream, digest

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._digest.update(data)
        return data


@contextmanager
def written(path: Path) -> Iterator[Writer]:
    """Write an archive that gets its name once it is complete, readable only by its owner.  Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def entries(path: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    """Name, content and size in bytes of each entry.  Raises BadArchive, OSError."""
    try:
        with tarfile.open(path, mode="r:") as tar:
            members: list[tarfile.TarInfo] = vars(tar)["members"]
            while (entry := tar.next()) is not None:
                content = tar.extractfile(entry) if entry.isreg() else None
                if content is None:
                    raise BadArchive(f"{path} holds {entry.name}, which is no file.")
                yield entry.name, content, entry.size
                members.clear()  # as above
    except tarfile.TarError as error:
        raise BadArchive(f"{path} is not a backup, or only a part of one.") from error


def examine(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The archive's metadata and seal, after checking every byte against the seal.

    Raises BadArchive, OSError.
    """
    reader = _Reader(path)
    try:
        for name, content, size_bytes in entries(path):
            reader.read(name, content, size_bytes=size_bytes)
    except tarfile.TarError as error:
        raise BadArchive(f"{path} is only a part of a backup.") from error
    card, seal = reader.card, reader.seal
    if card is None or card.get("format") != FORMAT:
        raise BadArchive(f"{path} is not a backup that this version knows.")
    if seal is None or seal.get("sha256") != reader.digest.hexdigest():
        raise BadArchive(f"{path} is damaged or not whole; nothing of it was used.")
    return card, seal


class _Reader:
    """Reads an archive and keeps its metadata and seal."""

    def __init__(self, path: Path) -> None:
        self.path, self.digest = path, hashlib.sha256()
        self.card: dict[str, Any] | None = None
        self.seal: dict[str, Any] | None = None

    def read(self, name: str, content: IO[bytes], *, size_bytes: int) -> None:
        if name == SEAL:
            self.seal = self._words(content.read())
            return
        _check_name(self.path, name)
        self.digest.update(_heading(name, size_bytes))
        if name == CARD:
            data = content.read()
            self.card = self._words(data)
            self.digest.update(data)
        while chunk := content.read(CHUNK_BYTES):
            self.digest.update(chunk)

    def _words(self, data: bytes) -> dict[str, Any]:
        try:
            words = json.loads(data)
        except ValueError as error:
            raise BadArchive(f"{self.path} is damaged.") from error
        if not isinstance(words, dict):
            raise BadArchive(f"{self.path} is damaged.")
        return words


def _heading(name: str, size_bytes: int) -> bytes:
    return f"{name}\n{size_bytes}\n".encode()


def _check_name(path: Path, name: str) -> None:
    """Only our own names are allowed, so that an archive cannot write anywhere else."""
    if name in (CARD, ROWS, KEY):
        return
    folder, _, rest = name.removeprefix(PICTURES).partition("/")
    known = name.startswith(PICTURES) and folder in ("uploads", "results", "quarantine", "staged")
    if not known or not rest or ".." in rest.split("/"):
        raise BadArchive(f"{path} holds {name}, which no backup has.")
