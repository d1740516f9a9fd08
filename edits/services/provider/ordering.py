"""The order of things that people move by one place at a time."""

from collections.abc import Sequence
from typing import Protocol, TypeVar


class HasKey(Protocol):
    """A row."""

    pk: int


Row = TypeVar("Row", bound=HasKey)


def moved_by_one(rows: Sequence[Row], pk: int, *, up: bool) -> list[Row] | None:
    """The rows with one of them a place further up or down; None where it cannot go there."""
    here = next((place for place, row in enumerate(rows) if row.pk == pk), None)
    there = None if here is None else here + (-1 if up else 1)
    if here is None or there is None or not 0 <= there < len(rows):
        return None
    order = list(rows)
    order[here], order[there] = order[there], order[here]
    return order
