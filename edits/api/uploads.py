"""POST /v1/uploads: stores a picture before its edits, which then name it by its id; a batch takes no files."""

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from edits.api.access import api
from edits.api.bodies import let_go_of_files, not_stored, read_body
from edits.api.errors import ApiError, refused
from edits.forms.api_batch import UploadForm
from edits.forms.edit_form import readable_name
from edits.models import ApiKey, StagedUpload
from edits.services.pictures.staging import TooMuchStaged, stage_upload

log = logging.getLogger(__name__)
RETRY_SECONDS = 60


@api("POST", scope="edit")
def uploads(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Check and store a picture; the same file with the same key again is the same upload."""
    read_body(request)
    form = UploadForm(request.POST, request.FILES, owner=key.owner, key=key)
    if not form.is_valid():
        raise refused(form)
    response = JsonResponse(_described(_stored(form, key=key)), status=201)
    let_go_of_files(request)
    return response


def _stored(form: UploadForm, *, key: ApiKey) -> StagedUpload:
    file: Any = form.files["image"]
    file.seek(0)
    try:
        return stage_upload(
            owner=key.owner,
            api_key=key,
            picture=form.cleaned_data["image"],
            data=file.read(),
            name=readable_name(str(file)),
            now=timezone.now(),
        )
    except TooMuchStaged as error:
        raise ApiError(
            "Too many uploads are waiting for their edits. Send some of them first.",
            status=429,
            code="rate_limit_exceeded",
            retry_after_seconds=RETRY_SECONDS,
        ) from error
    except OSError as error:
        log.exception("An upload could not be stored")
        raise not_stored(error) from error


def _described(upload: StagedUpload) -> dict[str, Any]:
    return {
        "id": str(upload.public_id),
        "object": "upload",
        "created": int(upload.created_at.timestamp()),
        "name": upload.name,
        "width": upload.width_px,
        "height": upload.height_px,
        "bytes": upload.size_bytes,
    }
