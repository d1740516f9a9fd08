"""What tests of backups share: everything there is, an installation that has nothing, altered archives."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from edits.services.backups.archive import entries, written
from edits.services.backups.backing_up import back_up
from edits.services.backups.row_lines import empty_tables, snapshot, write_rows
from edits.services.pictures.fsck.check import Census, find_wrong
from tests.first_rows import make_first_rows
from tests.stored import forget, stored

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def backup_in(folder: Path) -> Path:
    """A backup of what there is now."""
    path = folder / "retake.tar"
    back_up(path, now=NOW)
    return path


def rows() -> dict[str, list[Any]]:
    """All rows as they are now, by table."""
    stream, label = io.BytesIO(), ""
    found: dict[str, list[Any]] = {}
    with snapshot():
        write_rows(stream)
    for line in stream.getvalue().splitlines():
        value = json.loads(line)
        if isinstance(value, dict):
            label = value["table"]
        found.setdefault(label, []).append(value)
    return found


def pictures() -> dict[str, bytes]:
    """All files by their names."""
    return {name: default_storage.open(name).read() for name in stored()}


def wrong() -> list[Any]:
    """What does not agree, every byte compared."""
    later = timezone.now() + timedelta(hours=2)
    return list(find_wrong(now=later, census=Census(), hashes=True))


def fresh() -> None:
    """As after the first start somewhere else."""
    with transaction.atomic():
        empty_tables()
        make_first_rows()
    forget()


def remade(
    path: Path,
    *,
    card: Callable[[dict[str, Any]], dict[str, Any]] = lambda card: card,
    rows: Callable[[bytes], bytes] = lambda data: data,
) -> Path:
    """The archive with another card or other rows, sealed again."""
    altered = path.with_name("altered.tar")
    with written(altered) as archive:
        for name, content, _ in entries(path):
            data = content.read()
            if name == "backup.json":
                data = json.dumps(card(json.loads(data))).encode()
            if name == "rows.jsonl":
                data = rows(data)
            if name != "seal.json":
                archive.add(name, data)
        archive.seal(missing=[])
    return altered
