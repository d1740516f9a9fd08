"""Serves pictures to those who may see them: results, merged ones, sources and change maps, whole or as thumbnails.

Withheld pictures do not exist here for anyone: only the review pages serve them.
"""

from uuid import UUID

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from edits.http.access import signed_in
from edits.http.serving import serve
from edits.models import EditRequest, MergedPicture, ReturnedImage, Status, Upload
from edits.services.pictures.file_names import result_stem
from edits.services.queue.sources import merged_of
from edits.services.team.auditing import record


@require_safe
def result(request: HttpRequest, public_id: UUID, width: int | None = None) -> HttpResponseBase:
    """The result of an edit, or its thumbnail of this width in pixels."""
    edit = done_edit(request, public_id)
    return _shown(request, edit.result, width, name=result_stem(edit))


@require_safe
def source(request: HttpRequest, public_id: UUID, width: int | None = None) -> HttpResponseBase:
    """The source of an edit as it was sent: to its owner, and to the team where the owner shared it too."""
    edit = _visible(request, public_id)
    if not edit.source_is_open_to(signed_in(request)):
        raise Http404
    return _shown(request, edit.upload, width, name=f"source-{str(public_id)[:8]}")


@require_safe
def reference(
    request: HttpRequest, public_id: UUID, position: int, width: int | None = None
) -> HttpResponseBase:
    """A further picture of an edit, by its position from 1: to those who may see the source."""
    edit = _visible(request, public_id)
    if not edit.source_is_open_to(signed_in(request)):
        raise Http404
    found = get_object_or_404(edit.references.select_related("upload"), position=position)
    return _shown(request, found.upload, width, name=f"reference-{position}-{str(public_id)[:8]}")


@require_safe
def change_map(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Where the result differs from the source; it shows the source's outlines, so the source's rule holds."""
    edit = _visible(request, public_id)
    found = getattr(edit, "result", None)
    if found is None or not found.change_map or not edit.source_is_open_to(signed_in(request)):
        raise Http404
    return serve(request, found.change_map, name=f"changes-{str(public_id)[:8]}")


@require_safe
def original(request: HttpRequest, public_id: UUID, width: int | None = None) -> HttpResponseBase:
    """The source at its full size, where that is kept: to those who may see the source."""
    edit = _visible(request, public_id)
    if edit.original is None or not edit.source_is_open_to(signed_in(request)):
        raise Http404
    return _shown(request, edit.original, width, name=f"original-{str(public_id)[:8]}")


@require_safe
def merged(request: HttpRequest, public_id: UUID, width: int | None = None) -> HttpResponseBase:
    """What the model changed, in the original: to those who may see the result."""
    edit = merged_edit(request, public_id)
    return _shown(request, edit.merged, width, name=result_stem(edit))


def merged_edit(request: HttpRequest, public_id: UUID) -> EditRequest:
    """The edit with what was put into its original, for those who may see it.  Raises Http404."""
    edit = done_edit(request, public_id)
    found = merged_of(edit)
    if found is None or not found.is_ready:
        raise Http404
    return edit


def done_edit(request: HttpRequest, public_id: UUID) -> EditRequest:
    """The edit with a picture that may be shown, for those who may see it.  Raises Http404."""
    edit = _visible(request, public_id)
    found = getattr(edit, "result", None)
    if found is None or found.withheld or edit.status != Status.SUCCEEDED:
        raise Http404
    return edit


def _visible(request: HttpRequest, public_id: UUID) -> EditRequest:
    user = signed_in(request)
    visible = EditRequest.objects.visible_to(user).select_related(
        "upload", "original", "result", "merged", "provider"
    )
    edit = get_object_or_404(visible, public_id=public_id)
    if edit.is_private_to(user):
        record(
            actor=user,
            action="looked at a picture",
            subject=str(public_id),
            detail=request.path,
            now=timezone.now(),
        )
    return edit


def _shown(
    request: HttpRequest, row: ReturnedImage | MergedPicture | Upload, width: int | None, *, name: str
) -> HttpResponseBase:
    """The thumbnail of this width; the whole picture where it is not made yet, or lost."""
    if width is None:
        return serve(request, row.file, name=name)
    thumbnail: FieldFile | None = getattr(row, f"thumb_{width}", None)
    if thumbnail is None:
        raise Http404
    return serve(request, thumbnail or row.file, name=name, instead=row.file)
