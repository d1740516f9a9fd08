"""POST /v1/images/edits, as the documentation page "Image edits" has it: one picture, one prompt, one edit."""

import logging
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from edits.api.access import api
from edits.api.answers import answer
from edits.api.asking import ask
from edits.api.bodies import STORAGE_RETRY_SECONDS, let_go_of_files, not_stored, read_form
from edits.api.errors import ApiError, refused
from edits.api.replying import reply
from edits.forms.api_form import RESPONSE_FORMATS, ApiEditForm
from edits.models import ApiKey, EditRequest
from edits.services.queue.submitting import submit_edit

log = logging.getLogger(__name__)


@api("POST", scope="edit")
def images_edits(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Make an edit of what was sent and wait for it."""
    read_form(request)
    edit = ask(request, key, submit=partial(_submit, request, key))
    let_go_of_files(request)
    wanted = request.POST.get("response_format", "").strip() or RESPONSE_FORMATS[0]
    return reply(request, edit, finished=partial(answer, request=request, response_format=wanted))


def _submit(request: HttpRequest, key: ApiKey, submission_key: UUID) -> EditRequest:
    """Raises ApiError, OverBudget."""
    form = ApiEditForm(request.POST, request.FILES, owner=key.owner)
    if not form.is_valid():
        raise _refused(form)
    try:
        return submit_edit(
            owner=key.owner,
            model=form.target,
            source=form.to_source(),
            options=form.to_options(),
            references=form.to_references(),
            submission_key=submission_key,
            api_key=key,
        )
    except OSError as error:
        log.exception("A picture could not be stored")
        raise not_stored(error) from error


def _refused(form: ApiEditForm) -> ApiError:
    """The first error, at the name that its field has for programs."""
    error = refused(form)
    if error.param == "source":
        error.param = "source_edit"
    if error.code == "unreadable":
        error.status, error.code, error.retry_after_seconds = 503, "unavailable", STORAGE_RETRY_SECONDS
    return error
