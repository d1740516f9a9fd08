"""POST /v1/edits/<id>/rerun: runs an edit again; answered like a new edit.

Its parameters are optional, and sent as fields or JSON.
"""

import logging
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from edits.api.access import api
from edits.api.bodies import not_stored, read_body
from edits.api.errors import ApiError, not_found, refused, unknown_model
from edits.api.idempotency import ask
from edits.api.long_poll import reply
from edits.api.responses import answer_all
from edits.forms.rerun_form import RerunForm, Seed
from edits.forms.sources import repeatable
from edits.images import BadImage
from edits.models import ApiKey, EditRequest, ProviderModel
from edits.services.provider.choosing import UnknownModel, find_model
from edits.services.queue.submitting import model_of, rerun_edit

log = logging.getLogger(__name__)


@api("POST", scope="edit")
def rerun(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """Run an edit again with its own, a new or a given seed, and wait for it.

    Allowed for the owner's edits, and for shared ones with a shared source; with a key without read permission,
    for edits that the key created.
    """
    form = RerunForm(_sent(request))
    if not form.is_valid():
        raise refused(form)
    edits = ask(request, key, submit=partial(_submit, key, public_id, form.cleaned_data))
    wanted = form.cleaned_data["response_format"]
    return reply(request, edits, finished=partial(answer_all, request=request, response_format=wanted))


def _submit(key: ApiKey, public_id: UUID, asked: dict[str, Any], submission_key: UUID) -> list[EditRequest]:
    """Raises ApiError, OverBudget."""
    edit = repeatable(key.owner, key=key).filter(public_id=public_id).first()
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
            now=timezone.now(),
        )
    except BadImage as error:
        raise ApiError(error.sentence, status=400, code=error.code, param="model") from error
    except OSError as error:
        log.exception("An edit could not be run again")
        raise not_stored(error) from error
    return [again]


def _model_for(edit: EditRequest, name: str) -> ProviderModel:
    """The requested model, or that of the edit.

    Raises ApiError if there is none, or if the prompt is too long for it: prompts are never truncated.
    """
    model = _named(name) if name else model_of(edit)
    if model is None:
        raise _gone(edit)
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


def _named(name: str) -> ProviderModel:
    try:
        return find_model(name)
    except UnknownModel as error:
        raise unknown_model(name, error) from error


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
    """The fields, in either format; there may be none.  Raises ApiError."""
    if request.content_type or int(request.META.get("CONTENT_LENGTH") or 0):
        read_body(request)
    return request.POST
