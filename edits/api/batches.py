"""POST /v1/batches: up to 200 edits in one call, all of them or none.  GET: how far they are.  …/pause,
…/resume, …/cancel: those that wait.

Answered at once: the edits are made one after the other.
"""

import logging
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone

from edits.api.access import api
from edits.api.bodies import STORAGE_RETRY_SECONDS, not_stored, read_body
from edits.api.errors import ApiError, not_found, refused
from edits.api.idempotency import ask_for_whole
from edits.api.images_edits import NAMES
from edits.api.json_bodies import JSON
from edits.forms.api_batch import BadEdit, BatchEditForm, plan_of, read_edits, upload_ids
from edits.models import ApiKey, Batch
from edits.services.api.batch_json import batches_open_to, describe_batch
from edits.services.batch.leftovers import cancel_rest
from edits.services.batch.pausing import pause_batch, resume_batch
from edits.services.batch.taking_in import submit_batch
from edits.services.pictures.staging import use_staged

log = logging.getLogger(__name__)


@api("POST", scope="edit")
def batches(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Take a batch in; the same call with the same Idempotency-Key gives the same batch."""
    if request.content_type != JSON:
        raise ApiError(f"Send the edits as {JSON}.", status=415, code="unsupported_media_type")
    read_body(request)
    mine = Batch.objects.of(key.owner)
    found = ask_for_whole(request, key, among=mine, submit=partial(_submit, request, key))
    response = _answer(request, key, found, status=202)
    response["Location"] = reverse("edits:api_batch", args=[found.public_id])
    return response


@api("GET", scope="any")
def batch(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """One of the owner's batches with its edits; with a key without read permission, one that the key made."""
    return _answer(request, key, _found(key, public_id))


@api("POST", scope="edit")
def cancel(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """Cancel the edits of a batch that wait.  Those that run may be charged, and are finished.  Idempotent."""
    found = _found(key, public_id)
    cancel_rest(batch=found, now=timezone.now())
    return _answer(request, key, _found(key, public_id))


@api("POST", scope="edit")
def pause(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """Send nothing more of a batch for now.  Those that run are finished.  Idempotent."""
    pause_batch(batch=_found(key, public_id), now=timezone.now())
    return _answer(request, key, _found(key, public_id))


@api("POST", scope="edit")
def resume(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """Send the edits of a paused batch again.  Idempotent."""
    resume_batch(batch=_found(key, public_id))
    return _answer(request, key, _found(key, public_id))


def _submit(request: HttpRequest, key: ApiKey, submission_key: UUID) -> Batch:
    """Raises ApiError, OverBudget."""
    try:
        edits = read_edits(request.POST.get("edits", ""))
        shared = request.POST.dict()
        plan = plan_of(edits, shared=shared, owner=key.owner, key=key)
        use_staged(upload_ids(edits, shared=shared), owner=key.owner, now=timezone.now())
        return submit_batch(
            owner=key.owner, plan=plan, submission_key=submission_key, api_key=key, now=timezone.now()
        )
    except ValidationError as error:
        raise ApiError(error.messages[0], status=400, code=error.code or "invalid", param="edits") from error
    except BadEdit as error:
        raise _refused(error) from error
    except OSError as error:
        log.exception("A batch could not be stored")
        raise not_stored(error) from error


def _refused(bad: BadEdit) -> ApiError:
    """The first error of the edit, under the name that its field has in the API: edits[3].prompt."""
    error = refused(bad.form)
    field = NAMES.get(error.param or "", error.param)
    if error.param == "source" and isinstance(bad.form, BatchEditForm) and bad.form.names_upload:
        field = "upload"
    error.param = f"edits[{bad.position}]" + (f".{field}" if field else "")
    error.message = f"Edit {bad.position + 1}: {error.message}"
    if error.code == "unreadable":
        error.status, error.code, error.retry_after_seconds = 503, "unavailable", STORAGE_RETRY_SECONDS
    return error


def _found(key: ApiKey, public_id: UUID) -> Batch:
    found = batches_open_to(key).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def _answer(request: HttpRequest, key: ApiKey, found: Batch, *, status: int = 200) -> JsonResponse:
    described: dict[str, Any] = describe_batch(found, viewer=key.owner, address=request.build_absolute_uri)
    return JsonResponse(described, status=status)
