"""POST /v1/images/edits, as defined by StepFun's page "Image edits" and OpenAI's API."""

import logging
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from edits.api.access import api
from edits.api.bodies import STORAGE_RETRY_SECONDS, let_go_of_files, not_stored, read_body
from edits.api.errors import ApiError, refused
from edits.api.idempotency import ask
from edits.api.long_poll import reply
from edits.api.responses import answer_all
from edits.forms.api_form import RESPONSE_FORMATS, ApiEditForm
from edits.models import ApiKey, EditRequest
from edits.services.queue.submitting import submit_edits

NAMES = {"source": "source_edit", "reference": "image"}
"""Fields that have another name in the API than in the form."""

log = logging.getLogger(__name__)


@api("POST", scope="edit")
def images_edits(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Create one or more edits and wait for them."""
    read_body(request)
    edits = ask(request, key, submit=partial(_submit, request, key))
    let_go_of_files(request)
    wanted = request.POST.get("response_format", "").strip() or RESPONSE_FORMATS[0]
    return reply(request, edits, finished=partial(answer_all, request=request, response_format=wanted))


def _submit(request: HttpRequest, key: ApiKey, submission_key: UUID) -> list[EditRequest]:
    """Raises ApiError, OverBudget."""
    form = ApiEditForm(request.POST, request.FILES, owner=key.owner, key=key)
    if not form.is_valid():
        raise _refused(form)
    try:
        return submit_edits(
            count=form.to_count(),
            owner=key.owner,
            model=form.target,
            source=form.to_source(),
            options=form.to_options(),
            references=form.to_references(),
            mask=form.to_mask(),
            submission_key=submission_key,
            api_key=key,
            now=timezone.now(),
        )
    except OSError as error:
        log.exception("A picture could not be stored")
        raise not_stored(error) from error


def _refused(form: ApiEditForm) -> ApiError:
    """The form's first error, under the name that its field has in the API."""
    error = refused(form)
    error.param = NAMES.get(error.param or "", error.param)
    if error.code == "unreadable":
        error.status, error.code, error.retry_after_seconds = 503, "unavailable", STORAGE_RETRY_SECONDS
    return error
