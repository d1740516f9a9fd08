"""The studio: the form of an edit, the stage with its result, the strip of the latest."""

import logging
import uuid
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from edits.forms.batch_form import wants_batch
from edits.forms.edit_form import EditForm
from edits.forms.sources import Chosen
from edits.http.access import signed_in
from edits.http.storage_errors import status_for, words_for
from edits.http.upload_errors import failure_of
from edits.models import Batch, Draft, EditRequest, User
from edits.services.budgets.budgeting import OverBudget
from edits.services.drafts import draft_of
from edits.services.queue.submitting import submit_edit
from edits.views.budget_display import left_context
from edits.views.budget_errors import marked
from edits.views.drafts import entered_before
from edits.views.htmx import HtmxRequest
from edits.views.past_prompts import recent_prompts
from edits.views.picker import pick
from edits.views.prefill import read_prefill, references_as_chosen
from edits.views.preset_sources import note_use
from edits.views.source_card import card_of_source, cards_of_references
from edits.views.stage import (
    batch_stage_context,
    estimate,
    latest_in,
    latest_of,
    line_ahead,
    shown_provider,
    stage_context,
)
from edits.views.staging import NotStaged, keep_used, stage_image
from edits.views.studio_batch import MOST_NAMED, batch_sent, say_left_out, store_batch, store_files
from edits.views.studio_form import FormState, form_context, part_of, sentences_of, source_context

CHOOSE_AGAIN = _("Choose the picture again: browsers forget a file after an error.")
CHOOSE_AGAIN_FOR_MODEL = _("Choose the picture again: without JavaScript, browsers forget a file.")

log = logging.getLogger(__name__)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def studio(request: HtmxRequest) -> HttpResponse:
    """The page and its parts; posting the form makes an edit, with ``show`` it only shows the form again."""
    if request.method != "POST":
        response = _look(request)
    else:
        response = _show_again(request) if request.POST.get("show") else _submit(request)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _look(request: HtmxRequest) -> HttpResponse:
    if "pick" in request.GET:
        return pick(request)
    user = signed_in(request)
    prefill = read_prefill(request, owner=user)
    part, asked = _part_asked_for(request), request.GET.get("model", "").strip()
    if part in ("stage", "strip"):
        context = _stage(request, shown=prefill.shown)
        current = str(prefill.shown.public_id) if prefill.shown else ""
        return render(request, f"studio/_{part}.html", context | {"current": current})
    if part == "source":
        latest = None if asked else latest_of(user)
        state = FormState.of_address(prefill, asked=asked, latest=latest)
        size = request.GET.get("size") or state.spec.default_size
        return render(request, "studio/_source.html", source_context(state, owner=user, size=size))
    stage = _stage(request, shown=prefill.shown, first_if_none=True)
    draft = draft_of(user)
    if (entered := entered_before(request, draft, prefill=prefill)) is not None:
        state = FormState.of_data(entered)
    else:
        state = FormState.of_address(prefill, asked=asked, latest=latest_in(stage["strip"]))
    return render(request, "studio/studio.html", stage | _page_context(state, draft, owner=user))


def _stage(request: HtmxRequest, *, shown: EditRequest | None, first_if_none: bool = False) -> dict[str, Any]:
    """The person's own batch that the address names, otherwise the edit."""
    user = signed_in(request)
    try:
        named = Batch.objects.of(user).filter(public_id=uuid.UUID(request.GET.get("batch", ""))).first()
    except ValueError:
        named = None
    if named:
        return batch_stage_context(user, named)
    return stage_context(user, shown=shown, first_if_none=first_if_none) | {
        "layer": request.GET.get("layer", "")
    }


def _part_asked_for(request: HtmxRequest) -> str:
    return request.htmx.target or "" if request.htmx else ""


def _show_again(request: HtmxRequest) -> HttpResponse:
    """The form for another model, or with its references in another order; nothing is stored or sent."""
    user, state = signed_in(request), FormState.of_data(request.POST)
    if request.htmx:
        context = form_context(state, owner=user) | {
            "has_new_references": "new_references" in request.POST,
            "has_recent": "has_recent" in request.POST,
        }
        return render(request, "studio/_form_parts.html", context)
    form = EditForm(request.POST, request.FILES, owner=user)
    form.full_clean()
    context = _page_context(_with_upload(state, form), draft_of(user), owner=user)
    if _has_lost_files(request, context):
        context["errors"] = [CHOOSE_AGAIN_FOR_MODEL]
    stage = stage_context(user, first_if_none=True)
    return render(request, "studio/studio.html", stage | context)


def _submit(request: HtmxRequest) -> HttpResponse:
    user, given = signed_in(request), store_files(request)
    form = EditForm(given.data, given.files, owner=user)
    made, failure = _store_all(form, owner=user, lost=failure_of(request))
    if made is None:
        _say_left_out(form, given.left_out)
        status = status_for(failure) if isinstance(failure, OSError) else 422
        response = _refuse(request, form, owner=user, status=status)
        return marked(response, failure) if isinstance(failure, OverBudget) else response
    note_use(form, made)
    if isinstance(made, Batch):
        return batch_sent(request, made, left_out=given.left_out)
    say_left_out(request, given.left_out)
    return sent(request, made, owner=user, form=form) if request.htmx else redirect(_shown(made))


def _shown(edit: EditRequest) -> str:
    return f"{reverse('edits:studio')}?show={edit.public_id}"


def _say_left_out(form: EditForm, left_out: list[str]) -> None:
    """Why none of several files can be edited, or which of them cannot."""
    for sentence in left_out[:MOST_NAMED]:
        form.add_error("image", ValidationError(sentence, code="left_out"))


