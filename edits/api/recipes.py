"""GET /v1/recipes: those that the key's owner may run.  POST /v1/recipes/{id}/runs: run one on uploaded pictures.
GET /v1/recipe-runs/{id}: how far it is.  …/cancel: begin no further step.
"""

import json
import logging
import uuid
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone

from edits.api.access import api
from edits.api.bodies import STORAGE_RETRY_SECONDS, not_stored, read_body
from edits.api.errors import ApiError, not_found
from edits.api.idempotency import ask_for_whole
from edits.api.json_bodies import JSON
from edits.forms.api_batch import NO_UPLOAD
from edits.forms.recipe_run import RunForm
from edits.forms.sources import Chosen, all_staged_behind
from edits.models import ApiKey, Recipe, RecipeRun, RecipeVersion
from edits.models.recipes import MOST_RUN_PICTURES
from edits.services.api.recipe_json import describe_recipe, describe_run, runs_open_to
from edits.services.pictures.staging import use_staged
from edits.services.recipes.recipe_book import newest_version
from edits.services.recipes.run_actions import cancel_run
from edits.services.recipes.starting import start_run
from edits.services.recipes.steps import steps_from_json

MOST_LISTED = 200
NO_LIST = f"uploads must be a list of 1 to {MOST_RUN_PICTURES} ids of pictures that were uploaded."
CONSENT = "A model of this recipe has changed or is gone. Send replace_models to use today's default instead."

log = logging.getLogger(__name__)


@api("GET", scope="read")
def recipes(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """The owner's recipes and those of the team, the newest first."""
    visible = Recipe.objects.visible_to(key.owner).select_related("owner").prefetch_related("versions")
    found = list(visible.order_by("-pk")[: MOST_LISTED + 1])
    data = [describe_recipe(one, address=request.build_absolute_uri) for one in found[:MOST_LISTED]]
    return JsonResponse({"object": "list", "data": data, "has_more": len(found) > MOST_LISTED})


@api("POST", scope="edit")
def runs(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """Start a run; the same call with the same Idempotency-Key gives the same run."""
    recipe = Recipe.objects.visible_to(key.owner).filter(public_id=public_id).first()
    if recipe is None:
        raise not_found()
    if request.content_type != JSON:
        raise ApiError(f"Send the uploads as {JSON}.", status=415, code="unsupported_media_type")
    read_body(request)
    mine = RecipeRun.objects.of(key.owner)
    found = ask_for_whole(request, key, among=mine, submit=partial(_submit, request, key, recipe))
    response = _answer(request, found, status=202)
    response["Location"] = reverse("edits:api_recipe_run", args=[found.public_id])
    return response


@api("GET", scope="any")
def run(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """One of the owner's runs; with a key without read permission, one that the key started."""
    return _answer(request, _found(key, public_id))


@api("POST", scope="edit")
def cancel(request: HttpRequest, key: ApiKey, public_id: UUID) -> HttpResponse:
    """Begin no further step, and cancel edits that wait.  Those that run may be charged.  Idempotent."""
    cancel_run(run=_found(key, public_id), now=timezone.now())
    return _answer(request, _found(key, public_id))


def _submit(request: HttpRequest, key: ApiKey, recipe: Recipe, submission_key: UUID) -> RecipeRun:
    """Raises ApiError, OverBudget."""
    version = _version(recipe, request.POST.get("version", ""))
    choices = _uploads(request.POST.get("uploads", ""), key=key)
    data = {"replace": "1" if request.POST.get("replace_models") == "true" else ""}
    steps = steps_from_json(version.steps)
    form = RunForm(data, choices, steps, owner=key.owner, key=key, version=version, name=recipe.name)
    if not form.is_valid() or form.plan is None:
        raise _refused(form)
    use_staged(form.upload_ids(), owner=key.owner, now=timezone.now())
    try:
        return start_run(
            owner=key.owner, plan=form.plan, submission_key=submission_key, api_key=key, now=timezone.now()
        )
    except OSError as error:
        log.exception("A run could not be stored")
        raise not_stored(error) from error


def _version(recipe: Recipe, text: str) -> RecipeVersion:
    """Raises ApiError."""
    if not text:
        return newest_version(recipe)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    found = recipe.versions.filter(number=number).first()
    if found is None:
        raise ApiError("This recipe has no such version.", status=400, code="invalid", param="version")
    return found


def _uploads(text: str, *, key: ApiKey) -> list[Chosen]:
    """Raises ApiError."""
    try:
        said = json.loads(text) if text else None
    except ValueError:
        said = None
    if not isinstance(said, list) or not 1 <= len(said) <= MOST_RUN_PICTURES:
        raise ApiError(NO_LIST, status=400, code="invalid", param="uploads")
    choices = []
    for position, one in enumerate(said):
        try:
            choice = Chosen("upload", str(uuid.UUID(str(one))))
        except ValueError as error:
            raise ApiError(NO_UPLOAD, status=400, code="gone", param=f"uploads[{position}]") from error
        choices.append(choice)
    return _existing(choices, key=key)


def _existing(choices: list[Chosen], *, key: ApiKey) -> list[Chosen]:
    """Raises ApiError for the first that this key did not upload, or that was deleted."""
    known = all_staged_behind(choices, owner=key.owner, key=key)
    for position, choice in enumerate(choices):
        if choice not in known:
            raise ApiError(NO_UPLOAD, status=400, code="gone", param=f"uploads[{position}]")
    return choices


def _refused(form: RunForm) -> ApiError:
    """Why the run cannot start."""
    error = form.error
    code = (error.code if error else "") or "invalid"
    message = error.messages[0] if error else ""
    if code == "model_not_found":
        return ApiError(CONSENT, status=400, code=code, param="replace_models")
    if code == "unreadable":
        return ApiError(message, status=503, code="unavailable", retry_after_seconds=STORAGE_RETRY_SECONDS)
    return ApiError(message, status=400, code=code, param="uploads" if code != "invalid" else None)


def _found(key: ApiKey, public_id: UUID) -> RecipeRun:
    found = runs_open_to(key).select_related("version__recipe").filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def _answer(request: HttpRequest, found: RecipeRun, *, status: int = 200) -> JsonResponse:
    return JsonResponse(describe_run(found, address=request.build_absolute_uri), status=status)
