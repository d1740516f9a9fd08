"""What reviewers do with a case: decide it, ask its author, take a decision back."""

import logging
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from edits.forms.review import DecisionForm
from edits.http.access import reviewers_only, signed_in
from edits.models import Decision, ReviewCase
from edits.services import reviewing
from edits.views.review.lists import first_to_open
from edits.views.review.pages import case_or_404, case_url, show_case, wanted_list
from edits.views.undo import success_with_undo

log = logging.getLogger(__name__)

NOT_MOVED = _("The picture could not be moved, so nothing was changed. Try again.")

SAID = {
    Decision.RELEASED: _("Released to %(author)s."),
    Decision.KEPT_HIDDEN: _("Kept hidden. %(author)s will read the reason."),
    Decision.DISMISSED: _("Case dismissed."),
}


@require_POST
@reviewers_only
def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Carry out what the form says, then open the next case."""
    case = case_or_404(public_id)
    form = DecisionForm(request.POST, has_picture=case.has_picture or bool(case.decision))
    if not form.is_valid():
        reviewing.claim_case(case=case, reviewer=signed_in(request), now=timezone.now())
        return show_case(request, case, form=form, status=422)
    try:
        outcome = _carry_out(request, case, form)
    except OSError:
        log.exception("The withheld picture of edit %s could not be moved", public_id)
        outcome = reviewing.ActionResult(False, NOT_MOVED)
    if not outcome.done:
        messages.warning(request, str(outcome.sentence))
        return redirect("edits:review_case", public_id)
    _say(request, case, decision=form.cleaned_data["decision"])
    return redirect(_open_next(request, case))


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
        messages.info(request, gettext("Decision undone. The case is yours again."))
    else:
        messages.warning(request, gettext("Too late to undo: decisions are final after ten seconds."))
    return redirect("edits:review_case", public_id)


def _carry_out(request: HttpRequest, case: ReviewCase, form: DecisionForm) -> reviewing.ActionResult:
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
        success_with_undo(request, SAID[Decision(decision)] % {"author": author}, undo=undo_address)
    else:
        sentence = gettext("Question sent to %(author)s. The case waits for the answer.")
        messages.success(request, sentence % {"author": author})


def _open_next(request: HttpRequest, case: ReviewCase) -> str:
    """The address of the case that follows in the list, opened, or of the list where none does."""
    shown, reviewer, now = wanted_list(request), signed_in(request), timezone.now()
    reviewing.give_back(reviewer=reviewer, now=now)
    following = first_to_open(shown, reviewer=reviewer, now=now, after=case.pk)
    if following is None:
        return reverse("edits:review")
    reviewing.claim_case(case=case_or_404(following), reviewer=reviewer, now=now)
    return case_url(following, shown=shown)
