"""Serves a stored picture to somebody who was found to be allowed to see it."""

import logging

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
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag

CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
SAFE_HEADERS = {
    "Cache-Control": "private, max-age=3600",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

log = logging.getLogger(__name__)


def serve(
    request: HttpRequest,
    file: FieldFile,
    *,
    name: str,
    as_attachment: bool = False,
    instead: FieldFile | None = None,
) -> HttpResponseBase:
    """The file itself from a folder; from a bucket a link that lives a minute.

    ``instead`` is served where a power failure left the folder without the file or with an empty one.
    """
    stored = file.name or ""
    extension = stored.rsplit(".", 1)[-1]
    etag = quote_etag(stored)  # a name is never used for other bytes
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None:
        disposition = content_disposition_header(as_attachment, f"{name}.{extension}") or ""
        try:
            if not isinstance(file.storage, FileSystemStorage):
                link = _link(file, disposition=disposition, content_type=CONTENT_TYPES[extension])
                return HttpResponseRedirect(link, headers={"Cache-Control": "private, max-age=30"})
            stream = file.open("rb")
            if instead and not stream.size:
                raise FileNotFoundError(stored)
            answer = FileResponse(stream, content_type=CONTENT_TYPES[extension])
        except FileNotFoundError as error:
            if instead:
                return serve(request, instead, name=name)
            raise Http404 from error
        except OSError:
            log.exception("The picture %s cannot be read", stored)
            return HttpResponse(status=503, headers={"Retry-After": "60", "Cache-Control": "no-store"})
        answer.headers["Content-Disposition"] = disposition
    answer.headers["ETag"] = etag
    for header, value in SAFE_HEADERS.items():
        answer.headers[header] = value
    return answer


def _link(file: FieldFile, *, disposition: str, content_type: str) -> str:
    """To the bucket, which answers with this name and type: a browser would make others up."""
    answered = {"ResponseContentDisposition": disposition, "ResponseContentType": content_type}
    return str(file.storage.url(file.name, parameters=answered))  # type: ignore[call-arg]
