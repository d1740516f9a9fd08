"""Runs an edit again: with its own model, or with today's default where that one is gone."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.messages import ERROR
from django.contrib.messages.storage.base import Message
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from edits.forms.sources import refusal_words, repeatable
from edits.forms.word_lists import either
from edits.http.access import signed_in
from edits.http.storage_errors import words_for
from edits.images import BadImage
from edits.models import EditRequest, ProviderModel, User
from edits.services.budgets.budgeting import OverBudget
from edits.services.provider.choosing import UnknownModel, find_model
from edits.services.queue.submitting import ModelNotOffered, model_of, rerun_edit
from edits.views import budget_errors
from edits.views.htmx import HtmxRequest
from edits.views.model_choice import price_words, reference_count
from edits.views.redirects import way_back
from edits.views.studio import sent


@require_POST
def rerun(request: HtmxRequest, public_id: uuid.UUID) -> HttpResponse:
    """Run the same edit again, with its seed (``seed=same``) or a new one; leads to the new edit.

    ``model`` sends it to another model, fitted to what that takes.
    """
    user = signed_in(request)
    edit = get_object_or_404(repeatable(user), public_id=public_id)
    try:
        model = find_model(name) if (name := request.POST.get("model", "").strip()) else model_of(edit)
        if model and (sentence := prompt_too_long(edit, model)):
            return _refuse(request, edit, sentence, model=model)
        again = rerun_edit(
            edit=edit,
            owner=user,
            submission_key=key_of(request),
            same_seed=request.POST.get("seed", "same") == "same",
            model=model,
            now=timezone.now(),
        )
    except UnknownModel:
        return _refuse(request, edit, gettext("That model is no longer available. Choose another one."))
    except ModelNotOffered:
        return _lead_to_instead(request, edit)
    except BadImage as error:
        return _refuse(request, edit, refusal_words(error), model=model)
    except OverBudget as error:
        return budget_errors.refuse(request, error)
    except OSError as error:
        return _unstored(request, error)
    return _lead_to(request, again, owner=user)


@require_safe
def instead(request: HtmxRequest, public_id: uuid.UUID) -> HttpResponse:
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
    sentence = gettext(
        "The prompt has %(length)s characters, and %(model)s takes at most %(most)s. Shorten it first."
    )
    return sentence % {"length": f"{length:,}", "model": model.title, "most": f"{most:,}"}


def _left_out(edit: EditRequest, model: ProviderModel) -> str:
    """What of the edit the model does not take, as a sentence; blank where it takes all."""
    spec, options = model.spec, edit.options
    references = max(0, edit.references.count() - (spec.max_pictures - 1))
    lost = [
        (gettext("the mask"), edit.mask_id and not spec.takes_mask),
        (reference_count(references), references),
        (gettext("the seed"), options.seed and not spec.takes_seed),
        (gettext("the negative prompt"), options.negative_prompt and not spec.takes_negative_prompt),
    ]
    named = either(words for words, is_lost in lost if is_lost)
    sentence = gettext("%(model)s does not take %(fields)s.")
    return sentence % {"model": model.title, "fields": named} if named else ""


def _lead_to_instead(request: HtmxRequest, edit: EditRequest) -> HttpResponse:
    address = reverse("edits:rerun_instead", args=[edit.public_id])
    return HttpResponse(headers={"HX-Redirect": address}) if request.htmx else redirect(address)


def _refuse(
    request: HtmxRequest, edit: EditRequest, sentence: str, *, model: ProviderModel | None = None
) -> HttpResponse:
    """Nothing was stored: the sentence as a toast in an open page, otherwise on the page that offers a model."""
    if request.htmx:
        context: dict[str, Any] = {"message": Message(ERROR, sentence)}
        response = render(request, "budgets/_refused.html", context, status=422)
        response.headers["HX-Reswap"] = "none"
        return response
    context = _instead_context(edit, model or find_model(""), error=sentence)
    return render(request, "studio/instead.html", context, status=422)


def _lead_to(request: HtmxRequest, again: EditRequest, *, owner: User) -> HttpResponse:
    if request.htmx and request.POST.get("as") == "thumb":
        response = sent(request, again, owner=owner)
        response.headers["HX-Retarget"] = "#stage"
        response.headers["HX-Reswap"] = "outerHTML"
        return response
    address = _address_of_new(request, again)
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _unstored(request: HtmxRequest, error: OSError) -> HttpResponse:
    messages.error(request, words_for(error))
    if request.htmx:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect(way_back(request, default=reverse("edits:studio")))


def _address_of_new(request: HtmxRequest, edit: EditRequest) -> str:
    studio = reverse("edits:studio")
    if way_back(request, default="").partition("?")[0] == studio:
        return f"{studio}?show={edit.public_id}"
    return reverse("edits:viewer", args=[edit.public_id])


def key_of(request: HtmxRequest) -> uuid.UUID:
    """The form's submission key: sent twice, it is one edit."""
    try:
        return uuid.UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return uuid.uuid4()
