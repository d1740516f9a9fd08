"""Cancels a waiting or running edit, and tries a failed one again."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from edits.http.access import signed_in
from edits.models import EditRequest
from edits.services.budgets.budgeting import OverBudget
from edits.services.queue.canceling import cancel_edit, retry_edit
from edits.services.team.auditing import record
from edits.views import budget_errors
from edits.views.htmx import HtmxRequest
from edits.views.redirects import way_back
from edits.views.status import LOOKS, show_updates, updates_of


@require_POST
def cancel(request: HtmxRequest, public_id: uuid.UUID) -> HttpResponse:
    """Give up a waiting or running edit.  Administrators may cancel anybody's; that is written down."""
    user = signed_in(request)
    edits = EditRequest.objects.all() if user.is_administrator else EditRequest.objects.of(user)
    edit = get_object_or_404(edits, public_id=public_id)
    canceled = cancel_edit(edit=edit, now=timezone.now())
    if canceled and edit.owner_id != user.pk:
        record(actor=user, action="canceled an edit", subject=str(public_id), now=timezone.now())
    return _done(request, edit, words="" if canceled else gettext("It had already ended."))


@require_POST
def retry(request: HtmxRequest, public_id: uuid.UUID) -> HttpResponse:
    """Send a failed edit again with the same seed, or a waiting one at once."""
    edit = get_object_or_404(EditRequest.objects.of(signed_in(request)), public_id=public_id)
    try:
        moved = retry_edit(edit=edit, now=timezone.now())
    except OverBudget as error:
        return budget_errors.refuse(request, error)
    return _done(request, edit, words="" if moved else gettext("It is not waiting for another try."))


def _done(request: HtmxRequest, edit: EditRequest, *, words: str) -> HttpResponse:
    """The edit's new card in place, or the way back."""
    look = request.POST.get("as", "")
    if request.htmx and look in LOOKS and look != "page":
        updates = updates_of({str(edit.public_id): ""}, viewer=signed_in(request))
        return show_updates(request, updates, look=look, stage=request.POST.get("stage", ""))
    if words:
        messages.info(request, words)
    if request.htmx and look == "page":  # more than its state changes there
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect(way_back(request, default=reverse("edits:viewer", args=[edit.public_id])))
