"""Changes any number of edits in chunks: each chunk is one transaction with a few statements.

Other writers get their turn between chunks.  A finished chunk stays changed, even if the next one fails.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from edits.models.edit_lookups import EditRequestQuerySet

CHUNK = 200


@dataclass(frozen=True)
class Tally:
    """How many edits were requested and how many changed; the others did not allow it."""

    asked: int
    changed: int

    @property
    def skipped(self) -> int:
        """How many were left unchanged."""
        return self.asked - self.changed


def in_chunks(
    edits: EditRequestQuerySet, *, within: EditRequestQuerySet, act: Callable[[EditRequestQuerySet], int]
) -> Tally:
    """Call ``act`` for these edits, oldest first, with those of each chunk that are in ``within``.

    Each edit is visited once, by primary key, because an action may change what ``edits`` selects.  ``act``
    returns how many it changed, and must change only edits in the state that it expects.
    """
    asked = changed = last = 0
    chosen = edits.order_by("pk").values_list("pk", flat=True)
    while keys := list(chosen.filter(pk__gt=last)[:CHUNK]):
        with transaction.atomic():
            changed += act(within.filter(pk__in=keys))
        asked += len(keys)
        last = keys[-1]
    return Tally(asked, changed)
