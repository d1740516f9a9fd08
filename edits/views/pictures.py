"""Serves pictures to those who may see them: results, sources and change maps, whole or as thumbnails.

Withheld pictures do not exist here, whoever asks: they go only through the review pages.
"""

import logging
from uuid import UUID

from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from edits.models import EditRequest, Status
from edits.services.team.auditing import record
from edits.views.access import signed_in

CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
SAFE_HEADERS = {
    "Cache-Control": "private, max-age=3600",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

log = logging.getLogger(__name__)


@require_safe
def result(request: HttpRequest, public_id: UUID, width: int | None = None) -> HttpResponseBase:
    """The result of an edit, or its thumbnail of this width in pixels."""
    return serve(request, _result(request, public_id, width), name=_result_name(public_id))


@require_safe
def source(request: HttpRequest, public_id: UUID, width: int | None = None) -> HttpResponseBase:
    """The source of an edit as it was sent: to its owner, and to the team where the owner shared it too."""
    edit = _visible(request, public_id)
    if not edit.source_is_open_to(signed_in(request)):
        raise Http404
    return serve(request, _rendition(edit.upload, width), name=f"source-{str(public_id)[:8]}")


@require_safe
def reference(
    request: HttpRequest, public_id: UUID, position: int, width: int | None = None
) -> HttpResponseBase:
    """A further picture of an edit, by its position from 1: to those who may see the source."""
    edit = _visible(request, public_id)
    if not edit.source_is_open_to(signed_in(request)):
        raise Http404
    found = get_object_or_404(edit.references.select_related("upload"), position=position)
    return serve(request, _rendition(found.upload, width), name=f"reference-{position}-{str(public_id)[:8]}")


@require_safe
def change_map(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Where the result differs from the source; it shows the source's outlines, so the source's rule holds."""
    edit = _visible(request, public_id)
    found = getattr(edit, "result", None)
    if found is None or not found.change_map or not edit.source_is_open_to(signed_in(request)):
        raise Http404
    return serve(request, found.change_map, name=f"changes-{str(public_id)[:8]}")


@require_safe
def download(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """The result as a file to keep."""
    file = _result(request, public_id, None)
    return serve(request, file, name=_result_name(public_id), disposition="attachment")


def _result(request: HttpRequest, public_id: UUID, width: int | None) -> FieldFile:
    edit = _visible(request, public_id)
    found = getattr(edit, "result", None)
    if found is None or found.withheld or edit.status != Status.SUCCEEDED:
        raise Http404
    return _rendition(found, width)


def _result_name(public_id: UUID) -> str:
    return f"retake-{str(public_id)[:8]}"


def _visible(request: HttpRequest, public_id: UUID) -> EditRequest:
    user = signed_in(request)
    visible = EditRequest.objects.visible_to(user).select_related("upload", "result")
    edit = get_object_or_404(visible, public_id=public_id)
    if edit.is_private_to(user):
        record(actor=user, action="looked at a picture", subject=str(public_id), detail=request.path)
    return edit


def _rendition(row: object, width: int | None) -> FieldFile:
    """The thumbnail of this width; the whole picture where it is not made yet."""
    file: FieldFile = getattr(row, "file")  # noqa: B009
    if width is None:
        return file
    thumbnail: FieldFile | None = getattr(row, f"thumb_{width}", None)
    if thumbnail is None:
        raise Http404
    return thumbnail or file


def serve(
    request: HttpRequest, file: FieldFile, *, name: str, disposition: str = "inline"
) -> HttpResponseBase:
    """The file itself from a folder; from a bucket a link that lives a minute."""
    stored = file.name or ""
    extension = stored.rsplit(".", 1)[-1]
    etag = quote_etag(stored)  # a name is never used for other bytes
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None:
        filename = f'{disposition}; filename="{name}.{extension}"'
        if not isinstance(file.storage, FileSystemStorage):
            link = _link(file, filename=filename, content_type=CONTENT_TYPES[extension])
            return HttpResponseRedirect(link, headers={"Cache-Control": "private, max-age=30"})
        try:
            answer = FileResponse(file.open("rb"), content_type=CONTENT_TYPES[extension])
        except FileNotFoundError as error:
            raise Http404 from error
        except OSError:
            log.exception("The picture %s cannot be read", stored)
            return HttpResponse(status=503, headers={"Retry-After": "60", "Cache-Control": "no-store"})
        answer.headers["Content-Disposition"] = filename
    answer.headers["ETag"] = etag
    for header, value in SAFE_HEADERS.items():
        answer.headers[header] = value
    return answer


def _link(file: FieldFile, *, filename: str, content_type: str) -> str:
    """To the bucket, which answers with this name and type: a browser would make others up."""
    answered = {"ResponseContentDisposition": filename, "ResponseContentType": content_type}
    return str(file.storage.url(file.name, parameters=answered))  # type: ignore[call-arg]
