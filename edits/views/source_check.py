"""Takes a picture in before its edit: checked and stored once, and named by reference from then on.

The answer is the source card, in JSON what a list of many needs, and with files in ``reference`` their cards.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from edits.forms.edit_form import EditForm, readable_name
from edits.http.access import signed_in
from edits.http.errors import json_error, wants_json
from edits.http.storage_errors import status_for, words_for
from edits.http.upload_errors import failure_of
from edits.images import CheckedImage
from edits.views.source_card import SourceCard, card_of_staged
from edits.views.staging import NotStaged, Staged, stage_image, stage_picture


@require_POST
def check_source(request: HttpRequest) -> HttpResponse:
    """Stores the posted picture and shows it as it will be sent, or says why it cannot be edited."""
    data = request.POST.copy()
    data.pop("reference_source", None)  # those are stored already
    form = EditForm(data, request.FILES, owner=signed_in(request))
    form.full_clean()
    if "reference" in request.FILES:
        return _check_references(request, form)
    checked = _check_image(request, form)
    if wants_json(request):
        return _as_json(checked)
    context: dict[str, Any] = {
        "card": checked.card,
        "offers": form.offers if checked.staged else (),
        "unfit": checked.staged.reference if checked.staged else "",
        "errors": checked.errors,
        "shape": request.POST.get("shape", ""),
        "size": request.POST.get("size") or form.spec.default_size,
    }
    return render(request, "studio/_source.html", context, status=checked.status)


@dataclass(frozen=True)
class _Checked:
    """``errors`` say why nothing was stored, or why there is no card: the stored picture needs a shape first."""

    form: EditForm
    card: SourceCard | None
    staged: Staged | None
    errors: list[str]
    code: str = ""
    status: int = 200


def _check_image(request: HttpRequest, form: EditForm) -> _Checked:
    if lost := failure_of(request):
        return _Checked(form, None, None, [words_for(lost)], "storage", status_for(lost))
    errors = form.errors.as_data().get("image", [])
    said = [error.messages[0] for error in errors]
    code = (errors[0].code or "") if errors else ""
    if errors and not form.offers:
        return _Checked(form, None, None, said, code)
    try:
        staged = stage_image(form)
    except NotStaged as error:
        return _Checked(form, None, None, [error.sentence], error.code, error.status)
    if staged is None:
        return _Checked(form, None, None, said, code)
    if form.offers:
        return _Checked(form, None, staged, said, code)
    shape = form.cleaned_data.get("shape", "")
    card = card_of_staged(staged.row, spec=form.spec, shape=shape, picture_url=staged.preview)
    return _Checked(form, card, staged, [])


def _as_json(checked: _Checked) -> HttpResponse:
    """For a script that takes in many: the reference and what a list shows of it, or what is wrong."""
    if not checked.staged:
        words = (checked.errors or [gettext("Add a picture.")])[0]
        status = 422 if checked.status == 200 else checked.status
        return json_error(status=status, code=checked.code or "required", message=words, param="image")
    row = checked.staged.row
    offers = [vars(offer) for offer in checked.form.offers]
    described = {"reference": checked.staged.reference, "name": row.name, "preview": checked.staged.preview}
    measured = {"width_px": row.width_px, "height_px": row.height_px}
    return JsonResponse(described | measured | {"offers": offers, "message": " ".join(checked.errors)})


def _check_references(request: HttpRequest, form: EditForm) -> HttpResponse:
    if lost := failure_of(request):
        return _plain(words_for(lost), status=status_for(lost))
    files = request.FILES.getlist("reference")
    if errors := form.errors.get("reference"):
        names = [readable_name(str(file)) for file in files]
        words = [_with_name(error, names=names) for error in errors.as_data()]
        return _plain("\n".join(words), status=422)
    pictures = [source.picture for source in form.cleaned_data["reference"]]
    try:
        cards = [_card(form, *pair) for pair in zip(pictures, files, strict=False)]
    except NotStaged as error:
        return _plain(error.sentence, status=error.status)
    return render(request, "studio/_references.html", {"references": cards})


def _card(form: EditForm, picture: CheckedImage, file: UploadedFile) -> SourceCard:
    staged = stage_picture(picture, file, owner=form.owner)
    return card_of_staged(staged.row, spec=form.spec, picture_url=staged.preview)


def _plain(words: str, *, status: int) -> HttpResponse:
    return HttpResponse(words, content_type="text/plain", status=status)


def _with_name(error: ValidationError, *, names: list[str]) -> str:
    """What the form says of a reference, which has no number here yet, with its file's name."""
    params = error.params or {}
    number = params.get("number", 0)
    if not 1 <= number <= len(names):
        return error.messages[0]
    values = {"name": names[number - 1], "sentence": params["sentence"]}
    return gettext("“%(name)s”: %(sentence)s") % values
