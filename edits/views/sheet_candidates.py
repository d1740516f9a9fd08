"""The candidates of a contact sheet: which edits, what tells them apart, and in which size they can be finished."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from edits.http.access import signed_in
from edits.http.batch_words import value_words
from edits.http.edit_status import StatusDisplay, status_display
from edits.models import Batch, EditRequest, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.batch.finishing import Obstacle, Target, targets_of
from edits.services.curating.voting import sheet_name_of_batch, sheet_name_of_ids
from edits.services.queue.positions import QueuePosition, queue_positions
from edits.views.batch_board import board_of
from edits.views.model_choice import price_words

MOST = 9
"""On one sheet, as there are keys for them."""
MOST_NAMED = 200
"""In an address or a form."""
COMPARED = ("source_name", "model", "prompt", "seed", "steps", "cfg_scale", "size")
BETWEEN = " · "


@dataclass(frozen=True)
class Candidate:
    """One edit of a sheet.  ``number`` is its key, ``label`` says how it differs from the others."""

    number: int
    edit: EditRequest
    place: QueuePosition | None
    status: StatusDisplay
    label: str
    target: Target | Obstacle

    @property
    def is_kept(self) -> bool:
        """Kept means starred: it survives a reload, and the gallery's filter finds it again."""
        return bool(self.edit.is_starred)  # type: ignore[attr-defined]  # of with_cards

    @property
    def can_finish(self) -> bool:
        """It can be sent again in another size."""
        return isinstance(self.target, Target)


@dataclass(frozen=True)
class Sheet:
    """At most nine candidates: of a batch, which may have more of them on other pages, or of a selection.

    ``name`` is what votes on it are kept under.
    """

    name: str
    candidates: tuple[Candidate, ...]
    batch: Batch | None = None
    page: int = 1
    pages: int = 1
    elsewhere: int = 0
    """How many more there are on its other pages, and how many of these are kept."""
    kept_elsewhere: int = 0

    @property
    def private(self) -> list[EditRequest]:
        """Its edits that colleagues could vote for, were they shared."""
        edits = [each.edit for each in self.candidates]
        return [edit for edit in edits if edit.is_done and not edit.shared_at]

    @property
    def has_shared(self) -> bool:
        """Whether its address opens anything for colleagues."""
        return any(each.edit.shared_at for each in self.candidates)

    @property
    def kept(self) -> int:
        """How many are kept, on all of its pages."""
        return self.kept_elsewhere + sum(candidate.is_kept for candidate in self.candidates)

    @property
    def prompt(self) -> str:
        """What they share; blank where the prompts differ."""
        prompts = {candidate.edit.prompt for candidate in self.candidates}
        return prompts.pop() if len(prompts) == 1 else ""

    @property
    def models(self) -> str:
        """The ids of the models that made them."""
        return ", ".join(dict.fromkeys(candidate.edit.model for candidate in self.candidates))

    @property
    def shape(self) -> str:
        """How the window is divided: for wide, square or tall pictures, by the first one."""
        upload = self.candidates[0].edit.upload
        ratio = upload.width_px / upload.height_px
        return "wide" if ratio > 1.2 else "tall" if ratio < 0.83 else "square"

    @property
    def total(self) -> int:
        """How many candidates there are, on all of its pages."""
        return len(self.candidates) + self.elsewhere

    @property
    def zoom_px(self) -> int | None:
        """The width of the picture that 100 % is about: the first one that is there."""
        done = (each.edit for each in self.candidates if each.status.kind == "done")
        return next((edit.result.width_px for edit in done), None)

    @property
    def price(self) -> str:
        """What one more edit costs, where all of them have the same price."""
        prices = {price_words(target.model) for target in self.targets}
        return prices.pop() if len(prices) == 1 else ""

    @property
    def targets(self) -> list[Target]:
        """Where those that can be finished are sent."""
        return [each.target for each in self.candidates if isinstance(each.target, Target)]

    @property
    def finish_size(self) -> str:
        """The size in which all of them are finished; blank where each has another one."""
        sizes = {target.size for target in self.targets}
        return sizes.pop() if len(sizes) == 1 else ""

    @property
    def is_larger(self) -> bool:
        """Finishing gives larger pictures; otherwise there are only smaller sizes left."""
        return any(target.is_larger for target in self.targets)

    @property
    def obstacle(self) -> Obstacle | None:
        """Why none of them can be finished; None where one can."""
        found = [each.target for each in self.candidates if not isinstance(each.target, Target)]
        return found[0] if len(found) == len(self.candidates) else None


