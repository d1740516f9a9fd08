"""Writes the words by which edits are found, for those that triggers have noted: new ones, and all after an upgrade.

Work is done in short transactions, the newest edits first, and continues where it was stopped.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from edits.folding import fold, words_of
from edits.models import Comment, EditRequest, ReturnedImage, SearchPending, SearchText, Status, Tag
from edits.models.search_text import PARTS, Mark, number_word
from edits.models.searching import MOST_PENDING

CHUNK = 250
"""Edits whose words are written in one transaction: some 30 ms of SQLite's write lock."""
CHUNKS_PER_ROUND = 16


@dataclass(frozen=True)
class Progress:
    """How many edits are still to be read, of how many."""

    pending: int
    edits: int

    @property
    def percent(self) -> int:
        """How much is done; 100 only when all is."""
        return 100 if not self.pending else max(0, min(99, 100 - 100 * self.pending // max(1, self.edits)))


def progress() -> Progress:
    """Counts both, which in a library of a million takes some 50 ms."""
    return Progress(SearchPending.objects.count(), EditRequest.objects.count())


def progress_if_behind() -> Progress | None:
    """The progress while more edits are pending than searches ask for themselves; otherwise None, at once."""
    few = SearchPending.objects.all()[: MOST_PENDING + 1].count() <= MOST_PENDING
    return None if few else progress()


def keep_index(*, lease: timedelta, now: datetime) -> int:
    """A worker's round: some of what is pending, so that other rounds and pages come between; returns how many."""
    done = 0
    for _ in range(CHUNKS_PER_ROUND):
        count = index_pending()
        done += count
        if count < CHUNK:
            break
    return done


def index_pending(*, most: int = CHUNK) -> int:
    """Write the words of some edits that are pending, in one transaction; returns how many."""
    if not SearchPending.objects.exists():  # an empty transaction would take SQLite's write lock
        return 0
    with transaction.atomic():
        # Another worker's are left to it.  They are deleted before anything is read: what changes from now on is
        # noted again.
        waiting = SearchPending.objects.select_for_update(skip_locked=True).order_by("-edit_id")
        keys = list(waiting.values_list("pk", flat=True)[:most])
        SearchPending.objects.filter(pk__in=keys).delete()
        texts = [SearchText(edit_id=key, words=words) for key, words in _texts(keys)]
        SearchText.objects.bulk_create(
            texts, update_conflicts=True, update_fields=["words"], unique_fields=["edit"]
        )
    return len(keys)


def _texts(keys: list[int]) -> Iterable[tuple[int, str]]:
    """The text of each edit that there still is."""
    said: dict[int, list[list[str]]] = defaultdict(list)
    tags = Tag.edits.through.objects.filter(editrequest__in=keys).order_by("pk")
    for key, name in tags.values_list("editrequest_id", "tag__name"):
        said[key].append(words_of(fold(name)))
    for key, text in Comment.objects.filter(edit__in=keys).order_by("pk").values_list("edit_id", "text"):
        said[key].append(words_of(fold(text)))
    confirmed = ReturnedImage.objects.filter(edit__in=keys, edit__status=Status.SUCCEEDED)
    seeds = dict(confirmed.values_list("edit_id", "seed_used"))
    for edit in EditRequest.objects.filter(pk__in=keys).order_by().only(*_READ):
        parts = [words_of(fold(edit.prompt)), *said[edit.pk], _marked(edit, seed_used=seeds.get(edit.pk))]
        yield edit.pk, f" {PARTS} ".join(" ".join(part) for part in parts if part)


_READ = (
    "prompt", "source_name", "source_is_shared", "shared_at", "owner_id", "upload_id", "original_id", "model", "seed",
    "steps", "cfg_scale",
)  # fmt: skip


def _marked(edit: EditRequest, *, seed_used: int | None) -> list[str]:
    """The words with a mark.  Those of the source's name are for the team only if the source is."""
    name = words_of(fold(edit.source_name))
    shown = {
        Mark.FILE: name,
        Mark.FILE_FOR_ALL: name if edit.source_is_shared else [],
        Mark.MODEL: words_of(fold(edit.model)),
        Mark.SEED: {str(seed) for seed in (edit.seed, seed_used) if seed is not None},
        Mark.STEPS: [] if edit.steps is None else [str(edit.steps)],
        Mark.CFG_SCALE: [] if edit.cfg_scale is None else [number_word(edit.cfg_scale)],
        Mark.UPLOAD: {str(key) for key in (edit.upload_id, edit.original_id) if key},
        Mark.OWNER: [str(edit.owner_id)],
        Mark.SHARED: [""] if edit.shared_at else [],
    }
    marked = ([f"{mark}{word}" for word in words] for mark, words in shown.items())
    return f" {PARTS} ".join(" ".join(words) for words in marked if words).split()
