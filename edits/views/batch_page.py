"""The page of a batch, and its pictures in one file."""

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from edits.http.access import signed_in
from edits.models import Batch, EditRequest, Status
from edits.services.pictures.bundling import bundle, is_too_large
from edits.services.team.auditing import record
from edits.views.batch_board import board_of
from edits.views.bulk_words import TOO_LARGE_FOR_ZIP


@gzip_page
@require_safe
def batch(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All edits of a batch, for its owner; administrators too, each visit is recorded.  For others: 404."""
    user, found = signed_in(request), visible_batch(request, public_id, deed="looked at a batch")
    board = board_of(found, viewer=user)
    context = {"board": board, "viewer": user, "mine": found.owner_id == user.pk}
    response = render(request, "batches/batch.html", context)
    patch_cache_control(response, private=True, no_cache=True)  # a page that is gone must not be shown again
    return response


@require_safe
def download(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """A ZIP file with the pictures of a batch; at most as many as a batch has edits."""
    found = visible_batch(request, public_id, deed="downloaded a batch")
    done = EditRequest.objects.not_trashed().filter(batch=found, status=Status.SUCCEEDED)
    shown = done.filter(result__withheld=False).select_related("result", "merged", "provider")
    pictures = list(shown.order_by("batch_position"))
    if not pictures:
        messages.info(request, gettext("This batch has no picture to download yet."))
        return redirect("edits:batch", public_id)
    if is_too_large(pictures):
        messages.error(request, str(TOO_LARGE_FOR_ZIP))
        return redirect("edits:batch", public_id)
    name = f"retake-{timezone.localtime(found.created_at):%Y-%m-%d-%H%M}.zip"
    headers = {"Cache-Control": "private, no-store"}
    packed = bundle(pictures, with_recipe=signed_in(request).recipe_in_files)
    return FileResponse(
        packed, as_attachment=True, filename=name, content_type="application/zip", headers=headers
    )


def visible_batch(request: HttpRequest, public_id: UUID, *, deed: str) -> Batch:
    """The viewer's own batch; administrators get anybody's, and it is recorded as ``deed``.  Raises Http404."""
    user = signed_in(request)
    visible = Batch.objects.all() if user.is_administrator else Batch.objects.of(user)
    found = visible.select_related("owner").filter(public_id=public_id).first()
    if found is None:
        raise Http404
    if found.owner_id != user.pk:
        detail = f"of {found.owner.username}"
        record(actor=user, action=deed, subject=str(public_id), detail=detail, now=timezone.now())
    return found
