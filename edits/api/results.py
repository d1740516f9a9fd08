"""Serves results by signed links without a key, until the link expires or the edit changes."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from edits.http.marked_pictures import serve_marked
from edits.images.exporting import Export
from edits.models import EditRequest, Status
from edits.services.api.result_links import MERGED, opens
from edits.services.queue.sources import merged_of

PARTS = {"expires": "expires", "signature": "signature", "for": "viewer"}
"""Query parameters of a link, mapped to parameters of ``opens``."""


@csrf_exempt
@login_not_required
def result(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """The result of an edit.  404 for any problem: the link, the edit, its owner, or the method."""
    if request.method not in ("GET", "HEAD"):
        raise Http404
    finished = EditRequest.objects.not_trashed().filter(status=Status.SUCCEEDED, owner__is_active=True)
    shown = finished.filter(result__withheld=False).select_related("result", "merged", "provider", "owner")
    edit = get_object_or_404(shown, public_id=public_id)
    given = {part: request.GET.get(name, "") for name, part in PARTS.items()}
    if not opens(edit, **given, now=timezone.now()):
        raise Http404
    file, merged = edit.result.file, merged_of(edit)
    if request.GET.get("version") == MERGED:
        if merged is None or not merged.is_ready:
            raise Http404
        file = merged.file
    return serve_marked(
        request,
        file,
        edit=edit,
        export=Export(),
        with_recipe=edit.owner.recipe_in_links,
        name=f"retake-{str(public_id)[:8]}",
    )
