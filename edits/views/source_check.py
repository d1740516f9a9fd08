"""Says what would become of a picture before it is sent, and forgets it: nothing is stored."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from edits.forms.edit_form import EditForm, readable_name
from edits.images import CheckedImage
from edits.views.access import signed_in
from edits.views.incoming import failure_of
from edits.views.source_card import card_of_file
from edits.views.unstored import status_for, words_for

NUMBERED = re.compile(r"^Reference ([0-9]+): ")
"""In front of what the form says of a reference; here the pictures have no number yet, so their names are said."""


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
        files = request.FILES.getlist("reference")
        names = {str(number): readable_name(str(file)) for number, file in enumerate(files, start=1)}
        words = [
            NUMBERED.sub(lambda found: f"“{names.get(found[1], found[1])}”: ", str(error)) for error in errors
        ]
        return HttpResponse("\n".join(words), content_type="text/plain", status=422)
    cards = [
        card_of_file(source.picture, name=source.name, spec=form.spec)
        for source in form.cleaned_data["reference"]
        if isinstance(source.picture, CheckedImage)
    ]
    return render(request, "studio/_references.html", {"references": cards})
