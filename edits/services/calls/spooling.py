"""Keeps what was paid for on this machine's disk until the database and the storage have taken it.

    DATA_DIR/spool/<edit>-<fence>.answer      one line of JSON, then the bytes of the picture
    DATA_DIR/spool/<edit>-<fence>.link        one line of JSON: the picture is still to be fetched

A file is locked by the process that works on it, and let go by the kernel when that process dies.
"""

import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Self

from django.conf import settings

from edits.models import EditRequest
from edits.services import event_log
from edits.services.calls.call_results import CallResult
from edits.services.pictures.storing import new_stem

log = logging.getLogger(__name__)

SUFFIX = ".answer"
LINK_SUFFIX = ".link"
SET_ASIDE = ".set-aside"
DRAFT_SECONDS = 60
PUBLIC_ID_CHARS = 36
SET_ASIDE_FOR = timedelta(days=30)


@dataclass
class SpooledAnswer:
    """One answer that is not stored yet.  ``stem`` is where its picture goes, the same on each try."""

    edit_id: int
    public_id: str
    fence: int
    stem: str
    answered_at: datetime
    outcome: CallResult
    path: Path | None = None
    file: BinaryIO | None = None

    @property
    def size_bytes(self) -> int:
        """Of its picture."""
        return len(self.outcome.picture.data) if self.outcome.picture else 0

    @property
    def tried_at(self) -> datetime:
        """When its link was followed last."""
        assert self.path is not None
        return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)

    def note_try(self, at: datetime) -> None:
        """Its link was followed, and gave nothing yet."""
        if self.path:
            os.utime(self.path, (at.timestamp(), at.timestamp()))

    def forget(self) -> None:
        """It is stored, or nobody wants it any more."""
        if self.path:
            self.path.unlink(missing_ok=True)
        self.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Let another try have it: it stays on the disk, or in memory where the disk did not take it."""
        if self.file:
            self.file.close()
            self.file = None

    def set_aside(self) -> None:
        """Out of the way of further tries, for the operator to look at."""
        if self.path:
            self.path = put_aside(self.path)
        self.release()


_unwritten: list[SpooledAnswer] = []
_lock = threading.Lock()


def folder() -> Path:
    """Where answers lie; readable by the server alone, for withheld pictures may be among them."""
    path: Path = settings.DATA_DIR / "spool"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def spool_answer(edit: EditRequest, outcome: CallResult, *, now: datetime) -> SpooledAnswer:
    """Write the answer down before anything else is tried with it.  A disk that is full leaves it in memory."""
    kept = SpooledAnswer(
        edit.pk, str(edit.public_id), edit.fence, new_stem(withheld=outcome.is_stopped), now, outcome
    )
    try:
        _write(kept, _path(edit, LINK_SUFFIX if outcome.link else SUFFIX))
    except OSError:
        log.exception("The answer to edit %s could not be spooled and is kept in memory", edit.public_id)
    return kept


def has_spooled_answer(edit: EditRequest) -> bool:
    """Whether this machine's disk holds the paid answer to the edit's call; the machine that has it stores it."""
    return any(_path(edit, suffix).exists() for suffix in (SUFFIX, LINK_SUFFIX))


def _path(edit: EditRequest, suffix: str) -> Path:
    return folder() / f"{edit.public_id}-{edit.fence}{suffix}"


def _write(kept: SpooledAnswer, path: Path) -> None:
    """Locked from the first byte on: the lock stays with the file when it gets its name."""
    draft = path.with_suffix(".part")
    words = {
        "edit_id": kept.edit_id,
        "public_id": kept.public_id,
        "fence": kept.fence,
        "stem": kept.stem,
        "answered_at": kept.answered_at.isoformat(),
        "outcome": kept.outcome.words(),
    }
    file = os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(words).encode() + b"\n")
        file.write(kept.outcome.picture.data if kept.outcome.picture else b"")
        file.flush()
        os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        file.close()
        with suppress(OSError):
            draft.unlink()
        raise
    kept.path, kept.file = path, file


def leave_for_later(kept: SpooledAnswer) -> None:
    """It could not be stored now; ``spooled_answers`` gives it again."""
    if kept.path is None:
        with _lock:
            _unwritten.append(kept)
    kept.release()


def spooled_answers() -> Iterator[SpooledAnswer]:
    """The answers that no thread works on, each locked for the caller.  Damaged files are set aside."""
    for _ in range(len(_unwritten)):
        with _lock:
            kept = _unwritten.pop(0)
        yield kept
    _clear_drafts()
    yield from filter(None, map(_taken, sorted(folder().glob(f"*{SUFFIX}"))))


def spooled_links() -> Iterator[SpooledAnswer]:
    """The same of those whose pictures are still to be fetched."""
    yield from filter(None, map(_taken, sorted(folder().glob(f"*{LINK_SUFFIX}"))))


def of_edits() -> Iterator[tuple[str, Path]]:
    """All answers on this machine's disk, with the public id of the edit to which each belongs."""
    for suffix in (SUFFIX, LINK_SUFFIX):
        for path in folder().glob(f"*{suffix}"):
            yield path.name[:PUBLIC_ID_CHARS], path


def _clear_drafts() -> None:
    """What a worker was writing when it was killed: its call is on record as cut off."""
    for draft in folder().glob("*.part"):
        with suppress(OSError), draft.open("r+b") as file:
            if time.time() - draft.stat().st_mtime < DRAFT_SECONDS:
                continue  # another thread has made it, and is about to lock it
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.unlink()


def _taken(path: Path) -> SpooledAnswer | None:
    try:
        file = path.open("r+b")
    except FileNotFoundError:  # stored meanwhile
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not path.exists():  # stored between the look and the lock
            raise BlockingIOError
    except BlockingIOError:
        file.close()
        return None
    try:
        words = json.loads(file.readline())
        words["answered_at"] = datetime.fromisoformat(words["answered_at"])
        words["outcome"] = CallResult.of_words(words["outcome"], file.read())
        return SpooledAnswer(**words, path=path, file=file)
    except (ValueError, KeyError, TypeError):
        log.exception("The spooled answer %s cannot be read; it is set aside", path.name)
        put_aside(path)
        file.close()
        return None


def put_aside(path: Path) -> Path:
    """Rename an answer so that nobody tries it again; its days begin now."""
    os.utime(path)
    return path.replace(path.with_suffix(SET_ASIDE))


def purge_set_aside(*, now: datetime) -> int:
    """Delete what nobody has looked at for its days; returns how many."""
    purged = 0
    for path in folder().glob(f"*{SET_ASIDE}"):
        with suppress(FileNotFoundError):  # another process was faster
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - SET_ASIDE_FOR:
                path.unlink()
                purged += 1
                event_log.set_aside_deleted(
                    path.stem[:PUBLIC_ID_CHARS], fence=path.stem[PUBLIC_ID_CHARS + 1 :]
                )
    return purged


def count() -> int:
    """How many answers are on this machine's disk, or in this process's memory for want of it."""
    return len(list(of_edits())) + len(_unwritten)
