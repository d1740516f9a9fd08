"""The studio: the form of an edit, the stage with its result, the strip of the latest."""

import logging
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from edits.forms.edit_form import EditForm
from edits.forms.sources import Chosen, read_choice
from edits.model_specs import ModelSpec
from edits.models import EditRequest, ProviderModel, User
from edits.services.budgets.budgeting import OverBudget
from edits.services.queue.submitting import submit_edit
from edits.views.access import signed_in
from edits.views.budget_words import left_context
from edits.views.incoming import failure_of
from edits.views.over_budget import marked
from edits.views.picker import pick
from edits.views.prefill import Prefill, read_prefill
from edits.views.presets import FIRST_RUN, presets
from edits.views.source_card import card_of_choice, card_of_source
from edits.views.stage import estimate, stage_context
from edits.views.unstored import status_for, words_for

RECENT_PROMPTS = 30
LOOKED_THROUGH = 120
SAID_AT = ("image", "prompt", "size", "steps", "cfg_scale", "seed")
CHOOSE_AGAIN = "Choose the picture again: a browser does not keep a file over an error."

log = logging.getLogger(__name__)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def studio(request: HttpRequest) -> HttpResponse:
    """The page and its parts; posting the form makes an edit."""
    response = _submit(request) if request.method == "POST" else _look(request)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _look(request: HttpRequest) -> HttpResponse:
    if "pick" in request.GET:
        return pick(request)
    user, model = signed_in(request), ProviderModel.objects.default()
    prefill = read_prefill(request, owner=user, spec=model.spec)
    match _part_asked_for(request):
        case "stage":
            return render(request, "studio/_stage.html", stage_context(user, shown=prefill.shown))
        case "source":
            return render(
                request, "studio/_source.html", _source_context(prefill, owner=user, spec=model.spec)
            )
    return render(
        request, "studio/studio.html", _context(EditForm(owner=user, target=model), prefill, owner=user)
    )


def _part_asked_for(request: HttpRequest) -> str:
    return request.headers.get("HX-Target", "") if request.headers.get("HX-Request") == "true" else ""