def sheet_of_batch(batch: Batch, *, viewer: User, page: int, shared_only: bool = False) -> Sheet:
    """One page of a batch, for colleagues of what is shared; a bounded number of queries, whatever its size."""
    cells = board_of(batch, viewer=viewer).cells
    if shared_only:
        cells = tuple(cell for cell in cells if cell.edit.is_done and cell.edit.shared_at)
    edits = [cell.edit for cell in cells]
    targets = targets_of(edits)
    labels = [cell.label for cell in cells] if batch.axes and not shared_only else labels_of(edits, viewer)
    pages = max(1, -(-len(cells) // MOST))
    page = min(max(page, 1), pages)
    here = slice((page - 1) * MOST, page * MOST)
    kept = sum(bool(cell.edit.is_starred) for cell in cells)  # type: ignore[attr-defined]
    candidates = tuple(
        Candidate(number, cell.edit, cell.place, cell.status, label, targets[cell.edit.pk])
        for number, (cell, label) in enumerate(zip(cells[here], labels[here], strict=True), start=1)
    )
    return Sheet(
        sheet_name_of_batch(batch),
        candidates,
        batch,
        page,
        pages,
        elsewhere=len(cells) - len(candidates),
        kept_elsewhere=kept - sum(each.is_kept for each in candidates),
    )


def sheet_of_edits(edits: EditRequestQuerySet, *, viewer: User, named: Sequence[UUID]) -> Sheet:
    """The first nine of these edits, oldest first, of those that its address ``named``."""
    listed = list(edits.with_cards(viewer).order_by("pk")[:MOST])
    places, targets, labels, now = (
        queue_positions(listed),
        targets_of(listed),
        labels_of(listed, viewer),
        timezone.now(),
    )
    return Sheet(
        sheet_name_of_ids(named),
        tuple(
            Candidate(
                number, edit, place, status_display(edit, place=place, now=now), label, targets[edit.pk]
            )
            for number, (edit, label) in enumerate(zip(listed, labels, strict=True), start=1)
            for place in [places.get(edit.pk)]
        ),
    )


def labels_of(edits: Sequence[EditRequest], viewer: User) -> list[str]:
    """What differs between these edits, for each of them; its seed where nothing does.

    Names of sources are said only to those to whom all of these are open.
    """
    varied = [name for name in COMPARED if len({getattr(edit, name) for edit in edits}) > 1]
    if "source_name" in varied and not all(edit.source_is_open_to(viewer) for edit in edits):
        varied.remove("source_name")
    if len(varied) > 1 and "seed" in varied:
        varied.remove("seed")  # it was drawn for each of them; what was chosen says more
    return [BETWEEN.join(_words(edit, name) for name in varied or ["seed"]) for edit in edits]


def _words(edit: EditRequest, name: str) -> str:
    value = edit.seed_to_repeat if name == "seed" else getattr(edit, name)
    if value in (None, ""):
        return gettext("No seed") if name == "seed" else "–"
    return value_words(name, f"{value:g}" if isinstance(value, float) else str(value))


def posted_ids(request: HttpRequest, name: str) -> list[UUID]:
    """The public ids in a field that is repeated; what is none is left out."""
    sent = request.POST if request.method == "POST" else request.GET
    return [public_id for public_id in map(_uuid, sent.getlist(name)) if public_id]


def seen(request: HttpRequest) -> EditRequestQuerySet:
    """What a sheet shows to the viewer: their own edits, and what is shared; nothing in the trash."""
    return own(request) | EditRequest.objects.shared()


def own(request: HttpRequest) -> EditRequestQuerySet:
    """The viewer's own edits that are not in the trash: nobody else marks or finishes them."""
    return EditRequest.objects.of(signed_in(request)).not_trashed()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