def _store_all(
    form: EditForm, *, owner: User, lost: OSError | None
) -> tuple[EditRequest | Batch, None] | tuple[None, OSError | OverBudget | None]:
    """A batch where the form asks for more than one edit."""
    if lost is None and wants_batch(form.data):
        return store_batch(form, owner=owner)
    return _store(form, owner=owner, lost=lost)


def _store(
    form: EditForm, *, owner: User, lost: OSError | None
) -> tuple[EditRequest, None] | tuple[None, OSError | OverBudget | None]:
    """The edit; without one, what the storage or a limit said, where it is that and not the form."""
    if lost:
        form.errors.pop("image", None)  # it was sent: only we could not take it
        form.errors.pop("reference", None)
        form.add_error(None, ValidationError(words_for(lost), code="storage"))
    if not form.is_valid():
        return None, lost
    keep_used(form)
    try:
        edit = submit_edit(
            owner=owner,
            model=form.target,
            source=form.to_source(),
            options=form.to_options(),
            references=form.to_references(),
            mask=form.to_mask(),
            submission_key=form.to_key(),
            now=timezone.now(),
        )
    except OverBudget as error:
        form.add_error(None, ValidationError(error.sentence, code="over_budget"))
        return None, error
    except OSError as error:
        log.exception("A picture could not be stored")
        form.add_error(None, ValidationError(words_for(error), code="storage"))
        return None, error
    return edit, None


def _refuse(request: HtmxRequest, form: EditForm, *, owner: User, status: int) -> HttpResponse:
    """The form again with a sentence at each field that needs one; in place, only the sentences."""
    if request.htmx:
        return _refuse_in_place(request, form, owner=owner, status=status)
    state = _with_upload(FormState.of_data(request.POST), form)
    context = _page_context(state, draft_of(owner), owner=owner, form=form)
    context["is_refused"] = True
    context["errors"] = context["said"]["image"] or context["errors"]
    context["offers"] = form.offers
    if _has_lost_files(request, context) and not context["errors"]:
        context["errors"] = [CHOOSE_AGAIN]
    stage = stage_context(owner, first_if_none=True)
    return render(request, "studio/studio.html", stage | context, status=status)


def _with_upload(state: FormState, form: EditForm) -> FormState:
    """The picture that came as a file is stored and named by reference: browsers forget it."""
    try:
        staged = stage_image(form)
    except NotStaged:
        return state
    return replace(state, source=Chosen("upload", str(staged.row.public_id))) if staged else state


def _has_lost_files(request: HttpRequest, context: dict[str, Any]) -> bool:
    """Whether a file came that is not stored: it has to be chosen again."""
    is_kept = context["card"] or context["unfit"]
    return bool(
        failure_of(request) or "reference" in request.FILES or ("image" in request.FILES and not is_kept)
    )


def _refuse_in_place(request: HtmxRequest, form: EditForm, *, owner: User, status: int) -> HttpResponse:
    if form.model_error:  # the model went away while the form was open
        context = form_context(FormState.of_data(request.POST), owner=owner, form=form) | {"whole_menu": True}
        response = render(request, "studio/_form_parts.html", context, status=status)
    else:
        context = {"said": sentences_of(form).items(), **left_context(owner, now=timezone.now())}
        response = render(request, "studio/_errors.html", context, status=status)
    response.headers["HX-Reswap"] = "none"
    return response


def sent(
    request: HtmxRequest, edit: EditRequest, *, owner: User, form: EditForm | None = None
) -> HttpResponse:
    """What an open studio shows once an edit was taken in: it on the stage and first in the strip."""
    context = stage_context(owner, shown=edit) | {"new_key": uuid.uuid4()}
    if context["edit"] is edit:  # sent twice, and meanwhile too old for the strip
        cards = EditRequest.objects.with_cards(owner).select_related(
            "rerun_of", "parent", "original", "merged__paint"
        )
        context["edit"] = cards.get(pk=edit.pk)
    context |= left_context(owner, now=timezone.now())
    if form:
        context |= _taken_in_context(edit, form, owner=owner)
    else:
        context |= {"line": line_ahead(owner, shown_provider(request))}
    response = render(request, "studio/_sent.html", context)
    response.headers["HX-Push-Url"] = _shown(edit)
    return response


def _taken_in_context(edit: EditRequest, form: EditForm, *, owner: User) -> dict[str, Any]:
    """The form's parts that change once its edit is stored: pictures need not be sent again."""
    usual, line = estimate(
        owner=owner, provider_id=edit.provider_id, model=edit.model, size=edit.size, steps=edit.steps
    )
    chosen = references_as_chosen(edit, viewer=owner) if form.to_references() else ()
    return {
        "usual": usual,
        "line": line,
        "provider_id": edit.provider_id,
        "card": card_of_source(edit, spec=form.spec, owner=owner),
        "references": cards_of_references(chosen, owner=owner, spec=form.spec)[0],
        "size": edit.size,
        "said": sentences_of(form).items(),
        "part": part_of(form.data),
    }


def _page_context(
    state: FormState, draft: Draft | None, *, owner: User, form: EditForm | None = None
) -> dict[str, Any]:
    """What the whole page takes besides the stage."""
    return {
        "revision": draft.revision if draft else 0,
        "draft_is_sent": bool(draft and "sent" in draft.content),
        "saved_by": [*draft.content.get("tab", []), *draft.content.get("at", [])] if draft else [],
        **form_context(state, owner=owner, form=form),
        "new_key": uuid.uuid4(),
        "recent": recent_prompts(owner),
    }
