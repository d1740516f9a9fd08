"""Past pictures to start from: the latest results and uploads of a person, as a dialog or as a page."""

from django.http import HttpResponse
from django.shortcuts import render

from edits.http.access import signed_in
from edits.models import EditRequest, Status
from edits.models.edit_lookups import EditRequestQuerySet
from edits.views.htmx import HtmxRequest

MOST = 24
LOOKED_THROUGH = 200


def pick(request: HtmxRequest) -> HttpResponse:
    """The last results and uploads; each leads to the studio with that picture as its source."""
    user = signed_in(request)
    mine = EditRequest.objects.of(user).not_trashed().select_related("upload").order_by("-created_at", "-id")
    results = mine.select_related("result", "merged").filter(status=Status.SUCCEEDED, result__withheld=False)[
        :MOST
    ]
    context = {"results": results, "uploads": _each_upload_once(mine)}
    return render(request, "studio/_picker.html" if request.htmx else "studio/picker.html", context)


def _each_upload_once(edits: EditRequestQuerySet) -> list[EditRequest]:
    """The latest edit of each of the latest uploads."""
    latest = {edit.upload_id: edit for edit in reversed(edits[:LOOKED_THROUGH])}
    return sorted(latest.values(), key=lambda edit: -edit.pk)[:MOST]
