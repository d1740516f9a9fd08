"""Compares rows with the files in the storage.  Both may change meanwhile, so suspects are checked twice.

missing      a row names a file that is not there, or an empty one
orphaned     a file that no row names; young ones are skipped, because they may be in the making
unexpected   a file outside of Retake's folders, or derived from a withheld picture
changed      a picture of another size than its row says or, if requested, of another SHA-256
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any, Protocol, TypeVar, cast

from django.core.files.storage import default_storage
from django.db.models import Model, Q

from edits.models import MergedPicture, ReturnedImage, StagedUpload, Upload
from edits.services.pictures.fsck.index import FileIndex, Named

YOUNG = timedelta(hours=1)
BATCH = 500
CHUNK_BYTES = 2**20
FOLDERS = ("uploads/", "results/", "quarantine/", "staged/", "probes/")
DRAFT = ".part"
FIELDS: dict[type[Model], tuple[str, ...]] = {
    Upload: ("file", "thumb_320", "thumb_1024"),
    ReturnedImage: ("file", "thumb_320", "thumb_1024", "change_map"),
    MergedPicture: ("file", "thumb_320", "thumb_1024"),
    StagedUpload: ("original",),
}
HASHED = (Upload, ReturnedImage, MergedPicture)
"""Tables that record what is in their files."""
TABLES = {model._meta.model_name or "": model for model in FIELDS}
T = TypeVar("T")


class Kind(StrEnum):
    """What can be wrong with a file."""

    MISSING = "missing"
    ORPHANED = "orphaned"
    UNEXPECTED = "unexpected"
    CHANGED = "changed"


@dataclass(frozen=True)
class Finding:
    """One problem.  ``named`` is the row's reference to the file, if there is one."""

    kind: Kind
    name: str
    detail: str = ""
    named: Named | None = None


@dataclass
class Census:
    """How many files there are; complete once all findings were read."""

    named: int = 0
    stored: int = 0
    unnamed: int = 0


class Walkable(Protocol):
    """Both storage backends of Retake."""

    def walk(self, under: str = "") -> Iterable[tuple[str, int, datetime]]:
        """Name, size in bytes and modification time of each file below this folder."""
        ...


def walk(under: str = "") -> Iterable[tuple[str, int, datetime]]:
    """The files that the storage holds below this folder.  Raises OSError."""
    return cast(Walkable, default_storage).walk(under)


def find_wrong(*, now: datetime, census: Census, hashes: bool = False) -> Iterator[Finding]:
    """Yield all problems as they are found; memory use does not grow with the number of pictures.

    ``hashes`` reads every picture whole.  Raises OSError if the storage cannot be listed.
    """
    with FileIndex.opened() as index:
        for model, fields in FIELDS.items():
            for batch in batches(_rows(model, *fields)):
                index.expect(named for row in batch for named in _files_of(row))
                yield from filter(None, map(_out_of_place, batch))
        census.named = index.count("named")
        yield from _walk(index, now=now, census=census)
        census.unnamed = index.count("unnamed")
        for lost in batches(index.unseen()):
            yield from _missing(lost)
        for names in batches(index.unnamed()):
            taken = named_by_rows(names)
            yield from (Finding(Kind.ORPHANED, name) for name in names if name not in taken)
    if hashes:
        for model in HASHED:
            yield from filter(None, map(_changed, _rows(model, "file", "sha256")))


def _rows(model: type[Model], *fields: str) -> Iterator[Any]:
    """All rows in batches: one long query would block the database for as long as the files take."""
    extra = ("size_bytes", "withheld") if model is ReturnedImage else ("size_bytes",)
    rows = model._default_manager.order_by("pk").only(*fields, *extra)
    last = 0
    while found := list(rows.filter(pk__gt=last)[:BATCH]):
        yield from found
        last = found[-1].pk


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Lists of up to ``BATCH`` items."""
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _files_of(row: Any) -> Iterator[Named]:
    model = type(row)
    for field in FIELDS[model]:
        name = str(getattr(row, field) or "")
        if name:
            size = row.size_bytes if field == "file" else None
            yield Named(name, model._meta.model_name, row.pk, field, size)


def _out_of_place(row: Any) -> Finding | None:
    """A withheld picture outside of quarantine, or a shown one inside."""
    if not isinstance(row, HASHED):
        return None
    name, withheld = str(row.file), getattr(row, "withheld", False)
    if name.startswith("quarantine/") == withheld:
        return None
    where = "withheld, but not in quarantine" if withheld else "shown, but in quarantine"
    return Finding(Kind.UNEXPECTED, name, where)


def _walk(index: FileIndex, *, now: datetime, census: Census) -> Iterator[Finding]:
    for name, size_bytes, changed_at in walk():
        census.stored += 1
        known = index.see(name)
        for named in known:
            if named.size_bytes not in (None, size_bytes) and named_by_rows([name]):
                detail = f"{size_bytes} bytes, its row says {named.size_bytes}"
                yield Finding(Kind.CHANGED, name, detail, named)
            if named.size_bytes is None and not size_bytes and named_by_rows([name]):
                yield Finding(
                    Kind.MISSING, name, f"the {named.field} of {named.table} {named.pk} is empty", named
                )
        if known:
            continue
        young = changed_at > now - YOUNG
        if _is_derived_of_withheld(name):
            yield Finding(Kind.UNEXPECTED, name, "derived of a withheld picture")
        elif not young and name.startswith(FOLDERS):
            index.note_unnamed(name)
        elif not young:
            yield Finding(Kind.UNEXPECTED, name, "in none of the folders of Retake")


def _is_derived_of_withheld(name: str) -> bool:
    """Only the full picture may be in quarantine: nobody who may see the picture sees its renditions."""
    last = name.rsplit("/", 1)[-1]
    return name.startswith("quarantine/") and not last.startswith("full") and not last.endswith(DRAFT)


def _missing(lost: list[Named]) -> Iterator[Finding]:
    """Those that a row still names and that are still missing."""
    taken = named_by_rows([named.name for named in lost])
    for named in lost:
        if named.name in taken and not default_storage.exists(named.name):
            detail = f"{named.field} of {named.table} {named.pk}"
            yield Finding(Kind.MISSING, named.name, detail, named)


def named_by_rows(names: list[str]) -> set[str]:
    """Those of these files that a row names now."""
    found: set[str] = set()
    for model, fields in FIELDS.items():
        any_field = reduce(or_, (Q(**{f"{field}__in": names}) for field in fields))
        rows = model._default_manager.filter(any_field).values_list(*fields)
        found.update(str(name) for row in rows for name in row)
    return found.intersection(names)


def _changed(row: Any) -> Finding | None:
    name = str(row.file)
    if not name:
        return None
    try:
        sha256 = _sha256(name)
    except FileNotFoundError:
        return None  # missing, or deleted since its row was read
    if sha256 == row.sha256 or name not in named_by_rows([name]):
        return None
    named = Named(name, type(row)._meta.model_name, row.pk, "file", row.size_bytes)
    return Finding(Kind.CHANGED, name, f"its SHA-256 is not that of {named.table} {row.pk}", named)


def _sha256(name: str) -> str:
    digest = hashlib.sha256()
    with default_storage.open(name) as file:
        for chunk in file.chunks(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
