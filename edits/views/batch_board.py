"""The board of a batch: a cell for each edit, in rows and columns where two things differ; and what of it changed.

    GET /status/?as=cell&board=<batch>&marks=q3f1ad09b2…

``marks`` are five characters for each edit, in their order, that say what the page shows of it: only what differs is
sent again.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from django.http import HttpRequest
from django.utils import timezone

from edits.http.access import signed_in
from edits.http.batch_words import axes_of, batch_words, value_words
from edits.http.edit_status import StatusDisplay, failure_sentence, status_display
from edits.http.humanize import span
from edits.models import Batch, EditRequest, Status, User
from edits.services.batch.progress import Progress, progress_of
from edits.services.queue.positions import QueuePosition, queue_positions

LETTERS = {"queued": "q", "paused": "p", "held": "h", "retrying": "t", "running": "r", "saving": "s",
           "finishing": "n", "filtered": "x", "failed": "f", "canceled": "c", "done": "d"}  # fmt: skip
MARK_CHARS = 5


@dataclass(frozen=True)
class Cell:
    """One edit on the board; ``label`` says how it differs from the others."""

    edit: EditRequest
    place: QueuePosition | None
    status: StatusDisplay
    label: str

    @property
    def mark(self) -> str:
        """What is shown of it, in five characters."""
        said = f"{self.status.sentence}{self.status.again_at}{self.status.tries}"
        return f"{LETTERS[self.status.kind]}{crc32(said.encode()) & 0xFFFF:04x}"


@dataclass(frozen=True)
class Row:
    """A row of a grid; ``source``: an edit of the row's picture.  A cell is None where its edit is gone."""

    title: str
    source: EditRequest | None
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Board:
    """A batch as its page shows it: ``rows`` where it is a grid, otherwise only ``cells``."""

    batch: Batch
    progress: Progress
    cells: tuple[Cell, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    left_words: str = ""
    """How long it will take still; blank where nobody knows."""

    @property
    def marks(self) -> str:
        """What is shown of all of them."""
        return "".join(cell.mark for cell in self.cells)

    @property
    def is_moving(self) -> bool:
        """Something of it will change, so open pages go on asking."""
        return any(cell.status.is_moving for cell in self.cells)

    @property
    def words(self) -> str:
        """10 pictures × 4 seeds."""
        return batch_words(self.batch, number=len(self.cells))

    @property
    def prompt(self) -> str:
        """What they share; blank where the prompts differ."""
        prompts = {cell.edit.prompt for cell in self.cells}
        return prompts.pop() if len(prompts) == 1 else ""

    @property
    def models(self) -> str:
        """The ids of the models that make it."""
        return ", ".join(dict.fromkeys(cell.edit.model for cell in self.cells))

    @property
    def failures(self) -> list[tuple[Cell, str]]:
        """Those that failed, each with the plain cause."""
        failed = [cell for cell in self.cells if cell.edit.status == Status.FAILED]
        return [(cell, failure_sentence(cell.edit)) for cell in failed]


@dataclass(frozen=True)
class BoardUpdate:
    """What an open board swaps in; ``changed`` are whole cells, ``words`` only the words of cells."""

    board: Board
    changed: tuple[Cell, ...]
    words: tuple[Cell, ...]
    is_outdated: bool
    """The page shows other edits than there are: it has to be loaded again."""


def board_of(batch: Batch, *, viewer: User) -> Board:
    """The whole board; a bounded number of queries, whatever its size."""
    edits = EditRequest.objects.not_trashed().filter(batch=batch).with_cards(viewer)
    listed = list(edits.order_by("batch_position"))
    places, now = queue_positions(listed), timezone.now()
    labels = _labels(batch, listed)
    cells = [
        Cell(edit, place, status_display(edit, place=place, now=now), labels[edit.pk])
        for edit in listed
        for place in [places.get(edit.pk)]
    ]
    progress = progress_of([batch])[batch.pk]
    left = "" if batch.paused_at else _left_words(cells)
    axes = axes_of(batch)
    if len(axes) != 2:
        return Board(batch, progress, tuple(cells), left_words=left)
    (first, columns), (second, rows) = axes
    return Board(
        batch,
        progress,
        tuple(cells),
        columns=tuple(value_words(first, value) for value in columns),
        rows=_rows(cells, columns=len(columns), name=second, titles=rows),
        left_words=left,
    )


def _labels(batch: Batch, edits: Sequence[EditRequest]) -> dict[int, str]:
    """How each differs from the others: its values, or number and picture where it was described by itself."""
    axes = axes_of(batch)
    if not axes:
        return {edit.pk: f"{edit.batch_position} · {edit.source_name}" for edit in edits}
    last = len(axes[-1][1])
    labels = {}
    for edit in edits:
        at = (edit.batch_position or 1) - 1
        indexes = [at] if len(axes) == 1 else [at // last, at % last]
        values = [value_words(name, found[index]) for (name, found), index in zip(axes, indexes, strict=True)]
        labels[edit.pk] = " · ".join(values)
    return labels


def _rows(cells: Sequence[Cell], *, columns: int, name: str, titles: Sequence[str]) -> tuple[Row, ...]:
    """The last axis changes fastest, so that the first edit of each row follows that of the row before."""
    by_position = {cell.edit.batch_position: cell for cell in cells}
    rows = []
    for index, title in enumerate(titles):
        own = tuple(by_position.get(column * len(titles) + index + 1) for column in range(columns))
        first = next((cell.edit for cell in own if cell), None)
        rows.append(Row(value_words(name, title), first if name == "picture" else None, own))
    return tuple(rows)


def _left_words(cells: Sequence[Cell]) -> str:
    """Until the last one is done, where the time of each is known."""
    seconds = 0.0
    for cell in cells:
        if cell.status.kind == "queued":
            place = cell.place
            if place is None or place.wait_seconds is None or place.run_seconds is None:
                return ""
            seconds = max(seconds, place.wait_seconds + place.run_seconds)
    return span(seconds) if seconds else ""


def board_update(request: HttpRequest) -> BoardUpdate | None:
    """What changed of the viewer's own board that the page shows; None where it shows none."""
    asked = request.POST if request.method == "POST" else request.GET
    try:
        public_id = uuid.UUID(asked.get("board", ""))
    except ValueError:
        return None
    viewer = signed_in(request)
    batch = Batch.objects.of(viewer).filter(public_id=public_id).first()
    return _compared(board_of(batch, viewer=viewer), asked.get("marks", "")) if batch else None


def _compared(board: Board, marks: str) -> BoardUpdate:
    shown = [marks[at : at + MARK_CHARS] for at in range(0, len(marks), MARK_CHARS)]
    if len(shown) != len(board.cells):
        return BoardUpdate(board, (), (), is_outdated=True)
    pairs = list(zip(board.cells, shown, strict=True))
    moved = tuple(cell for cell, mark in pairs if cell.mark[0] != mark[:1])
    unmoved = [cell for cell, mark in pairs if cell.mark[0] == mark[:1] and cell.mark != mark]
    said = tuple(cell for cell in unmoved if cell.status.kind != "done")  # a picture stands without words
    return BoardUpdate(board, moved, said, is_outdated=False)
