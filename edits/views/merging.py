"""Puts what a finished edit changed into its original, and says when that is done."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from edits.http.access import signed_in
from edits.models import EditRequest, MergeState
from edits.services.pictures.merging import ask_to_keep_detail
from edits.services.queue.sources import expected_merge_of
from edits.views.htmx import HtmxRequest
from edits.views.redirects import way_back
from edits.views.stage import stage_context


@require_POST
def keep_detail(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Let a worker put what the edit changed into its original, which costs nothing."""
    mine = EditRequest.objects.of(signed_in(request)).select_related("original", "upload", "result", "merged")
    edit = get_object_or_404(mine, public_id=public_id)
    if not ask_to_keep_detail(edit, now=timezone.now()):
        messages.error(request, gettext("What this edit changed cannot be put into its original."))
    return redirect(way_back(request, default=reverse("edits:viewer", args=[public_id])))


@never_cache
@require_safe
def progress(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """For an open page that waits: nothing yet, or what takes the place of what it shows."""
    user = signed_in(request)
    visible = EditRequest.objects.of(user) | EditRequest.objects.shared()
    cards = visible.with_cards(user).select_related("rerun_of", "parent", "original", "merged")
    edit = get_object_or_404(cards, public_id=public_id)
    merged = expected_merge_of(edit)
    if merged is not None and merged.state == MergeState.WAITING:
        return HttpResponse(status=204)
    if request.GET.get("in") != "studio":
        return HttpResponse(headers={"HX-Refresh": "true"})
    response = render(request, "studio/_stage.html", stage_context(user, shown=edit))
    response.headers["HX-Retarget"] = "#stage"
    response.headers["HX-Reswap"] = "outerHTML"
    return response
