"""What can be done with many edits at once, each of them with a way back.

Sharing, tagging and throwing away reach one's own edits alone, whatever else was selected; stars and downloads also
what others share.  What an action touched carries the action's own moment: Undo finds it by that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from edits.forms.sources import reusable
from edits.forms.tags import TagForm
from edits.models import EditRequest, Status, User
from edits.models.edit_requests import EditRequestQuerySet
from edits.services.curating.sharing import set_star, share_edit, unshare_edit
from edits.services.curating.tagging import tag_edits, take_back
from edits.services.curating.trashing import restore_edits, trash_edits
from edits.services.pictures.bundling import bundle
from edits.views import moments
from edits.views.access import signed_in
from edits.views.errors import bad_request
from edits.views.leading_back import came_from, way_back

MOST_EDITS = 200
TAGGED = "tagged"  # of the session: what the last tagging added, since tags carry no moment


@dataclass(frozen=True)
class Action:
    """``do`` returns how many edits it changed and ``undo`` takes back what was done at a moment."""

    do: Callable[[User, EditRequestQuerySet, datetime], int]
    said: str
    undo: Callable[[User, datetime], object] | None = None


@require_POST
def bulk(request: HttpRequest) -> HttpResponseBase:
    """Do ``action`` with the selected edits (``edit``, repeated)."""
    user, name = signed_in(request), request.POST.get("action", "")
    asked = {public_id for public_id in map(_uuid, request.POST.getlist("edit")) if public_id}
    if name not in ACTIONS and name not in ("download", "tag"):
        return bad_request(request)
    if len(asked) > MOST_EDITS:
        messages.error(request, f"At most {MOST_EDITS} edits at once. Nothing was done.")
        return _done(request, [])
    edits = reusable(user).filter(public_id__in=asked)
    if name == "download":
        return _download(request, edits)
    if name == "tag":
        return _tag(request, edits)
    at = timezone.now()
    action = ACTIONS[name]
    changed = action.do(user, edits, at)
    _say(request, action.said, changed=changed, undo=_undo(name, at) if action.undo else "")
    return _done(request, list(asked) if name in ("trash", "restore") else [], marked=edits)


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back the bulk action that was done at the moment which the address names."""
    action = ACTIONS.get(request.GET.get("action", ""))
    at = moments.read(request.GET.get("at", ""))
    if at and request.GET.get("action") == "tag":
        _untag(request, at)
    elif action and action.undo and at:
        action.undo(signed_in(request), at)
    else:
        return bad_request(request)
    messages.success(request, "Taken back.")
    return redirect(came_from(request, default=reverse("edits:history")))


def _download(request: HttpRequest, edits: EditRequestQuerySet) -> HttpResponseBase:
    done = list(edits.filter(status=Status.SUCCEEDED, result__withheld=False).order_by("-pk"))
    if not done:
        messages.info(request, "None of these has a picture to download.")
        return redirect(way_back(request, default=reverse("edits:history")))
    name = f"retake-{timezone.localtime():%Y-%m-%d-%H%M}.zip"
    headers = {"Cache-Control": "private, no-store"}
    return FileResponse(
        bundle(done), as_attachment=True, filename=name, content_type="application/zip", headers=headers
    )


def _tag(request: HttpRequest, edits: EditRequestQuerySet) -> HttpResponse:
    """Put the typed ``names`` on one's own edits; what cannot be a tag is refused, and stays in its field."""
    form = TagForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["names"][0]))
        return _done(request, [], status=422)
    at = timezone.now()
    added = tag_edits(owner=signed_in(request), edits=edits, names=form.cleaned_data["names"])
    changed = len({key for keys in added.values() for key in keys})
    if changed:
        request.session[TAGGED] = {"at": moments.written(at), "added": added}
    _say(request, "Tagged {}.", changed=changed, undo=_undo("tag", at))
    return _done(request, [])


def _untag(request: HttpRequest, at: datetime) -> None:
    """Take off what the tagging of that moment added; what had the tag before keeps it."""
    tagged = request.session.get(TAGGED, {})
    if tagged.get("at") == moments.written(at):
        take_back(owner=signed_in(request), added=tagged["added"])
        del request.session[TAGGED]


def _undo(name: str, at: datetime) -> str:
    return f"{reverse('edits:undo_bulk')}?action={name}&at={moments.written(at)}"


def _say(request: HttpRequest, said: str, *, changed: int, undo: str) -> None:
    if not changed:
        messages.info(request, "Nothing was changed: these edits do not allow it.")
        return
    number = f"{changed} edit{'' if changed == 1 else 's'}"
    messages.success(request, said.format(number), extra_tags=undo)


def _done(
    request: HttpRequest, gone: list[UUID], *, marked: EditRequestQuerySet | None = None, status: int = 200
) -> HttpResponse:
    """The way back; in place, the cards that left the page and the marks of those that stay."""
    if request.headers.get("HX-Request") != "true":
        return redirect(way_back(request, default=reverse("edits:history")))
    user = signed_in(request)
    edits = marked.with_cards(user) if marked is not None and not gone else []
    of_team = request.POST.get("list") == "team"
    context = {"gone": gone, "edits": edits, "viewer": user, "of_team": of_team}
    return render(request, "gallery/_bulk_done.html", context, status=status)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _share(user: User, edits: EditRequestQuerySet, at: datetime) -> int:
    """Those that are not shared yet: it must not change what was said of the source before."""
    private = edits.of(user).kept().filter(shared_at__isnull=True)
    return sum(share_edit(edit=edit, now=at) for edit in private)


def _unshare(user: User, at: datetime) -> None:
    for edit in EditRequest.objects.of(user).filter(shared_at=at):
        unshare_edit(edit=edit)


def _star(user: User, edits: EditRequestQuerySet, at: datetime) -> int:
    plain = list(edits.exclude(stars__user=user))
    for edit in plain:
        set_star(edit=edit, user=user, starred=True, now=at)
    return len(plain)


def _unstar(user: User, at: datetime) -> None:
    for edit in EditRequest.objects.filter(stars__user=user, stars__created_at=at):
        set_star(edit=edit, user=user, starred=False)


def _trash(user: User, edits: EditRequestQuerySet, at: datetime) -> int:
    return trash_edits(owner=user, edits=edits, now=at)


def _untrash(user: User, at: datetime) -> None:
    restore_edits(owner=user, edits=EditRequest.objects.filter(trashed_at=at))


def _restore(user: User, edits: EditRequestQuerySet, at: datetime) -> int:
    return restore_edits(owner=user, edits=edits)


ACTIONS = {
    "share": Action(_share, "Shared {} with the team.", _unshare),
    "star": Action(_star, "Starred {}.", _unstar),
    "trash": Action(_trash, "Moved {} to the trash.", _untrash),
    "restore": Action(_restore, "Restored {}."),
}
