"""Copies the database and all pictures that it names into one archive, while Retake keeps running.

The rows are from one snapshot.  Pictures are never changed, so those of the snapshot still exist afterwards,
except for those that were permanently deleted meanwhile.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage

from edits.services.backups.archive import CARD, FORMAT, KEY, PICTURES, ROWS, Writer, written
from edits.services.backups.row_lines import read_tables, snapshot, write_rows
from edits.services.migrating import known_migrations, lacking_migrations
from edits.services.pictures.fsck.check import FIELDS

MOST_NAMED = 1000
"""The most missing pictures that the seal names; the others are only counted."""


class NotMigrated(Exception):
    """The tables do not match this version of the code."""


@dataclass
class Report:
    """What a backup holds.  ``missing`` lists pictures that rows name but the storage lacks."""

    rows: dict[str, int] = field(default_factory=dict)
    pictures: int = 0
    size_bytes: int = 0
    missing: list[str] = field(default_factory=list)


def back_up(path: Path, *, now: datetime, with_secret_key: bool = False) -> Report:
    """Write the archive.  Raises OSError, NotMigrated, DatabaseError, and then leaves no file with this name."""
    report = Report()
    with written(path) as archive, tempfile.TemporaryFile(dir=path.parent) as rows:
        with snapshot():
            _require_migrated()
            report.rows = write_rows(rows)
        card = {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "migrations": known_migrations(),
            "rows": report.rows,
        }
        archive.add(CARD, json.dumps(card).encode())
        size_bytes = rows.tell()
        rows.seek(0)
        archive.add_stream(ROWS, rows, size_bytes=size_bytes)
        if with_secret_key:
            archive.add(KEY, str(settings.SECRET_KEY).encode())
        _add_pictures(archive, rows, report)
        archive.seal(pictures=report.pictures, missing=report.missing[:MOST_NAMED])
    return report


def _require_migrated() -> None:
    if behind := lacking_migrations():
        raise NotMigrated(f"The database lacks {some(behind)}: run manage.py migrate first.")


def some(names: Iterable[str]) -> str:
    """The first few of these names, comma-separated."""
    return ", ".join(sorted(names)[:5])


def _add_pictures(archive: Writer, rows: IO[bytes], report: Report) -> None:
    rows.seek(0)
    for name in names_in(rows):
        try:
            with default_storage.open(name) as file:
                data = file.read()
        except FileNotFoundError:
            report.missing.append(name)
            continue
        archive.add(f"{PICTURES}{name}", data)
        report.pictures += 1
        report.size_bytes += len(data)


def names_in(rows: Iterable[bytes]) -> Iterator[str]:
    """The files that these rows name."""
    fields = {model._meta.label_lower: names for model, names in FIELDS.items()}
    for table in read_tables(rows):
        places = [table.names.index(name) for name in fields.get(table.label, ())]
        if places:
            yield from (row[place] for row in table.rows for place in places if row[place])
