"""What the author of a stopped edit can say: ask for a review, answer a question, appeal."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from edits.forms.review import AuthorWordsForm
from edits.http.access import signed_in
from edits.models import ReviewCase, User
from edits.services import reviewing
from edits.views.redirects import way_back

TOO_LATE = _("The review has moved on in the meantime. This is its current state.")


class SaidByAuthor(Protocol):
    """A service that takes the author's words; False when the case has moved on."""

    def __call__(self, *, case: ReviewCase, author: User, words: str, now: datetime) -> bool: ...


@require_POST
def ask_for_review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask a person to look, and say why, if they like."""
    return _say(request, public_id, reviewing.ask_for_review, done=_("A reviewer will look."), required=False)


@require_POST
def answer_question(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answer what the reviewer asked."""
    return _say(
        request, public_id, reviewing.answer_question, done=_("Your answer was sent to the reviewers.")
    )


@require_POST
def appeal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Object to a decision, once."""
    return _say(request, public_id, reviewing.appeal, done=_("Your appeal was sent to the reviewers."))


def _say(
    request: HttpRequest,
    public_id: UUID,
    service: SaidByAuthor,
    *,
    done: str | Promise,
    required: bool = True,
) -> HttpResponse:
    author = signed_in(request)
    cases = ReviewCase.objects.present().select_related("edit__owner", "edit__upload")
    case = get_object_or_404(cases, edit__public_id=public_id, edit__owner=author)
    form = AuthorWordsForm(request.POST, required=required)
    if not form.is_valid():
        return render(
            request, "review/author.html", {"edit": case.edit, "case": case, "form": form}, status=422
        )
    if service(case=case, author=author, words=form.cleaned_data["words"], now=timezone.now()):
        messages.success(request, str(done))
    else:
        messages.warning(request, TOO_LATE)
    return redirect(way_back(request, default=reverse("edits:viewer", args=[public_id])))
