"""What the studio shows beside its form: the edit on the stage, the strip of the latest, the places in line."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext, ngettext

from edits.http.humanize import span
from edits.models import FIRST, Batch, EditRequest, User
from edits.services.queue.positions import ahead, queue_positions
from edits.services.queue.run_times import run_times
from edits.views.batch_board import board_of
from edits.views.batch_strip import batch_cards

STRIP_LENGTH = 12


def stage_context(
    user: User, *, shown: EditRequest | None = None, first_if_none: bool = False
) -> dict[str, Any]:
    """``edit`` on the stage and its ``place``, ``strip`` with what is active first, and ``places`` of these.

    Edits of a batch are not in the strip one by one: ``batch_cards`` are those of the same time.
    """
    latest = EditRequest.objects.of(user).not_trashed().filter(batch=None).with_cards(user)
    newest = list(latest.select_related("rerun_of", "parent", "original", "merged__paint")[:STRIP_LENGTH])
    strip = sorted(newest, key=lambda edit: (not edit.is_active, -edit.pk))
    oldest = min((edit.created_at for edit in strip), default=None) if len(strip) == STRIP_LENGTH else None
    if shown is None and first_if_none:
        shown = next(iter(strip), None)
    elif shown:  # read a moment ago: strip and stage must not say different things about the same edit
        shown = next((edit for edit in strip if edit == shown), shown)
    lines = queue_positions([*strip, shown] if shown else strip)
    return {
        "edit": shown,
        "place": lines.get(shown.pk) if shown else None,
        "strip": strip,
        "batch_cards": batch_cards(user, since=oldest),
        "places": lines,
        "viewer": user,
        "board": None,
        "layer": "",
    }


def batch_stage_context(user: User, batch: Batch) -> dict[str, Any]:
    """The same with the board of a batch on the stage."""
    return stage_context(user) | {"board": board_of(batch, viewer=user)}


def latest_in(strip: Iterable[EditRequest]) -> EditRequest | None:
    """The latest edit of these that was made on a page: its model is the one to go on with."""
    return max((edit for edit in strip if edit.api_key_id is None), key=lambda edit: edit.pk, default=None)


def latest_of(user: User) -> EditRequest | None:
    """The person's latest edit that was made on a page."""
    return EditRequest.objects.of(user).not_trashed().filter(api_key=None).order_by("-id").first()


def shown_provider(request: HttpRequest) -> int:
    """The provider of the model that the open form shows."""
    named = request.POST.get("provider") or request.GET.get("provider", "")
    return int(named) if named.isascii() and named.isdigit() and len(named) < 10 else FIRST


def estimate(*, owner: User, provider_id: int, model: str, size: str, steps: int | None) -> tuple[str, str]:
    """How long an edit like this usually takes and what keeps it waiting; blank where there is nothing to say."""
    seconds = run_times().seconds(provider_id=provider_id, model=model, size=size, steps=steps)
    usual = "" if seconds is None else gettext("About %(span)s") % {"span": span(seconds)}
    return usual, line_ahead(owner, provider_id)


def line_ahead(owner: User, provider_id: int) -> str:
    """What keeps an edit waiting that this person sends to this provider now; blank when nothing does."""
    now = ahead(owner=owner.pk, provider=provider_id)
    words = []
    if now.others:
        ahead_of_you = ngettext("%(number)s ahead of you", "%(number)s ahead of you", now.others)
        words.append(ahead_of_you % {"number": now.others})
    if now.paused_seconds is None:
        words.append(gettext("nothing is sent at the moment"))
    elif now.paused_seconds:
        words.append(gettext("paused, continues in about %(span)s") % {"span": span(now.paused_seconds)})
    if now.wait_seconds and now.wait_seconds > (now.paused_seconds or 0):
        words.append(gettext("starts in about %(span)s") % {"span": span(now.wait_seconds)})
    return " · ".join(words)
