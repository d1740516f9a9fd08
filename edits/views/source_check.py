"""Says what would become of a picture before it is sent, and forgets it: nothing is stored."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from edits.forms.edit_form import EditForm, readable_name
from edits.http.access import signed_in
from edits.http.storage_errors import status_for, words_for
from edits.http.upload_errors import failure_of
from edits.images import CheckedImage
from edits.views.source_card import card_of_file


@require_POST
def check_source(request: HttpRequest) -> HttpResponse:
    """The source card of the posted picture, or a sentence on why it cannot be edited with its ways out.

    With files in ``reference`` instead, the cards of these references.
    """
    form = EditForm(request.POST, request.FILES, owner=signed_in(request))
    spec = form.spec
    form.full_clean()
    if "reference" in request.FILES:
        return _check_references(request, form)
    picture = form.cleaned_data.get("image")
    name = readable_name(str(request.FILES.get("image", "")))
    lost = failure_of(request)
    context: dict[str, Any] = {
        "card": card_of_file(picture, name=name, spec=spec) if picture else None,
        "offers": form.offers,
        "errors": [words_for(lost)] if lost else form.errors.get("image", []),
        "shape": request.POST.get("shape", ""),
        "size": request.POST.get("size") or spec.default_size,
    }
    return render(request, "studio/_source.html", context)


def _check_references(request: HttpRequest, form: EditForm) -> HttpResponse:
    if lost := failure_of(request):
        return HttpResponse(words_for(lost), content_type="text/plain", status=status_for(lost))
    if errors := form.errors.get("reference"):
        names = [readable_name(str(file)) for file in request.FILES.getlist("reference")]
        words = [_with_name(error, names=names) for error in errors.as_data()]
        return HttpResponse("\n".join(words), content_type="text/plain", status=422)
    cards = [
        card_of_file(source.picture, name=source.name, spec=form.spec)
        for source in form.cleaned_data["reference"]
        if isinstance(source.picture, CheckedImage)
    ]
    return render(request, "studio/_references.html", {"references": cards})


def _with_name(error: ValidationError, *, names: list[str]) -> str:
    """What the form says of a reference, which has no number here yet, with its file's name."""
    params = error.params or {}
    number = params.get("number", 0)
    if not 1 <= number <= len(names):
        return error.messages[0]
    values = {"name": names[number - 1], "sentence": params["sentence"]}
    return gettext("“%(name)s”: %(sentence)s") % values
