"""Several edits of one press in the studio: many pictures, several seeds or models, a grid of options."""

import logging
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, ngettext

from edits.forms.batch_form import BatchForm
from edits.forms.edit_form import SHAPES, EditForm, readable_name
from edits.forms.sources import Shape, refusal_words
from edits.http.access import signed_in
from edits.http.storage_errors import words_for
from edits.images import BadImage, CheckedImage, check_image
from edits.models import Batch, User
from edits.models.batches import MOST_EDITS
from edits.services.batch.taking_in import submit_batch
from edits.services.budgets.budgeting import OverBudget
from edits.services.pictures.staging import use_staged
from edits.services.queue.submitting import draw_seed
from edits.views.budget_display import left_context
from edits.views.htmx import HtmxRequest
from edits.views.stage import batch_stage_context, line_ahead, shown_provider
from edits.views.staging import NotStaged, stage_picture

MOST_NAMED = 5
NO_ERRORS: dict[str, list[str]] = {name: [] for name in ("image", "prompt", "all")}

log = logging.getLogger(__name__)


@dataclass
class Sent:
    """The form's fields and files, after several files were stored: then they are references, and none is a file.

    ``left_out`` says of each file that cannot be edited why.
    """

    data: QueryDict
    files: MultiValueDict[str, UploadedFile]
    left_out: list[str] = field(default_factory=list)


def store_files(request: HtmxRequest) -> Sent:
    """What was sent; of several files without script each is stored, and those that cannot be edited are left out."""
    chosen = request.FILES.getlist("image")
    if len(chosen) < 2:
        return Sent(request.POST, request.FILES)
    sent = Sent(request.POST.copy(), request.FILES.copy())
    del sent.files["image"]
    form, found = EditForm(request.POST, owner=signed_in(request)), request.POST.getlist("picture")
    shape = SHAPES.get(request.POST.get("shape", ""), "")
    for file in chosen[:MOST_EDITS]:
        try:
            picture = _checked(file, form=form, shape=shape)
            found.append(stage_picture(picture, file, owner=form.owner, shape=shape).reference)
        except BadImage as error:
            sent.left_out.append(left_out_words(file, refusal_words(error)))
        except NotStaged as error:
            sent.left_out.append(left_out_words(file, error.sentence))
    sent.left_out += [left_out_words(file, too_many_words()) for file in chosen[MOST_EDITS:]]
    sent.data.setlist("picture", found)
    if found:
        sent.data["source"] = found[0]
    return sent


def _checked(file: Any, *, form: EditForm, shape: Shape) -> CheckedImage:
    """Raises BadImage."""
    return check_image(file, spec=form.spec, lenient=True, fit=True, shape=shape)


def too_many_words() -> str:
    """Why a file beyond the most is left out."""
    return gettext("At most %(most)s pictures at once.") % {"most": MOST_EDITS}


def left_out_words(file: UploadedFile, sentence: str) -> str:
    """Which file is left out, and why."""
    return gettext("“%(name)s”: %(sentence)s") % {"name": readable_name(str(file)), "sentence": sentence}


def store_batch(
    form: EditForm, *, owner: User
) -> tuple[Batch, None] | tuple[None, OSError | OverBudget | None]:
    """The batch; without one, what the storage or a limit said, where it is that and not the form."""
    wish = BatchForm(form, draw=draw_seed)
    if not wish.is_valid() or wish.plan is None:
        return None, None
    use_staged(wish.upload_ids(), owner=owner, now=timezone.now())
    try:
        batch = submit_batch(owner=owner, plan=wish.plan, submission_key=wish.to_key(), now=timezone.now())
    except OverBudget as error:
        form.add_error(None, ValidationError(error.sentence, code="over_budget"))
        return None, error
    except OSError as error:
        log.exception("A picture could not be stored")
        form.add_error(None, ValidationError(words_for(error), code="storage"))
        return None, error
    return batch, None


def batch_sent(request: HtmxRequest, batch: Batch, *, left_out: list[str]) -> HttpResponse:
    """The batch on the stage of the open studio, or its page; and which files were left out."""
    say_left_out(request, left_out)
    if not request.htmx:
        return redirect("edits:batch", batch.public_id)
    user = signed_in(request)
    context: dict[str, Any] = batch_stage_context(user, batch)
    context |= {"new_key": uuid.uuid4(), "said": NO_ERRORS.items()}
    context |= left_context(user, now=timezone.now())
    context |= {"line": line_ahead(user, shown_provider(request))}
    response = render(request, "studio/_batch_sent.html", context)
    response.headers["HX-Push-Url"] = f"{reverse('edits:studio')}?batch={batch.public_id}"
    return response


def say_left_out(request: HttpRequest, left_out: list[str]) -> None:
    """Which files are not among the edits, and why, on the page that comes next."""
    if not left_out:
        return
    number = len(left_out)
    sentence = ngettext(
        "%(number)s file was left out. %(first)s", "%(number)s files were left out. %(first)s", number
    )
    messages.warning(request, sentence % {"number": number, "first": " ".join(left_out[:MOST_NAMED])})
