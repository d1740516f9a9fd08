"""Serves a picture that leaves the installation: with the marks of what made it, and maybe its recipe.

It is made anew for each answer, also where pictures are in a bucket.  Each signature differs, so the
ETag is a weak one, and there are no answers of parts.
"""

import logging
from hashlib import sha256

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from edits.http.serving import SAFE_HEADERS
from edits.images import BadImage
from edits.images.encoding import CONTENT_TYPES, EXTENSIONS
from edits.images.exporting import Export, exported
from edits.models import EditRequest
from edits.services.pictures.marking import kind_of_marks, marked
from edits.services.pictures.storing import picture_bytes

HEADERS = SAFE_HEADERS | {"Cache-Control": "private, no-cache"}
"""A browser asks again each time: whether the recipe goes along is a setting that may have changed."""

log = logging.getLogger(__name__)


def serve_marked(
    request: HttpRequest,
    file: FieldFile,
    *,
    edit: EditRequest,
    export: Export,
    with_recipe: bool,
    name: str,
    as_attachment: bool = False,
) -> HttpResponseBase:
    """A copy of a stored picture of the edit.  Raises Http404 where the storage does not have it."""
    etag = _etag(file, export, with_recipe=with_recipe)
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None:
        try:
            data, format = exported(picture_bytes(file), export)
        except (FileNotFoundError, BadImage) as error:
            raise Http404 from error
        except OSError:
            log.exception("The picture %s cannot be read", file.name)
            return HttpResponse(status=503, headers={"Retry-After": "60", "Cache-Control": "no-store"})
        data = marked(data, edit=edit, format_name=format, with_recipe=with_recipe)
        answer = HttpResponse(data, content_type=CONTENT_TYPES[format])
        disposition = content_disposition_header(as_attachment, f"{name}.{EXTENSIONS[format]}") or ""
        answer.headers["Content-Disposition"] = disposition
    for header, value in (HEADERS | {"ETag": etag}).items():
        answer.headers[header] = value
    return answer


def _etag(file: FieldFile, export: Export, *, with_recipe: bool) -> str:
    """The name of a stored file is never used for other bytes."""
    made = f"{file.name} {export} {kind_of_marks(with_recipe=with_recipe)}"
    return f'W/"{sha256(made.encode()).hexdigest()[:32]}"'
