"""Serves results by signed links: without a key, for as long as the link says and the edit is what it was."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from edits.models import EditRequest, Status
from edits.services.programs.result_links import opens
from edits.views.pictures import serve

PARTS = {"expires": "expires", "signature": "signature", "for": "viewer"}
"""What a link carries in its query, and what that is here."""


@csrf_exempt
@login_not_required
def result(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """The result of an edit.  404 whatever is wrong: the link, the edit, its owner, or how it is asked for."""
    if request.method not in ("GET", "HEAD"):
        raise Http404
    finished = EditRequest.objects.kept().filter(status=Status.SUCCEEDED, owner__is_active=True)
    shown = finished.filter(result__withheld=False).select_related("result")
    edit = get_object_or_404(shown, public_id=public_id)
    given = {part: request.GET.get(name, "") for name, part in PARTS.items()}
    if not opens(edit, **given, now=timezone.now()):
        raise Http404
    return serve(request, edit.result.file, name=f"retake-{str(public_id)[:8]}")
