"""Runs an edit again: with its own model, or with today's default where that one is gone."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.messages import ERROR
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from edits.forms.sources import repeatable
from edits.images import BadImage
from edits.models import EditRequest, ProviderModel, User
from edits.services.budgets.budgeting import OverBudget
from edits.services.provider.choosing import UnknownModel, find_model
from edits.services.queue.submitting import ModelNotOffered, model_of, rerun_edit
from edits.views import over_budget
from edits.views.access import signed_in
from edits.views.leading_back import way_back
from edits.views.model_choice import price_words
from edits.views.studio import sent
from edits.views.unstored import words_for


@require_POST
def rerun(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The same edit once more, with its seed (``seed=same``) or a new one; leads to the new edit.

    ``model`` sends it to another model, fitted to what that takes.
    """
    user = signed_in(request)
    edit = get_object_or_404(repeatable(user), public_id=public_id)
    try:
        model = find_model(name) if (name := request.POST.get("model", "").strip()) else None
        if model and (sentence := prompt_too_long(edit, model)):
            return _refuse(request, edit, sentence, model=model)
        again = rerun_edit(
            edit=edit,
            owner=user,
            submission_key=key_of(request),
            same_seed=request.POST.get("seed", "same") == "same",
            model=model,
        )
    except UnknownModel:
        return _refuse(request, edit, "That model is not available any more. Choose another one.")
    except ModelNotOffered:
        return _lead_to_instead(request, edit)
    except BadImage as error:
        return _refuse(request, edit, error.sentence, model=model)
    except OverBudget as error:
        return over_budget.refuse(request, error)
    except OSError as error:
        return _unstored(request, error)
    return _lead_to(request, again, owner=user)


@require_safe
def instead(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Says that the edit's model is gone, and offers today's default in its place."""
    edit = get_object_or_404(repeatable(signed_in(request)), public_id=public_id)
    if model_of(edit):
        return redirect("edits:viewer", public_id)
    return render(request, "studio/instead.html", _instead_context(edit, find_model("")))


def _instead_context(edit: EditRequest, model: ProviderModel, *, error: str = "") -> dict[str, Any]:
    use = urlencode(
        [("from", str(edit.public_id)), ("use", "all"), ("use", "source"), ("model", model.full_id)]
    )
    return {
        "edit": edit,
        "is_gone": model_of(edit) is None,
        "model": model,
        "price": price_words(model),
        "error": error or prompt_too_long(edit, model),
        "left_out": _left_out(edit, model),
        "studio": f"{reverse('edits:studio')}?{use}",
        "back": reverse("edits:viewer", args=[edit.public_id]),
    }


def prompt_too_long(edit: EditRequest, model: ProviderModel) -> str:
    """Why the model cannot get the edit's prompt, which is never cut; blank where it can."""
    length, most = len(edit.prompt), model.spec.max_prompt_chars
    if length <= most:
        return ""
    return (
        f"The prompt has {length:,} characters, and {model.title} takes at most {most:,}. Shorten it first."
    )


def _left_out(edit: EditRequest, model: ProviderModel) -> str:
    """What of the edit the model does not take, as a sentence; blank where it takes all."""
    spec, options = model.spec, edit.options
    references = max(0, edit.references.count() - (spec.max_pictures - 1))
    lost = [
        ("the mask", edit.mask_id and not spec.takes_mask),
        (f"{references} reference{'' if references == 1 else 's'}", references),
        ("the seed", options.seed and not spec.takes_seed),
        ("the negative prompt", options.negative_prompt and not spec.takes_negative_prompt),
    ]
    *others, last = [words for words, is_lost in lost if is_lost] or [""]
    named = f"{', '.join(others)} or {last}" if others else last
    return f"{model.title} does not take {named}." if named else ""


def _lead_to_instead(request: HttpRequest, edit: EditRequest) -> HttpResponse:
    address = reverse("edits:rerun_instead", args=[edit.public_id])
    return HttpResponse(headers={"HX-Redirect": address}) if is_in_place(request) else redirect(address)


def _refuse(
    request: HttpRequest, edit: EditRequest, sentence: str, *, model: ProviderModel | None = None
) -> HttpResponse:
    """Nothing was stored: the sentence as a toast in an open page, otherwise on the page that offers a model."""
    if is_in_place(request):
        context: dict[str, Any] = {"message": Message(ERROR, sentence)}
        response = render(request, "budgets/_refused.html", context, status=422)
        response.headers["HX-Reswap"] = "none"
        return response
    context = _instead_context(edit, model or find_model(""), error=sentence)
    return render(request, "studio/instead.html", context, status=422)


def _lead_to(request: HttpRequest, again: EditRequest, *, owner: User) -> HttpResponse:
    if is_in_place(request) and request.POST.get("as") == "thumb":
        response = sent(request, again, owner=owner)
        response.headers["HX-Retarget"] = "#stage"
        response.headers["HX-Reswap"] = "outerHTML"
        return response
    address = _address_of_new(request, again)
    if is_in_place(request):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _unstored(request: HttpRequest, error: OSError) -> HttpResponse:
    messages.error(request, words_for(error))
    if is_in_place(request):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect(way_back(request, default=reverse("edits:studio")))


def _address_of_new(request: HttpRequest, edit: EditRequest) -> str:
    studio = reverse("edits:studio")
    if way_back(request, default="").partition("?")[0] == studio:
        return f"{studio}?show={edit.public_id}"
    return reverse("edits:viewer", args=[edit.public_id])


def is_in_place(request: HttpRequest) -> bool:
    """The request was sent by htmx, for a part of an open page."""
    return request.headers.get("HX-Request") == "true"


def key_of(request: HttpRequest) -> uuid.UUID:
    """The form's submission key: sent twice, it is one edit."""
    try:
        return uuid.UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return uuid.uuid4()
