"""The current status of edits, for open pages: one poll asks for all that are active on a page.

    GET /status/?as=card&id=<edit>&was=queued&id=…&was=…&stage=<edit>

``as`` is what the page shows of an edit: card (gallery), thumb (strip of the studio), page (viewer), sheet (contact
sheet) or cell (board of a batch, which ``board`` names; ``marks`` say what it shows of each edit).
While an edit is as it ``was``, only its words are sent, so that a button keeps its focus; otherwise the
whole card.  The browser asks again as long as the page shows something active.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from edits.http.access import signed_in
from edits.http.edit_status import StatusDisplay, status_display
from edits.models import EditRequest, User
from edits.services.queue.positions import QueuePosition, queue_positions
from edits.views.batch_board import board_update
from edits.views.batch_strip import changed_cards
from edits.views.budget_display import left_context
from edits.views.htmx import HtmxRequest
from edits.views.stage import line_ahead, shown_provider

MOST_EDITS = 100
LOOKS = ("card", "thumb", "page", "cell", "sheet")


@dataclass(frozen=True)
class Update:
    """One edit and how much of it is sent again."""

    edit: EditRequest
    place: QueuePosition | None
    status: StatusDisplay
    changed: bool


@never_cache
@require_safe
def status(request: HtmxRequest) -> HttpResponse:
    """Parts of the page to swap: words, or whole cards of edits that moved."""
    asked = dict(zip_longest(request.GET.getlist("id"), request.GET.getlist("was"), fillvalue=""))
    stage, stage_was = request.GET.get("stage", ""), request.GET.get("stage_was", "")
    if stage_was:  # it is active, but not in the strip
        asked.setdefault(stage, stage_was)
    updates = updates_of(asked, viewer=signed_in(request))
    look = request.GET.get("as", "")
    look = look if look in LOOKS else "card"
    response = show_updates(request, updates, look=look, stage=stage, stage_was=stage_was)
    if look == "page" and any(update.changed for update in updates):
        response.headers["HX-Refresh"] = "true"
    return response


def updates_of(asked: dict[str, str], *, viewer: User) -> list[Update]:
    """The edits of these public ids that the viewer may see, each with whether it moved.  Four queries at most.

    Administrators see no more here: an audit entry each second would drown the log.
    """
    ids = [public_id for public_id in map(_uuid, list(asked)[:MOST_EDITS]) if public_id]
    visible = EditRequest.objects.of(viewer) | EditRequest.objects.shared()
    edits = (
        list(visible.with_cards(viewer).select_related("rerun_of").filter(public_id__in=ids)) if ids else []
    )
    lines = queue_positions(edits)
    now = timezone.now()
    shown = [(edit, status_display(edit, place=lines.get(edit.pk), now=now)) for edit in edits]
    return [
        Update(edit, lines.get(edit.pk), display, changed=asked.get(str(edit.public_id)) != display.kind)
        for edit, display in shown
    ]


def show_updates(
    request: HtmxRequest, updates: Iterable[Update], *, look: str, stage: str, stage_was: str = ""
) -> HttpResponse:
    """The parts that an open page swaps in; the stage too where it shows one of them."""
    updates, board = list(updates), board_update(request)
    context = {
        "updates": updates,
        "look": look,
        "stage": stage,
        "stage_was": stage_was,
        "viewer": signed_in(request),
        "board_update": board,
        "next": _path_of(request.htmx.current_url or ""),
    }
    if look == "thumb":
        context |= {"line": line_ahead(signed_in(request), shown_provider(request))}
        shown = dict(zip(request.GET.getlist("batch"), request.GET.getlist("batch_was"), strict=False))
        context |= {"cards": changed_cards(signed_in(request), shown)}
        if context["cards"] or any(update.changed for update in updates):  # what failed gave its place back
            context |= left_context(signed_in(request), now=timezone.now())
    response = render(request, "edits/_updates.html", context)
    if board and board.is_outdated:
        response.headers["HX-Refresh"] = "true"
    return response


def _path_of(address: str) -> str:
    """Path and query of an address; blank where it is none."""
    try:
        page = urlsplit(address)
    except ValueError:
        return ""
    return urlunsplit(("", "", page.path, page.query, ""))


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
