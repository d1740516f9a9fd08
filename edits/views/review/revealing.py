"""Shows the pictures of a case, step by step; every one that is sent is on record."""

import logging
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from edits.images import BadImage
from edits.services import reviewing
from edits.views.access import reviewers_only, signed_in
from edits.views.pictures import SAFE_HEADERS
from edits.views.review.figures import figure_of
from edits.views.review.pages import case_or_404, show_case, unstored

log = logging.getLogger(__name__)


@require_POST
@reviewers_only
def reveal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The figure at another step, or without script the whole page; its picture is then asked for."""
    case = case_or_404(public_id)
    which, step = _which(request.POST.get("which", "")), request.POST.get("step", "")
    if step not in ("0", "1", "2", "3"):
        raise Http404
    if getattr(request, "htmx", False):
        figure = figure_of(case, which=which, viewer=signed_in(request), step=int(step))
        return unstored(render(request, "review/_figure.html", {"figure": figure, "edit": case.edit}))
    return show_case(request, case, steps={which: int(step)})


@login_not_required  # a picture is no page to sign in to: strangers get the 404 that everybody gets
@require_safe
@reviewers_only
def picture(request: HttpRequest, public_id: UUID, which: str, step: int) -> HttpResponse:
    """A picture of the case at one step of the veil: never stored, never in part, always on record."""
    case, wanted = case_or_404(public_id), _which(which)
    try:
        shown = reviewing.reveal(
            case=case, reviewer=signed_in(request), which=wanted, step=step, now=timezone.now()
        )
    except (OSError, BadImage) as error:
        log.exception("The %s of edit %s cannot be shown", which, public_id)
        raise Http404 from error
    if shown is None:
        raise Http404
    return HttpResponse(
        shown.data,
        content_type=shown.content_type,
        headers=SAFE_HEADERS
        | {
            "Cache-Control": "no-store",
            "Content-Disposition": f'inline; filename="review-{str(public_id)[:8]}-{which}-{step}"',
        },
    )


def _which(text: str) -> reviewing.Which:
    if not reviewing.is_picture(text):
        raise Http404
    return text