def _submit(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = EditForm(request.POST, request.FILES, owner=user)
    edit, failure = _store(form, owner=user, lost=failure_of(request))
    in_place = request.headers.get("HX-Request") == "true"
    if edit is None:
        status = status_for(failure) if isinstance(failure, OSError) else 422
        response = _refuse(request, form, owner=user, in_place=in_place, status=status)
        return marked(response, failure) if isinstance(failure, OverBudget) else response
    address = f"{reverse('edits:studio')}?show={edit.public_id}"
    if not in_place:
        return redirect(address)
    return sent(request, edit, owner=user, form=form)


def _store(
    form: EditForm, *, owner: User, lost: OSError | None
) -> tuple[EditRequest, None] | tuple[None, OSError | OverBudget | None]:
    """The edit; without one, what the storage or a limit said, where it is that and not the form."""
    if lost:
        form.errors.pop("image", None)  # it was sent: only we could not take it
        form.add_error(None, ValidationError(words_for(lost), code="storage"))
    if not form.is_valid():
        return None, lost
    try:
        edit = submit_edit(
            owner=owner,
            model=form.target,
            source=form.to_source(),
            options=form.to_options(),
            references=form.to_references(),
            submission_key=form.to_key(),
        )
    except OverBudget as error:
        form.add_error(None, ValidationError(error.sentence, code="over_budget"))
        return None, error
    except OSError as error:
        log.exception("A picture could not be stored")
        form.add_error(None, ValidationError(words_for(error), code="storage"))
        return None, error
    return edit, None


def _refuse(
    request: HttpRequest, form: EditForm, *, owner: User, in_place: bool, status: int
) -> HttpResponse:
    """The form again with a sentence at each field that needs one; in place, only the sentences."""
    if in_place:
        context = {"said": _said(form), **left_context(owner, now=timezone.now())}
        response = render(request, "studio/_errors.html", context, status=status)
        response.headers["HX-Reswap"] = "none"
        return response
    values = {
        name: request.POST.get(name, "")
        for name in ("prompt", "seed", "steps", "cfg_scale", "size", "lock", "shape")
    }
    context = _context(form, Prefill(choice=_kept_choice(request), values=values), owner=owner)
    if (request.FILES or failure_of(request)) and not context["errors"]:
        context["errors"] = [CHOOSE_AGAIN]
    return render(request, "studio/studio.html", context, status=status)


def _kept_choice(request: HttpRequest) -> Chosen | None:
    try:
        return read_choice(request.POST.get("source", ""))
    except ValidationError:
        return None


def _said(form: EditForm) -> list[tuple[str, list[str]]]:
    """The sentences at each field, also where there are none: they take back those of an earlier try."""
    said = {name: [str(words) for words in form.errors.get(name, [])] for name in SAID_AT}
    said["image"] += [str(words) for words in form.errors.get("source", [])]
    return [*said.items(), ("all", [str(words) for words in form.non_field_errors()])]


def sent(
    request: HttpRequest, edit: EditRequest, *, owner: User, form: EditForm | None = None
) -> HttpResponse:
    """What an open studio shows once an edit was taken in: it on the stage and first in the strip."""
    shown = EditRequest.objects.with_cards(owner).select_related("rerun_of").get(pk=edit.pk)
    usual, line = estimate(provider_id=edit.provider_id, model=edit.model, size=edit.size, steps=edit.steps)
    context = stage_context(owner, shown=shown) | {"new_key": uuid.uuid4(), "usual": usual, "line": line}
    context |= left_context(owner, now=timezone.now())
    if form:
        card = card_of_source(edit, spec=form.spec)
        context |= {"card": card, "size": edit.size, "said": _said(form)}
    response = render(request, "studio/_sent.html", context)
    response.headers["HX-Push-Url"] = f"{reverse('edits:studio')}?show={edit.public_id}"
    return response


def _context(form: EditForm, prefill: Prefill, *, owner: User) -> dict[str, Any]:
    spec, values = form.spec, _values(prefill, spec=form.spec)
    model, steps = form.target, int(spec.steps.default) if spec.steps else None
    usual, line = estimate(
        provider_id=model.provider_id, model=model.name, size=str(values["size"]), steps=steps
    )
    context = stage_context(owner, shown=prefill.shown, first_if_none=True)
    return {
        **context,
        **_source_context(prefill, owner=owner, spec=spec),
        **left_context(owner, now=timezone.now()),
        "form": form,
        "values": values,
        "spec": spec,
        "offers": form.offers,
        "errors": form.errors.get("image", form.errors.get("source", [])),
        "new_key": uuid.uuid4(),
        "recent": recent_prompts(owner),
        "presets": presets(),
        "first_presets": presets()[:FIRST_RUN],
        "usual": usual,
        "line": line,
    }


def _source_context(prefill: Prefill, *, owner: User, spec: ModelSpec) -> dict[str, Any]:
    size = prefill.values.get("size") or spec.default_size
    context = {
        "card": None,
        "size": size,
        "shape": prefill.values.get("shape", ""),
        "errors": [],
    }
    if prefill.choice is None:
        return context
    try:
        return context | {"card": card_of_choice(prefill.choice, owner=owner, spec=spec)}
    except ValidationError as error:
        return context | {"errors": error.messages}


def _values(prefill: Prefill, *, spec: ModelSpec) -> dict[str, Any]:
    """What the form's fields show: the spec's defaults where nothing else is asked for."""
    defaults = {
        "prompt": "",
        "seed": "",
        "lock": False,
        "steps": int(spec.steps.default) if spec.steps else None,
        "cfg_scale": spec.cfg_scale.default if spec.cfg_scale else None,
        "size": spec.default_size,
    }
    return defaults | prefill.values


def recent_prompts(owner: User) -> list[str]:
    """The person's last prompts, each once, the latest first."""
    latest = EditRequest.objects.of(owner).kept().order_by("-id").values_list("prompt", flat=True)
    return list(dict.fromkeys(latest[:LOOKED_THROUGH]))[:RECENT_PROMPTS]
