"""Keeps each person's past prompts: counted as edits are submitted, starred and removed by their owner.

Prompts of edits from before this table are read by a worker, in short transactions and the newest first; what a
previous version submits while it is being replaced is not counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from edits.folding import fold
from edits.models import EditRequest, PastPrompt, PromptFilling, User
from edits.models.past_prompts import digest_of

CHUNK = 500
"""Edits that are read in one transaction: some 20 ms of SQLite's write lock."""
CHUNKS_PER_ROUND = 16
UNDO_TIME = timedelta(days=1)
"""For so long a removed prompt can be brought back."""


@dataclass
class _Used:
    """A prompt of one person among some edits."""

    text: str
    uses: int
    last_used_at: datetime


def remember_prompts(edits: Iterable[EditRequest]) -> None:
    """Count the prompts of new edits, in the transaction that inserts them; one that was removed is back."""
    rows = ((edit.owner_id, edit.prompt, edit.created_at) for edit in edits)
    _count(rows, brings_back=True)


def fill_past_prompts(*, lease: timedelta, now: datetime) -> int:
    """A worker's round: read some earlier edits, so that other rounds and pages come between; returns how many."""
    done = 0
    for _ in range(CHUNKS_PER_ROUND):
        count = fill_some()
        done += count
        if count < CHUNK:
            break
    return done


def fill_some(*, most: int = CHUNK) -> int:
    """Read some earlier edits, in one transaction; returns how many."""
    if not PromptFilling.objects.filter(below__gt=0).exists():
        return 0
    with transaction.atomic():
        place = PromptFilling.objects.select_for_update(skip_locked=True).filter(below__gt=0).first()
        if place is None:  # another worker's turn
            return 0
        edits = EditRequest.objects.filter(pk__lt=place.below).order_by("-pk")
        rows = list(edits.values_list("pk", "owner", "prompt", "created_at", "trashed_at")[:most])
        _count(
            ((owner, prompt, at) for _, owner, prompt, at, trashed_at in rows if trashed_at is None),
            brings_back=False,
        )
        place.below = rows[-1][0] if len(rows) == most else 0
        place.save(update_fields=["below"])
    return len(rows)


def _count(rows: Iterable[tuple[int, str, datetime]], *, brings_back: bool) -> None:
    """Add the uses of these prompts (owner, prompt, when), each in one statement, always in the same order."""
    found: dict[tuple[int, str], _Used] = {}
    for owner, text, at in rows:
        used = found.setdefault((owner, digest_of(text)), _Used(text, 0, at))
        used.uses += 1
        if at > used.last_used_at:
            used.text, used.last_used_at = text, at
    if not found:
        return
    adapt = connection.ops.adapt_datetimefield_value
    params = [
        (owner, digest, used.text, fold(used.text), used.uses, adapt(used.last_used_at), False)
        for (owner, digest), used in sorted(found.items(), key=lambda item: item[0])
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT + (", removed_at = NULL" if brings_back else ""), params)


_UPSERT = """
INSERT INTO edits_pastprompt AS known (owner_id, digest, text, text_folded, uses, last_used_at, is_starred)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (owner_id, digest) DO UPDATE SET
    uses = known.uses + excluded.uses,
    text = CASE WHEN excluded.last_used_at >= known.last_used_at THEN excluded.text ELSE known.text END,
    text_folded = CASE WHEN excluded.last_used_at >= known.last_used_at
        THEN excluded.text_folded ELSE known.text_folded END,
    last_used_at = CASE WHEN excluded.last_used_at >= known.last_used_at
        THEN excluded.last_used_at ELSE known.last_used_at END
"""


def star_prompt(*, owner: User, pk: int, starred: bool) -> bool:
    """Set or remove the star of one's own prompt; False if there is none such.  Idempotent."""
    return bool(PastPrompt.objects.of(owner).kept().filter(pk=pk).update(is_starred=starred))


def remove_prompt(*, owner: User, pk: int, now: datetime) -> bool:
    """Remove it from one's history; False if it is not there.  ``bring_back_prompt`` undoes it for a day."""
    return bool(PastPrompt.objects.of(owner).kept().filter(pk=pk).update(removed_at=now))


def bring_back_prompt(*, owner: User, pk: int) -> bool:
    """Undo removing it; False if it is gone for good."""
    removed = PastPrompt.objects.of(owner).filter(pk=pk, removed_at__isnull=False)
    return bool(removed.update(removed_at=None))


def forget_removed_prompts(*, lease: timedelta, now: datetime) -> int:
    """Delete what was removed a day ago; returns how many rows.

    Not while earlier edits are being read: these would bring them back.
    """
    old = PastPrompt.objects.filter(removed_at__lt=now - UNDO_TIME)
    if not old.exists() or PromptFilling.objects.filter(below__gt=0).exists():
        return 0
    return old.delete()[0]
