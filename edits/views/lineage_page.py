"""The page of an edit's lineage: the whole tree in which it is, to walk and to branch from any result."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from edits.http.access import signed_in
from edits.models import EditRequest
from edits.services.team.auditing import record
from edits.views.lineage_tree import tree_of


@gzip_page
@require_safe
def lineage(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The tree; an edit that this person may not open has none (404)."""
    user = signed_in(request)
    visible = EditRequest.objects.visible_to(user).select_related("owner", "upload", "result", "merged")
    edit = visible.filter(public_id=public_id).first()
    if edit is None:
        raise Http404
    if edit.is_private_to(user):
        record(
            actor=user,
            action="looked at an edit",
            subject=str(public_id),
            detail=f"of {edit.owner.username}, its lineage",
            now=timezone.now(),
        )
    context = {"edit": edit, "viewer": user, "tree": tree_of(edit, viewer=user)}
    response = render(request, "lineage/lineage.html", context)
    patch_cache_control(response, private=True, no_cache=True)  # as the page of one edit
    return response
