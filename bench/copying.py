"""Copies the rows of a block of edits by SQL, as later edits with the same fate."""

from typing import Any

from django.db import connection, models, transaction

from edits.models import Attempt, Comment, EditRequest, ReturnedImage, ReviewCase, Star, Tag

EDIT = "edit_id"
TABLES: tuple[tuple[type[models.Model], str], ...] = (
    (ReturnedImage, EDIT),
    (ReviewCase, EDIT),
    (Attempt, EDIT),
    (Star, EDIT),
    (Comment, EDIT),
    (Tag.edits.through, "editrequest_id"),
)
"""What belongs to an edit, and the column that says to which."""


@transaction.atomic
def copy_block(*, after: int, length: int, by: int, seconds: float) -> None:
    """Copy the ``length`` edits whose keys follow ``after``: keys grow by ``by``, times by ``seconds``."""
    _copy(EditRequest, "id", after=after, length=length, shift={"id": by, "parent_id": by}, seconds=seconds)
    for model, column in TABLES:
        _copy(model, column, after=after, length=length, shift={column: by}, seconds=seconds)
    if connection.vendor == "postgresql":  # which has not seen the keys that were set
        with connection.cursor() as cursor:
            table = EditRequest._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
            )


def _copy(
    model: type[models.Model], column: str, *, after: int, length: int, shift: dict[str, int], seconds: float
) -> None:
    """All rows of a table whose ``column`` is among these keys; they get new keys unless ``shift`` says so."""
    fields = [
        field for field in model._meta.concrete_fields if not field.primary_key or field.column in shift
    ]
    names = ", ".join(_quoted(field.column) for field in fields)
    values = ", ".join(_value(field, shift, seconds) for field in fields)
    key, table = _quoted(column), _quoted(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} "  # noqa: S608  our own names
            f"WHERE {key} > {after} AND {key} <= {after + length} ORDER BY {_quoted('id')}"
        )


def _value(field: Any, shift: dict[str, int], seconds: float) -> str:
    name = _quoted(field.column)
    is_sqlite = connection.vendor == "sqlite"
    if field.column in shift:
        return f"{name} + {shift[field.column]}"
    if isinstance(field, models.UUIDField):
        return "lower(hex(randomblob(16)))" if is_sqlite else "gen_random_uuid()"
    if field.column in ("seed", "seed_used"):  # the same in an edit and its result
        return f"({name} + {int(seconds)}) % 2147483646 + 1"
    if isinstance(field, models.DateTimeField):
        later = f"strftime('%Y-%m-%d %H:%M:%f000', {name}, '+{seconds} seconds')"
        return later if is_sqlite else f"{name} + interval '{seconds} seconds'"
    return name


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(str(name))
