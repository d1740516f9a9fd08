"""What its owner does with a batch: pause, resume, cancel the rest, retry the failed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from edits.http.access import signed_in
from edits.models import Batch
from edits.services.batch.leftovers import cancel_rest, retry_failed_of
from edits.services.batch.pausing import pause_batch, resume_batch
from edits.services.budgets.budgeting import OverBudget
from edits.views import budget_errors
from edits.views.batch_board import board_update
from edits.views.htmx import HtmxRequest
from edits.views.redirects import way_back


@require_POST
def pause(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Send nothing more of it until it is resumed."""
    paused = pause_batch(batch=_own(request, public_id), now=timezone.now())
    return _done(request, public_id, words="" if paused else gettext("Nothing of it is waiting."))


@require_POST
def resume(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Let it continue."""
    resume_batch(batch=_own(request, public_id))
    return _done(request, public_id)


@require_POST
def cancel(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Cancel what waits; what runs may be charged, and is finished."""
    canceled = cancel_rest(batch=_own(request, public_id), now=timezone.now())
    words = ngettext("Canceled %(number)s waiting edit.", "Canceled %(number)s waiting edits.", canceled)
    return _done(request, public_id, words=words % {"number": canceled})


@require_POST
def retry(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Queue the failed ones again; those that may have been charged only where ``which`` says all."""
    batch, with_risky = _own(request, public_id), request.POST.get("which") == "all"
    try:
        count = retry_failed_of(batch=batch, with_risky=with_risky, now=timezone.now())
    except OverBudget as error:
        return budget_errors.refuse(request, error)
    words = ngettext("Trying %(number)s edit again.", "Trying %(number)s edits again.", count)
    return _done(request, public_id, words=words % {"number": count})


def _own(request: HttpRequest, public_id: UUID) -> Batch:
    return get_object_or_404(Batch.objects.of(signed_in(request)), public_id=public_id)


def _done(request: HtmxRequest, public_id: UUID, *, words: str = "") -> HttpResponse:
    """The parts of the open board that changed, or the way back."""
    if words:
        messages.info(request, words)
    update = board_update(request) if request.htmx else None
    if update:
        return render(request, "batches/_done.html", {"update": update, "viewer": signed_in(request)})
    return redirect(way_back(request, default=reverse("edits:batch", args=[public_id])))
