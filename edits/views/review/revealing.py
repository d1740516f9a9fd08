"""Grants and shows the pictures of a case, step by step, each of them on record."""

import logging
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from edits.http.access import reviewers_only, signed_in
from edits.http.serving import SAFE_HEADERS
from edits.images import BadImage
from edits.models import ReviewCase
from edits.services import reviewing
from edits.views.htmx import HtmxRequest
from edits.views.review.figures import figure_of
from edits.views.review.pages import case_or_404, show_case, unstored

log = logging.getLogger(__name__)

NOT_GRANTED = _(
    "Not shown. Only the reviewer who has the case open can uncover a picture, one step after the other."
)


@require_POST
@reviewers_only
def reveal(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Grant a step; the figure at it, or without script the whole page, then asks for the picture."""
    case, reviewer = case_or_404(public_id), signed_in(request)
    which, step = _which(request.POST.get("which", "")), request.POST.get("step", "")
    if step not in ("0", "1", "2", "3"):
        raise Http404
    granted = reviewing.reveal(case=case, reviewer=reviewer, which=which, step=int(step), now=timezone.now())
    if not granted:
        return _refused(request, case)
    if not request.htmx:
        return show_case(request, case, steps={which: int(step)})
    figure = figure_of(case, which=which, viewer=reviewer, is_open=True, step=int(step))
    return unstored(render(request, "review/_figure.html", {"figure": figure, "edit": case.edit}))


def _refused(request: HtmxRequest, case: ReviewCase) -> HttpResponse:
    """The page of the case, which shows who has it open; a part of a page asks for all of it."""
    messages.warning(request, NOT_GRANTED)
    if request.htmx:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect("edits:review_case", case.edit.public_id)


@login_not_required  # a picture is not a page to sign in to: strangers get the same 404 as others
@require_safe
@reviewers_only
def picture(request: HtmxRequest, public_id: UUID, which: str, step: int) -> HttpResponse:
    """A picture of the case at a step that was granted: never stored, never in part, always on record."""
    case, wanted = case_or_404(public_id), _which(which)
    try:
        shown = reviewing.look(
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
