"""POST /v1/edits/<id>/rerun: the same picture, prompt and parameters once more; answered as a first edit is.

What it takes may be sent as fields, as JSON, or be left out.
"""

import json
import logging
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from edits.api.access import api
from edits.api.answers import answer
from edits.api.asking import ask
from edits.api.bodies import not_stored, read_form
from edits.api.errors import ApiError, not_found, refused
from edits.api.replying import reply
from edits.forms.rerun_form import RerunForm, Seed
from edits.forms.sources import repeatable
from edits.models import ApiKey, EditRequest
from edits.services.queue.submitting import ModelNotOffered, rerun_edit

JSON = "application/json"

log = logging.getLogger(__name__)


@api("POST", scope="edit")
def rerun(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """Ask for it once more with its own seed, a new one or another, and wait for it.

    Own edits, and shared ones whose source is shared too.
    """
    form = RerunForm(_sent(request))
    if not form.is_valid():
        raise refused(form)
    submit = partial(_submit, key, public_id, form.cleaned_data["seed"])
    edit = ask(request, key, submit=submit)
    wanted = form.cleaned_data["response_format"]
    return reply(request, edit, finished=partial(answer, request=request, response_format=wanted))


def _submit(key: ApiKey, public_id: UUID, seed: Seed, submission_key: UUID) -> EditRequest:
    """Raises ApiError, OverBudget."""
    edit = repeatable(key.owner).filter(public_id=public_id).first()
    if edit is None:
        raise not_found()
    who: dict[str, Any] = {"owner": key.owner, "submission_key": submission_key, "api_key": key}
    try:
        if seed in ("same", "new", edit.seed_to_repeat):
            return rerun_edit(edit=edit, same_seed=seed != "new", **who)
        return rerun_edit(edit=edit, same_seed=False, seed=int(seed), **who)
    except ModelNotOffered as error:
        raise ApiError(
            f"The model {edit.model} is no longer offered here. Send the edit again with another model.",
            status=400,
            code="model_not_found",
            param="model",
        ) from error
    except OSError as error:
        log.exception("An edit could not be taken in once more")
        raise not_stored(error) from error


def _sent(request: HttpRequest) -> Any:
    """The fields, whichever way they came.  Raises ApiError."""
    if request.content_type == JSON:
        return _json_of(request)
    if request.content_type or int(request.META.get("CONTENT_LENGTH") or 0):
        read_form(request)
    return request.POST


def _json_of(request: HttpRequest) -> dict[str, Any]:
    try:
        said = json.loads(request.body or b"{}")
    except (ValueError, RecursionError, RequestDataTooBig, UnreadablePostError) as error:
        raise _not_an_object() from error
    if not isinstance(said, dict):
        raise _not_an_object()
    return said


def _not_an_object() -> ApiError:
    return ApiError("The body must be a JSON object, or empty.", status=400, code="bad_request")
