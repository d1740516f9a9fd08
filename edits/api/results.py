"""Serves results by signed links: without a key, for as long as the link says and the edit is what it was."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from edits.models import EditRequest, Status
from edits.services.result_links import opens
from edits.views.pictures import serve


@csrf_exempt
@login_not_required
def result(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """The result of an edit.  404 whatever is wrong: the link, the edit, its owner, or how it is asked for."""
    if request.method not in ("GET", "HEAD"):
        raise Http404
    finished = EditRequest.objects.kept().filter(status=Status.SUCCEEDED, owner__is_active=True)
    edit = get_object_or_404(finished.select_related("result"), public_id=public_id)
    given = {name: request.GET.get(name, "") for name in ("expires", "signature")}
    if not opens(edit, **given, now=timezone.now()) or edit.result.withheld:
        raise Http404
    return serve(request, edit.result.file, name=f"retake-{str(public_id)[:8]}")
