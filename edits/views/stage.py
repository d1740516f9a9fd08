"""What the studio shows beside its form: the edit on the stage, the strip of the latest, the places in line."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from edits.models import FIRST, EditRequest, User
from edits.services.queue.queueing import places, run_times
from edits.views.wording import span

STRIP_LENGTH = 12


def stage_context(
    user: User, *, shown: EditRequest | None = None, first_if_none: bool = False
) -> dict[str, Any]:
    """``edit`` on the stage and its ``place``, ``strip`` with what is active first, and ``places`` of these."""
    latest = EditRequest.objects.of(user).kept().with_cards(user).select_related("rerun_of", "parent")
    strip = sorted(latest[:STRIP_LENGTH], key=lambda edit: (not edit.is_active, -edit.pk))
    if shown is None and first_if_none:
        shown = next(iter(strip), None)
    elif shown:  # read a moment ago: strip and stage must not say different things about the same edit
        shown = next((edit for edit in strip if edit == shown), shown)
    lines = places([*strip, shown] if shown else strip)
    return {
        "edit": shown,
        "place": lines.get(shown.pk) if shown else None,
        "strip": strip,
        "places": lines,
        "viewer": user,
    }


def latest_in(strip: Iterable[EditRequest]) -> EditRequest | None:
    """The latest edit of these that was made on a page: its model is the one to go on with."""
    return max((edit for edit in strip if edit.api_key_id is None), key=lambda edit: edit.pk, default=None)


def latest_of(user: User) -> EditRequest | None:
    """The person's latest edit that was made on a page."""
    return EditRequest.objects.of(user).kept().filter(api_key=None).order_by("-id").first()


def shown_provider(request: HttpRequest) -> int:
    """The provider of the model that the open form shows."""
    named = request.POST.get("provider") or request.GET.get("provider", "")
    return int(named) if named.isascii() and named.isdigit() and len(named) < 10 else FIRST


def estimate(*, provider_id: int, model: str, size: str, steps: int | None) -> tuple[str, str]:
    """How long an edit like this usually takes and how many wait before it; blank where there is nothing to say."""
    seconds = run_times().seconds(provider_id=provider_id, model=model, size=size, steps=steps)
    return f"About {span(seconds)}" if seconds is not None else "", line_ahead(provider_id)


def line_ahead(provider_id: int) -> str:
    """How many edits wait for this provider already; blank when none does."""
    waiting = EditRequest.objects.queued().filter(provider=provider_id).count()
    return f"{waiting} ahead of you" if waiting else ""
