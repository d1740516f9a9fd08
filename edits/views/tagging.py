"""The tags of one edit, which its owner adds and takes off; others' edits do not exist here."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from edits.forms.tags import TagForm, spelled
from edits.http.access import signed_in
from edits.models import EditRequest
from edits.services.curating.tagging import tag_edits, untag_edit
from edits.views.htmx import HtmxRequest
from edits.views.redirects import came_from, way_back
from edits.views.undo import success_with_undo


@require_POST
def tag(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Add the typed ``names``; an Undo carries them in its address."""
    edit = _own(request, public_id)
    form = TagForm(request.POST if "names" in request.POST else request.GET)
    if not form.is_valid():
        return _refused(request, edit, form)
    one = EditRequest.objects.filter(pk=edit.pk)
    tag_edits(owner=edit.owner, edits=one, names=form.cleaned_data["names"])
    return _done(request, edit)


@require_POST
def untag(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Take the tag ``name`` off, with a way back."""
    edit, name = _own(request, public_id), spelled(request.POST.get("name", ""))
    if untag_edit(edit=edit, owner=edit.owner, name=name):
        undo = f"{reverse('edits:add_tag', args=[public_id])}?{urlencode({'names': name})}"
        success_with_undo(request, gettext("Tag “%(name)s” removed.") % {"name": name}, undo=undo)
    return _done(request, edit)


def _own(request: HtmxRequest, public_id: UUID) -> EditRequest:
    mine = EditRequest.objects.of(signed_in(request)).not_trashed().select_related("owner")
    return get_object_or_404(mine, public_id=public_id)


def _viewer(edit: EditRequest) -> str:
    return reverse("edits:viewer", args=[edit.public_id])


def _refused(request: HtmxRequest, edit: EditRequest, form: TagForm) -> HttpResponse:
    """What was typed, and the sentence: in place, or without script on a page of its own."""
    page = "viewer/_tagged.html" if request.htmx else "viewer/tags.html"
    context = {"edit": edit, "form": form, "next": way_back(request, default=_viewer(edit))}
    return render(request, page, context, status=422)


def _done(request: HtmxRequest, edit: EditRequest) -> HttpResponse:
    back = way_back(request, default=_viewer(edit))
    if request.htmx:
        return render(request, "viewer/_tagged.html", {"edit": edit, "next": back})
    if "next" in request.POST:
        return redirect(back)
    return redirect(came_from(request, default=back, besides=reverse("edits:add_tag", args=[edit.public_id])))
