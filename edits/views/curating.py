"""What can be done with one finished edit: share it, star it, throw it away and take it back."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from edits.forms.sources import reusable
from edits.http.access import signed_in
from edits.models import EditRequest, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.curating.sharing import set_star, share_edit, unshare_edit
from edits.services.curating.trashing import restore_edits, trash_edits
from edits.services.team.auditing import record
from edits.views.htmx import HtmxRequest
from edits.views.redirects import came_from, way_back
from edits.views.undo import success_with_undo

NOTHING_TO_SHARE = _("This edit has no picture to share. Only finished edits can be shared.")


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Show an edit to the team, its source only if asked; ``shared=0`` takes it back."""
    user = signed_in(request)
    if request.method != "POST":
        edit = get_object_or_404(EditRequest.objects.of(user), public_id=public_id)
        return render(request, "viewer/share.html", {"edit": edit, "next": _viewer(edit)})
    if _asked(request, "shared", "1") == "0":
        return _unshare(request, get_object_or_404(_unsharable(user), public_id=public_id))
    edit = get_object_or_404(EditRequest.objects.of(user), public_id=public_id)
    if not share_edit(edit=edit, with_source=_asked(request, "with_source") == "1", now=timezone.now()):
        context = {"edit": edit, "next": _viewer(edit), "refusal": NOTHING_TO_SHARE}
        return render(request, "viewer/share.html", context, status=409)
    undo = "" if edit.shared_at else f"{reverse('edits:share_edit', args=[public_id])}?shared=0"
    success_with_undo(request, gettext("Shared with the team."), undo=undo)
    return redirect(way_back(request, default=_viewer(edit)))


def _unsharable(user: User) -> EditRequestQuerySet:
    """One's own; reviewers may take anybody's shared edit out of the team's sight."""
    mine = EditRequest.objects.of(user)
    return mine | EditRequest.objects.shared() if user.is_reviewer else mine


def _unshare(request: HtmxRequest, edit: EditRequest) -> HttpResponse:
    user = signed_in(request)
    if unshare_edit(edit=edit) and edit.owner_id != user.pk:
        record(
            actor=user,
            action="unshared an edit",
            subject=str(edit.public_id),
            detail=f"of {edit.owner}",
            now=timezone.now(),
        )
        messages.success(request, gettext("No longer shared with the team."))
        return redirect(came_from(request, default=reverse("edits:team"), besides=_viewer(edit)))
    with_source = urlencode({"with_source": "1"} if edit.source_is_shared else {})
    undo = f"{reverse('edits:share_edit', args=[edit.public_id])}?{with_source}"
    success_with_undo(request, gettext("No longer shared. Only you can see this edit."), undo=undo)
    return redirect(way_back(request, default=_viewer(edit)))


@require_POST
def star(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Put one's own star on an edit, or with ``starred=0`` take it off."""
    user = signed_in(request)
    edit = get_object_or_404(reusable(user), public_id=public_id)
    set_star(edit=edit, user=user, starred=_asked(request, "starred", "1") != "0", now=timezone.now())
    if request.htmx:
        card = EditRequest.objects.with_cards(user).get(pk=edit.pk)
        asked = {"look": request.POST.get("look", ""), "of_team": request.POST.get("list") == "team"}
        return render(request, "gallery/_starred.html", {"edit": card, "viewer": user} | asked)
    return redirect(way_back(request, default=_viewer(edit)))


@require_POST
def trash_edit(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Throw an edit away, for 30 days with a way back.  Administrators may throw anybody's; that is written down."""
    edit = _own_or_administered(
        request, public_id, EditRequest.objects.not_trashed(), action="trashed an edit"
    )
    trash_edits(owner=edit.owner, edits=EditRequest.objects.filter(pk=edit.pk), now=timezone.now())
    mine = edit.owner_id == signed_in(request).pk
    undo = reverse("edits:restore_edit", args=[public_id]) if mine else ""
    of_other = gettext("Moved to the trash of %(name)s, who can restore it.") % {"name": edit.owner}
    success_with_undo(request, gettext("Moved to the trash.") if mine else of_other, undo=undo)
    if request.htmx:
        return render(request, "gallery/_bulk_done.html", {"gone": [public_id], "edits": []})
    return redirect(way_back(request, default=reverse("edits:history")))


@require_POST
def restore(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Take one's own edit out of the trash, as it was.  Nobody else may: it could be before the team again."""
    user = signed_in(request)
    edit = get_object_or_404(EditRequest.objects.trashed().of(user), public_id=public_id)
    restore_edits(owner=user, edits=EditRequest.objects.filter(pk=edit.pk))
    messages.success(request, gettext("Restored."))
    return redirect(way_back(request, default=came_from(request, default=_viewer(edit))))


def _own_or_administered(
    request: HtmxRequest, public_id: UUID, edits: EditRequestQuerySet, *, action: str
) -> EditRequest:
    """The edit, for its owner; administrators get anybody's, and that is written down."""
    user = signed_in(request)
    within = edits if user.is_administrator else edits.of(user)
    edit = get_object_or_404(within.select_related("owner"), public_id=public_id)
    if edit.owner_id != user.pk:
        record(
            actor=user, action=action, subject=str(public_id), detail=f"of {edit.owner}", now=timezone.now()
        )
    return edit


def _asked(request: HtmxRequest, name: str, default: str = "") -> str:
    """A field, or where an Undo carries none, the address's parameter of that name."""
    return request.POST.get(name, request.GET.get(name, default))


def _viewer(edit: EditRequest) -> str:
    return reverse("edits:viewer", args=[edit.public_id])
