"""The tags of one edit, which its owner adds and takes off; others' edits do not exist here."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from edits.forms.tags import TagForm, spelled
from edits.models import EditRequest
from edits.services.curating.tagging import tag_edits, untag_edit
from edits.views.access import signed_in
from edits.views.leading_back import came_from, way_back


@require_POST
def tag(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Add the typed ``names``; an Undo carries them in its address."""
    edit = _own(request, public_id)
    form = TagForm(request.POST if "names" in request.POST else request.GET)
    if not form.is_valid():
        return _refused(request, edit, form)
    one = EditRequest.objects.filter(pk=edit.pk)
    tag_edits(owner=edit.owner, edits=one, names=form.cleaned_data["names"])
    return _done(request, edit)


@require_POST
def untag(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take the tag ``name`` off, with a way back."""
    edit, name = _own(request, public_id), spelled(request.POST.get("name", ""))
    if untag_edit(edit=edit, owner=edit.owner, name=name):
        undo = f"{reverse('edits:tag', args=[public_id])}?{urlencode({'names': name})}"
        messages.success(request, f"Took off the tag “{name}”.", extra_tags=undo)
    return _done(request, edit)


def _own(request: HttpRequest, public_id: UUID) -> EditRequest:
    mine = EditRequest.objects.of(signed_in(request)).kept().select_related("owner")
    return get_object_or_404(mine, public_id=public_id)


def _viewer(edit: EditRequest) -> str:
    return reverse("edits:viewer", args=[edit.public_id])


def _refused(request: HttpRequest, edit: EditRequest, form: TagForm) -> HttpResponse:
    """What was typed, and the sentence: in place, or without script on a page of its own."""
    page = "viewer/_tagged.html" if _in_place(request) else "viewer/tags.html"
    context = {"edit": edit, "form": form, "next": way_back(request, default=_viewer(edit))}
    return render(request, page, context, status=422)


def _done(request: HttpRequest, edit: EditRequest) -> HttpResponse:
    back = way_back(request, default=_viewer(edit))
    if _in_place(request):
        return render(request, "viewer/_tagged.html", {"edit": edit, "next": back})
    if "next" in request.POST:
        return redirect(back)
    return redirect(came_from(request, default=back, besides=reverse("edits:tag", args=[edit.public_id])))


def _in_place(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
