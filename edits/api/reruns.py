"""POST /v1/edits/<id>/rerun: the same picture, prompt and options again; answered as a first edit is.

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
from edits.api.answers import answer_all
from edits.api.asking import ask
from edits.api.bodies import not_stored, read_form
from edits.api.errors import ApiError, not_found, refused, unknown_model
from edits.api.replying import reply
from edits.forms.rerun_form import RerunForm, Seed
from edits.forms.sources import repeatable
from edits.images import BadImage
from edits.models import ApiKey, EditRequest, ProviderModel
from edits.services.provider.choosing import UnknownModel, find_model
from edits.services.queue.submitting import model_of, rerun_edit

JSON = "application/json"

log = logging.getLogger(__name__)


@api("POST", scope="edit")
def rerun(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """Run it again with its own seed, a new one or another, and wait for it.

    Own edits, and shared ones whose source is shared too.
    """
    form = RerunForm(_sent(request))
    if not form.is_valid():
        raise refused(form)
    edits = ask(request, key, submit=partial(_submit, key, public_id, form.cleaned_data))
    wanted = form.cleaned_data["response_format"]
    return reply(request, edits, finished=partial(answer_all, request=request, response_format=wanted))


def _submit(key: ApiKey, public_id: UUID, asked: dict[str, Any], submission_key: UUID) -> list[EditRequest]:
    """Raises ApiError, OverBudget."""
    edit = repeatable(key.owner).filter(public_id=public_id).first()
    if edit is None:
        raise not_found()
    model, seed = _model_for(edit, asked["model"]), asked["seed"]
    _require_seed(seed, model=model)
    is_same = seed in ("same", edit.seed_to_repeat)
    try:
        again = rerun_edit(
            edit=edit,
            model=model,
            owner=key.owner,
            submission_key=submission_key,
            api_key=key,
            same_seed=is_same,
            seed=None if is_same or seed == "new" else int(seed),
        )
    except BadImage as error:
        raise ApiError(error.sentence, status=400, code=error.code, param="model") from error
    except OSError as error:
        log.exception("An edit could not be run again")
        raise not_stored(error) from error
    return [again]


def _model_for(edit: EditRequest, name: str) -> ProviderModel:
    """The model that is asked for, or that of the edit.  Raises ApiError where there is none, or the prompt is too
    long for it: a prompt is never cut.
    """
    if not name:
        own = model_of(edit)
        if own is None:
            raise _gone(edit)
        return own
    try:
        model = find_model(name)
    except UnknownModel as error:
        raise unknown_model(name, error) from error
    most = model.spec.max_prompt_chars
    longest = max(
        len(edit.prompt), len(edit.options.negative_prompt) if model.spec.takes_negative_prompt else 0
    )
    if longest > most:
        raise ApiError(
            f"The prompt has {longest:,} characters, and {model.name} takes at most {most:,}.",
            status=400,
            code="too_long",
            param="model",
        )
    return model


def _gone(edit: EditRequest) -> ApiError:
    default = ProviderModel.objects.default()
    return ApiError(
        f"The model {edit.model} is no longer offered. To run the edit with another one, send model, "
        f"for example {default.full_id}, the default.",
        status=400,
        code="model_not_found",
        param="model",
    )


def _require_seed(seed: Seed, *, model: ProviderModel) -> None:
    if isinstance(seed, int) and not model.spec.takes_seed:
        raise ApiError(
            f"The model {model.name} takes no seed. Leave it out.",
            status=400,
            code="not_supported",
            param="seed",
        )


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
