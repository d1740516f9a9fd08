"""Comments under an edit: add one, remove one."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from edits.forms.comments import CommentForm
from edits.http.access import signed_in
from edits.models import Comment, EditRequest, Status
from edits.services.curating.commenting import add_comment, remove_comment
from edits.views.viewer import for_page, may_comment, page_of


@require_POST
def comment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Comment on an edit.  A comment that is refused comes back with the page, as it was typed."""
    user = signed_in(request)
    edit = get_object_or_404(for_page(user), public_id=public_id)
    if not may_comment(edit, user):
        raise Http404
    form = CommentForm(request.POST)
    if not form.is_valid():
        return page_of(edit, request, comment_form=form, status=422)
    add_comment(edit=edit, author=user, text=form.cleaned_data["text"], now=timezone.now())
    return redirect(_comments_of(public_id, request))


@require_POST
def remove(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    """Remove one's own comment; administrators remove anybody's, which is written down."""
    user = signed_in(request)
    edits = (
        EditRequest.objects.visible_to(user)
        .not_trashed()
        .filter(public_id=public_id, status=Status.SUCCEEDED)
    )
    comments = Comment.objects.select_related("author", "edit").filter(edit__in=edits)
    if not remove_comment(comment=get_object_or_404(comments, pk=pk), by=user, now=timezone.now()):
        raise Http404
    messages.success(request, gettext("Comment removed."))
    return redirect(_comments_of(public_id, request))


def _comments_of(public_id: UUID, request: HttpRequest) -> str:
    """The comments on the edit's page, which keeps the list that its arrows follow."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return f"{reverse('edits:viewer', args=[public_id])}{query}#comments"
