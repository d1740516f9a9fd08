"""What reviewers do with a case: decide it, ask its author, take a decision back."""

import logging
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from edits.forms.review import DecisionForm
from edits.models import Decision, ReviewCase
from edits.services import reviewing
from edits.views.access import reviewers_only, signed_in
from edits.views.review.lists import first_to_open
from edits.views.review.pages import case_or_404, case_url, show_case, wanted_list

log = logging.getLogger(__name__)

NOT_MOVED = "The picture could not be moved, so nothing was changed. Try again."

SAID = {
    Decision.RELEASED: "Released to {}.",
    Decision.KEPT_HIDDEN: "Kept hidden. {} will read why.",
    Decision.DISMISSED: "Dismissed.",
}


@require_POST
@reviewers_only
def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Carry out what the form says, then open the next case."""
    case = case_or_404(public_id)
    form = DecisionForm(request.POST, has_picture=case.has_picture or bool(case.decision))
    if not form.is_valid():
        return show_case(request, case, form=form, status=422)
    try:
        outcome = _carry_out(request, case, form)
    except OSError:
        log.exception("The withheld picture of edit %s could not be moved", public_id)
        outcome = reviewing.Outcome(False, NOT_MOVED)
    if not outcome.done:
        messages.warning(request, outcome.sentence)
        return redirect("edits:review_case", public_id)
    _say(request, case, decision=form.cleaned_data["decision"])
    return redirect(_next_address(request, case))


@require_POST
@reviewers_only
def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take back one's own decision of the last seconds."""
    case = case_or_404(public_id)
    try:
        undone = reviewing.undo_decision(case=case, reviewer=signed_in(request), now=timezone.now())
    except OSError:
        log.exception("The released picture of edit %s could not be withheld again", public_id)
        messages.error(request, NOT_MOVED)
        return redirect("edits:review_case", public_id)
    if undone:
        messages.info(request, "Taken back. The case is yours again.")
    else:
        messages.warning(request, "Too late to undo: decisions stand after ten seconds.")
    return redirect("edits:review_case", public_id)


def _carry_out(request: HttpRequest, case: ReviewCase, form: DecisionForm) -> reviewing.Outcome:
    reviewer, now, words = signed_in(request), timezone.now(), form.cleaned_data["words"]
    match form.cleaned_data["decision"]:
        case Decision.RELEASED:
            return reviewing.release(case=case, reviewer=reviewer, reason=words, now=now)
        case Decision.KEPT_HIDDEN:
            return reviewing.keep_hidden(case=case, reviewer=reviewer, reason=words, now=now)
        case Decision.DISMISSED:
            return reviewing.dismiss(case=case, reviewer=reviewer, reason=words, now=now)
        case _:
            return reviewing.ask_author(case=case, reviewer=reviewer, question=words, now=now)


def _say(request: HttpRequest, case: ReviewCase, *, decision: str) -> None:
    author = case.edit.owner.name
    if decision in Decision.values:
        undo_address = reverse("edits:review_undo", args=[case.edit.public_id])
        messages.success(request, SAID[Decision(decision)].format(author), extra_tags=undo_address)
    else:
        messages.success(request, f"Asked {author}. The case waits for the answer.")


def _next_address(request: HttpRequest, case: ReviewCase) -> str:
    shown = wanted_list(request)
    following = first_to_open(shown, reviewer=signed_in(request), now=timezone.now(), after=case.pk)
    return case_url(following, shown=shown) if following else reverse("edits:review")
