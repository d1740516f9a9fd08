"""What can be done with an edit besides looking: run it again, cancel it, try it again."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from edits.forms.sources import repeatable
from edits.models import EditRequest, User
from edits.services.budgets.budgeting import OverBudget
from edits.services.queue.canceling import cancel_edit, retry_edit
from edits.services.queue.submitting import rerun_edit
from edits.services.team.auditing import record
from edits.views import over_budget
from edits.views.access import signed_in
from edits.views.leading_back import way_back
from edits.views.status import LOOKS, show_updates, updates_of
from edits.views.studio import sent
from edits.views.unstored import words_for


@require_POST
def rerun(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The same edit once more, with its seed (``seed=same``) or a new one; leads to the new edit."""
    user = signed_in(request)
    edit = get_object_or_404(repeatable(user), public_id=public_id)
    try:
        again = rerun_edit(
            edit=edit,
            owner=user,
            submission_key=_key(request),
            same_seed=request.POST.get("seed", "same") == "same",
        )
    except OverBudget as error:
        return over_budget.refuse(request, error)
    except OSError as error:
        return _unstored(request, error)
    return _lead_to(request, again, owner=user)


def _lead_to(request: HttpRequest, again: EditRequest, *, owner: User) -> HttpResponse:
    if _is_in_place(request) and request.POST.get("as") == "thumb":
        response = sent(request, again, owner=owner)
        response.headers["HX-Retarget"] = "#stage"
        response.headers["HX-Reswap"] = "outerHTML"
        return response
    address = _address_of_new(request, again)
    if _is_in_place(request):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _unstored(request: HttpRequest, error: OSError) -> HttpResponse:
    messages.error(request, words_for(error))
    if _is_in_place(request):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect(way_back(request, default=reverse("edits:studio")))


def _address_of_new(request: HttpRequest, edit: EditRequest) -> str:
    studio = reverse("edits:studio")
    if way_back(request, default="").partition("?")[0] == studio:
        return f"{studio}?show={edit.public_id}"
    return reverse("edits:viewer", args=[edit.public_id])


@require_POST
def cancel(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Give up a waiting or running edit.  Administrators may cancel anybody's; that is written down."""
    user = signed_in(request)
    edits = EditRequest.objects.all() if user.is_administrator else EditRequest.objects.of(user)
    edit = get_object_or_404(edits, public_id=public_id)
    canceled = cancel_edit(edit=edit)
    if canceled and edit.owner_id != user.pk:
        record(actor=user, action="canceled an edit", subject=str(public_id))
    return _done(request, edit, words="" if canceled else "It had ended already.")


@require_POST
def retry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Send a failed edit again with the same seed, or a waiting one at once."""
    edit = get_object_or_404(EditRequest.objects.of(signed_in(request)), public_id=public_id)
    try:
        moved = retry_edit(edit=edit)
    except OverBudget as error:
        return over_budget.refuse(request, error)
    return _done(request, edit, words="" if moved else "It is not waiting for another try.")


def _done(request: HttpRequest, edit: EditRequest, *, words: str) -> HttpResponse:
    """The edit's new card in place, or the way back."""
    look = request.POST.get("as", "")
    if _is_in_place(request) and look in LOOKS and look != "page":
        updates = updates_of({str(edit.public_id): ""}, viewer=signed_in(request))
        return show_updates(request, updates, look=look, stage=request.POST.get("stage", ""))
    if words:
        messages.info(request, words)
    if _is_in_place(request) and look == "page":  # more than its state changes there
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect(way_back(request, default=reverse("edits:viewer", args=[edit.public_id])))


def _is_in_place(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return uuid.uuid4()
