"""Pictures to take away: of one edit, in a format and size of one's choice, with or without how they were made."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from edits.forms.downloads import FORMATS, DownloadForm
from edits.http.access import signed_in
from edits.http.marked_pictures import serve_marked
from edits.images.exporting import LOSSLESS, Export
from edits.models import EditRequest
from edits.services.pictures.file_names import result_stem
from edits.services.team.people import choose_recipe_in_files
from edits.views.errors import bad_request
from edits.views.pictures import done_edit, merged_edit

MERGED_QUALITY = {"png": None, "webp": LOSSLESS, "jpg": 95}


@require_safe
def download(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """The result as a file to keep; ``version=merged`` is what was put into the original."""
    form = DownloadForm(request.GET)
    if not form.is_valid():
        return bad_request(request)
    is_merged = form.cleaned_data["version"] == "merged"
    edit = merged_edit(request, public_id) if is_merged else done_edit(request, public_id)
    with_recipe = form.with_recipe(usually=signed_in(request).recipe_in_files)
    return _sent(request, edit, form.to_export(), is_merged=is_merged, with_recipe=with_recipe)


@require_safe
def download_merged(request: HttpRequest, public_id: UUID, format: str) -> HttpResponseBase:
    """What was put into the original: as it is stored (png), as small without loss (webp), or as a photo (jpg)."""
    edit = merged_edit(request, public_id)
    if format not in FORMATS:
        raise Http404
    export = Export(format=FORMATS[format], quality=MERGED_QUALITY[format])  # type: ignore[arg-type]
    with_recipe = signed_in(request).recipe_in_files
    return _sent(request, edit, export, is_merged=True, with_recipe=with_recipe)


@require_POST
def choose_download(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Remember whether this person's files carry their recipe, and lead on to the file."""
    form = DownloadForm(request.POST)
    if not form.is_valid():
        return bad_request(request)
    with_recipe = request.POST.get("recipe") == "1"
    choose_recipe_in_files(user=signed_in(request), with_recipe=with_recipe)
    asked = {name: request.POST.get(name, "") for name in ("format", "fit", "quality", "version")}
    query = {name: value for name, value in asked.items() if value} | {"recipe": int(with_recipe)}
    return redirect(f"{reverse('edits:download_result', args=[public_id])}?{urlencode(query)}")


def _sent(
    request: HttpRequest, edit: EditRequest, export: Export, *, is_merged: bool, with_recipe: bool
) -> HttpResponseBase:
    return serve_marked(
        request,
        edit.merged.file if is_merged else edit.result.file,
        edit=edit,
        export=export,
        with_recipe=with_recipe,
        name=result_stem(edit),
        as_attachment=True,
    )
