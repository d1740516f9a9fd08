"""Converts all rows to lines of JSON and back: independent of the database, exact to the microsecond, with keys.

    {"table": "edits.upload", "fields": ["id", "sha256", …]}      begins a table
    [1, "5f1c…", …]                                               is a row of it

Leaves out what a new installation creates by itself, and short-lived rows.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Field, ForeignKey, Model

MADE_BY_MIGRATIONS = {"contenttypes.contenttype", "auth.permission"}
"""Their keys differ between installations, and none of our tables refers to them."""
SHORT_LIVED = {
    "sessions.session", "admin.logentry", "edits.revealgrant", "edits.searchtext", "edits.searchpending",
}  # fmt: skip
"""All users sign in and uncover pictures again after a restore, and a worker indexes the edits.

The admin changes nothing, so that its own log is empty; our audit log is included.
"""
BATCH = 500


def tables() -> list[type[Model]]:
    """The models whose rows are copied, including many-to-many tables."""
    return [model for model in _all_models() if not _is_left_out(model)]


def _all_models() -> Iterable[type[Model]]:
    found = apps.get_models(include_auto_created=True)
    return (model for model in found if model._meta.managed and not model._meta.proxy)


def _is_left_out(model: type[Model]) -> bool:
    if model._meta.label_lower in MADE_BY_MIGRATIONS | SHORT_LIVED:
        return True
    targets = {field.remote_field.model for field in _columns(model) if isinstance(field, ForeignKey)}
    return any(target._meta.label_lower in MADE_BY_MIGRATIONS for target in targets)


def _columns(model: type[Model]) -> "list[Field[Any, Any]]":
    return list(model._meta.concrete_fields)


@contextmanager
def snapshot() -> Iterator[None]:
    """All reads inside see the same moment, without blocking writers.  Do not call it inside a transaction."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # ``atomic`` would take the write lock: the settings make it begin with BEGIN IMMEDIATE.
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def write_rows(stream: IO[bytes]) -> dict[str, int]:
    """Write all rows; returns how many by table.  Call it inside ``snapshot``."""
    counts = {}
    for model in tables():
        names = [column.attname for column in _columns(model)]
        stream.write(_line({"table": model._meta.label_lower, "fields": names}))
        count = 0
        for row in model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=BATCH):
            stream.write(_line(row))
            count += 1
        counts[model._meta.label_lower] = count
    return counts


def _line(value: object) -> bytes:
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a value that a backup knows")


@dataclass
class Table:
    """One table of a dump; read its rows before the next table."""

    label: str
    names: list[str]
    rows: Iterator[list[Any]] = field(default_factory=lambda: iter(()))


def read_tables(stream: Iterable[bytes]) -> Iterator[Table]:
    """The tables of a dump.  Raises ValueError for lines that are not one."""
    lines = (json.loads(line) for line in stream)
    following: list[dict[str, Any]] = []

    def rows() -> Iterator[list[Any]]:
        for line in lines:
            if isinstance(line, dict):
                following.append(line)
                return
            yield line

    for _ in rows():
        raise ValueError("rows before the first table")
    while following:
        head = following.pop()
        table = Table(head["table"], head["fields"], rows())
        yield table
        for _ in table.rows:  # skip the rows that the caller did not read
            continue


def load_rows(stream: Iterable[bytes]) -> None:
    """Insert all rows of a dump into empty tables.

    Call it in a transaction: references are complete only at the end.
    """
    known = {model._meta.label_lower: model for model in tables()}
    for table in read_tables(stream):
        model = known[table.label]
        columns = {column.attname: column for column in _columns(model)}
        read = [columns[name].to_python for name in table.names]
        while batch := list(islice(table.rows, BATCH)):
            model._base_manager.bulk_create(
                model(**{name: to(value) for name, to, value in zip(table.names, read, row, strict=True)})
                for row in batch
            )
    with connection.cursor() as cursor:
        for command in connection.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(command)


def empty_tables() -> None:
    """Delete all rows except those that migrations create.  Call it in a transaction."""
    with connection.cursor() as cursor:
        for model in _all_models():
            if model._meta.label_lower not in MADE_BY_MIGRATIONS:
                name = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(f"DELETE FROM {name}")  # noqa: S608  a table's own name
