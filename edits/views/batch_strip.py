"""Batches in the studio's strip: a card for each of the latest, with its first pictures and how far it is."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zlib import crc32

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from edits.http.batch_words import batch_words
from edits.http.shown_pictures import SMALL_PX, face_address
from edits.models import Batch, EditRequest, Status, User
from edits.services.batch.progress import Progress, progress_of

MOST_CARDS = 3
PICTURES = 4


@dataclass(frozen=True)
class BatchCard:
    """One batch in the strip; ``pictures`` are addresses of those of edits that are done."""

    batch: Batch
    progress: Progress
    pictures: tuple[str, ...]

    @property
    def words(self) -> str:
        """10 pictures × 4 seeds."""
        return batch_words(self.batch, number=self.progress.total)

    @property
    def mark(self) -> str:
        """What is shown of it."""
        said = f"{self.progress}{self.batch.paused_at}"
        return f"{crc32(said.encode()):08x}"


def batch_cards(user: User, *, since: datetime | None) -> list[BatchCard]:
    """The person's latest batches that are not older than ``since``, newest first.  Three queries at most."""
    latest = Batch.objects.of(user).order_by("-pk")
    recent = latest.filter(created_at__gte=since) if since else latest
    return _cards(list(recent[:MOST_CARDS]))


def changed_cards(user: User, shown: Mapping[str, str]) -> list[BatchCard]:
    """Those of the person's batches of which an open page shows something else; ``shown`` has marks by public id."""
    ids = []
    for text in list(shown)[:MOST_CARDS]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    cards = _cards(list(Batch.objects.of(user).filter(public_id__in=ids))) if ids else []
    return [card for card in cards if card.mark != shown[str(card.batch.public_id)]]


def _cards(batches: list[Batch]) -> list[BatchCard]:
    if not batches:
        return []
    progress, pictures = progress_of(batches), _pictures(batches)
    shown = [batch for batch in batches if progress[batch.pk].total]
    return [BatchCard(batch, progress[batch.pk], tuple(pictures[batch.pk])) for batch in shown]


def _pictures(batches: list[Batch]) -> dict[int, list[str]]:
    """The addresses of the first pictures of each; one query."""
    done = EditRequest.objects.not_trashed().filter(batch__in=batches, status=Status.SUCCEEDED)
    number = Window(RowNumber(), partition_by=F("batch"), order_by="batch_position")
    first = done.order_by().annotate(number=number).filter(number__lte=PICTURES).order_by("batch", "number")
    found = defaultdict[int, list[str]](list)
    for edit in first.select_related("merged").only("public_id", "batch", "original", "merged__state"):
        found[edit.batch_id or 0].append(face_address(edit, SMALL_PX))
    return found
