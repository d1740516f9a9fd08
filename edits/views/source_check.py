"""Says what would become of a picture before it is sent, and forgets it: nothing is stored."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from edits.forms.edit_form import EditForm, readable_name
from edits.views.access import signed_in
from edits.views.incoming import failure_of
from edits.views.source_card import card_of_file
from edits.views.unstored import words_for


@require_POST
def check_source(request: HttpRequest) -> HttpResponse:
    """The source card of the posted picture, or a sentence on why it cannot be edited with its ways out."""
    form = EditForm(request.POST, request.FILES, owner=signed_in(request))
    spec = form.spec
    form.full_clean()
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
