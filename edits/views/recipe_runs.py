"""A run of a recipe: how far each picture is, where and why it stopped; cancel, and going on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID
from zlib import crc32

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from edits.http.access import signed_in
from edits.http.edit_status import StatusDisplay, status_display
from edits.http.storage_errors import words_for
from edits.models import EditRequest, RecipeRun, RunStep, StepState, User
from edits.services.budgets.budgeting import OverBudget
from edits.services.queue.canceling import MAY_COST_AGAIN
from edits.services.queue.positions import queue_positions
from edits.services.recipes.run_actions import cancel_run, go_on, stopped_rows
from edits.services.recipes.steps import RecipeStep, steps_from_json
from edits.services.team.auditing import record
from edits.views.htmx import HtmxRequest
from edits.views.recipe_words import stop_words, wait_words

SMALL_CHARS = 60


@dataclass(frozen=True)
class RunCell:
    """One step of one picture; ``edit`` is None where it was deleted, ``status`` where nothing is shown of it."""

    row: RunStep | None
    edit: EditRequest | None
    status: StatusDisplay | None


@dataclass(frozen=True)
class RunPicture:
    """One picture with a cell for each step, those still to come too."""

    number: int
    name: str
    cells: tuple[RunCell, ...]
    stopped: str
    waits: str
    can_go_on: bool
    is_risky: bool
    last: RunStep


@dataclass(frozen=True)
class RunBoard:
    """A run as its page shows it."""

    run: RecipeRun
    steps: list[RecipeStep]
    pictures: list[RunPicture]
    done: int
    stopped: int
    is_moving: bool

    @property
    def safe(self) -> int:
        """How many pictures can go on without being charged twice."""
        return sum(picture.can_go_on and not picture.is_risky for picture in self.pictures)

    @property
    def results(self) -> list[EditRequest]:
        """The edits of the last step that are done and not thrown away."""
        last = [picture.cells[-1] for picture in self.pictures]
        return [cell.edit for cell in last if cell.edit and cell.status and cell.status.kind == "done"]

    @property
    def total(self) -> int:
        """Of edits, once all pictures have passed all steps."""
        return self.run.pictures * len(self.steps)

    @property
    def mark(self) -> str:
        """What is shown, in short: an open page that knows it gets nothing."""
        said = [
            f"{cell.edit.pk}{cell.status.kind}{cell.status.sentence}"
            for picture in self.pictures
            for cell in picture.cells
            if cell.edit and cell.status
        ]
        rows = [f"{picture.stopped}{picture.waits}" for picture in self.pictures]
        return f"{crc32(repr((said, rows, self.run.canceled_at)).encode()):08x}"


def board_of(run: RecipeRun, *, viewer: User) -> RunBoard:
    """The whole run; a bounded number of queries, whatever its size."""
    rows = list(RunStep.objects.filter(run=run).order_by("picture", "step"))
    keys = [row.edit_id for row in rows if row.edit_id]
    edits = {edit.pk: edit for edit in EditRequest.objects.filter(pk__in=keys).with_cards(viewer)}
    risky = set(EditRequest.objects.filter(MAY_COST_AGAIN, pk__in=keys).values_list("pk", flat=True))
    shown = [edit for edit in edits.values() if not edit.trashed_at]
    places, now = queue_positions(shown), timezone.now()
    statuses = {edit.pk: status_display(edit, place=places.get(edit.pk), now=now) for edit in shown}
    steps = steps_from_json(run.steps)
    pictures = [
        _picture(run, list(own), edits, statuses, risky=risky, steps=len(steps))
        for _, own in groupby(rows, key=lambda row: row.picture)
    ]
    states = Counter(row.state for row in rows)
    ends = sum(row.state == StepState.PASSED and row.step == len(steps) for row in rows)
    return RunBoard(run, steps, pictures, ends, states[StepState.STOPPED], _is_moving(run, rows, statuses))


def _is_moving(run: RecipeRun, rows: Sequence[RunStep], statuses: dict[int, StatusDisplay]) -> bool:
    is_open = not run.canceled_at and any(row.state == StepState.OPEN for row in rows)
    return is_open or any(status.is_moving for status in statuses.values())


def _picture(
    run: RecipeRun,
    rows: Sequence[RunStep],
    edits: dict[int, EditRequest],
    statuses: dict[int, StatusDisplay],
    *,
    risky: set[int],
    steps: int,
) -> RunPicture:
    cells = [RunCell(row, edits.get(row.edit_id or 0), statuses.get(row.edit_id or 0)) for row in rows]
    cells += [RunCell(None, None, None)] * (steps - len(rows))
    last, first = rows[-1], cells[0].edit
    is_stopped = last.state == StepState.STOPPED
    return RunPicture(
        last.picture,
        first.source_name if first else str(last.picture),
        tuple(cells),
        stop_words(last) if is_stopped else "",
        wait_words(last),
        can_go_on=is_stopped and not run.canceled_at and (last.edit_id or 0) in statuses,
        is_risky=last.edit_id in risky,
        last=last,
    )


@gzip_page
@never_cache
@require_safe
def run(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """All pictures of a run, for its owner; administrators too, each visit is recorded.  For others: 404."""
    user = signed_in(request)
    found = _visible(request, public_id)
    board = board_of(found, viewer=user)
    if request.htmx and request.GET.get("seen") == board.mark:
        return HttpResponse(status=204)
    context = {"board": board, "viewer": user, "mine": found.owner_id == user.pk}
    return render(request, "recipes/run.html", context)


@require_POST
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Begin no further step; what runs may be charged, and is finished."""
    if cancel_run(run=_own(request, public_id), now=timezone.now()):
        messages.success(request, gettext("Canceled. No further step is sent."))
    return redirect("edits:recipe_run", public_id)


@require_POST
def again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Try again from where pictures stopped: one that is named, otherwise all that cannot be charged twice."""
    found, named = _own(request, public_id), request.POST.get("picture", "")
    rows = stopped_rows(found, with_risky=bool(named))
    if named:
        rows = [row for row in rows if str(row.picture) == named]
    try:
        count = sum(go_on(row, now=timezone.now()) for row in rows)
    except OverBudget as error:
        messages.error(request, error.sentence)
    except OSError as error:
        messages.error(request, words_for(error))
    else:
        words = ngettext("%(number)s picture continues.", "%(number)s pictures continue.", count)
        messages.success(request, words % {"number": count})
    return redirect("edits:recipe_run", public_id)


def _own(request: HttpRequest, public_id: UUID) -> RecipeRun:
    return get_object_or_404(RecipeRun.objects.of(signed_in(request)), public_id=public_id)


def _visible(request: HttpRequest, public_id: UUID) -> RecipeRun:
    """The viewer's own; administrators get anybody's, and it is recorded.  Raises Http404."""
    user = signed_in(request)
    visible = RecipeRun.objects.all() if user.is_administrator else RecipeRun.objects.of(user)
    found = visible.select_related("owner", "version__recipe").filter(public_id=public_id).first()
    if found is None:
        raise Http404
    if found.owner_id != user.pk:
        detail = f"of {found.owner.username}"
        record(
            actor=user,
            action="looked at a recipe run",
            subject=str(public_id),
            detail=detail,
            now=timezone.now(),
        )
    return found
