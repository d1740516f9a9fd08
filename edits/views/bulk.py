"""What can be done with many edits at once, each of them with a way back.

Sharing, tagging and throwing away reach one's own edits alone, whatever else was selected; stars and downloads also
what others share.  What an action touched carries the action's own moment: Undo finds it by that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from edits.forms.sources import reusable
from edits.forms.tags import TagForm
from edits.http.access import signed_in
from edits.models import EditRequest, JobAction, Status, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.curating.bulk_jobs import start_job
from edits.services.curating.in_chunks import Tally, in_chunks
from edits.services.curating.sharing import share_edits, star_edits, unshare_edits, unstar_edits
from edits.services.curating.tagging import tag_edits, take_back
from edits.services.curating.trashing import restore_edits, trash_edits
from edits.services.pictures.bundling import bundle, is_too_large
from edits.views import cursors
from edits.views.bulk_words import NOTHING_CHANGED, TOO_LARGE_FOR_ZIP, outcome
from edits.views.errors import bad_request
from edits.views.htmx import HtmxRequest
from edits.views.redirects import came_from, way_back
from edits.views.selection import Selection, Unselectable, selection
from edits.views.sheet_candidates import MOST as MOST_ON_SHEET
from edits.views.undo import success_with_undo

TAGGED = "tagged"  # of the session: what the last tagging added, since tags carry no moment
MOST_TAGGED = 1000  # tags on edits that the session remembers; more have no Undo
MOST_IN_REQUEST = 1000  # edits of a whole list; more become a job
MOST_IN_ZIP = 200
TOO_MANY_IN_ZIP = format_lazy(
    _("Nothing downloaded. A ZIP file can hold at most {most} pictures; select fewer."), most=MOST_IN_ZIP
)
OF_WHOLE_LIST = {
    "history": ("share", "star", "tag", "download", "trash"),
    "team": ("star", "download"),
    "trash": ("restore",),
}
"""What the pages offer for all of a list."""
OF_SELECTED = ("compare", "download", "sheet", "tag")
"""What they offer besides for edits that were selected one by one."""


@dataclass(frozen=True)
class Action:
    """``do`` returns how many edits it changed; ``undo`` takes back what was done at a moment."""

    do: Callable[[User, EditRequestQuerySet, datetime], int]
    undo: Callable[[User, datetime], object] | None = None


@require_POST
def bulk(request: HtmxRequest) -> HttpResponseBase:
    """Do ``action`` with the selected edits: ``edit``, repeated, or ``all`` of the ``list`` that was shown."""
    user, name = signed_in(request), request.POST.get("action", "")
    try:
        chosen = selection(request, user)
    except Unselectable as refusal:
        return _refused(request, refusal.sentence)
    if name not in (OF_WHOLE_LIST[chosen.whole_list] if chosen.whole_list else (*ACTIONS, *OF_SELECTED)):
        return bad_request(request)
    if chosen.number > MOST_IN_REQUEST and name in JobAction.values:
        return _start_job(request, chosen, JobAction(name))
    if name in OF_SELECTED:
        return {"compare": _compare, "download": _download, "sheet": _sheet, "tag": _tag}[name](
            request, chosen
        )
    at, action = timezone.now(), ACTIONS[name]
    tally = in_chunks(chosen.edits, within=reusable(user), act=lambda edits: action.do(user, edits, at))
    _say(request, name, tally, chosen, undo=_undo(name, at) if action.undo else "")
    return _done(request, chosen, have_left=name in ("trash", "restore"))


def _start_job(request: HtmxRequest, chosen: Selection, action: JobAction) -> HttpResponse:
    """Too many to wait for: a worker does it, and the page shows how far it is."""
    names: tuple[str, ...] = ()
    if action == JobAction.TAG:
        form = TagForm(request.POST)
        if not form.is_valid():
            return _refused(request, str(form.errors["names"][0]), status=422)
        names = form.cleaned_data["names"]
    start_job(owner=signed_in(request), action=action, edits=chosen.edits, names=names, now=timezone.now())
    return _done(request, chosen)


@require_POST
def undo(request: HtmxRequest) -> HttpResponse:
    """Take back the bulk action that was done at the moment which the address names."""
    action = ACTIONS.get(request.GET.get("action", ""))
    at = cursors.decode(request.GET.get("at", ""))
    if at and request.GET.get("action") == "tag":
        _untag(request, at)
    elif action and action.undo and at:
        action.undo(signed_in(request), at)
    else:
        return bad_request(request)
    messages.success(request, gettext("Undone."))
    return redirect(came_from(request, default=reverse("edits:history")))


def _refused(request: HtmxRequest, sentence: str | Promise, *, status: int = 200) -> HttpResponse:
    """Nothing was done, and the page stays as it is."""
    if not sentence:
        return bad_request(request)
    messages.error(request, str(sentence))
    return _done(request, None, status=status)


def _download(request: HtmxRequest, chosen: Selection) -> HttpResponseBase:
    done = chosen.edits.select_related("result", "merged", "provider").filter(
        status=Status.SUCCEEDED, result__withheld=False
    )
    found = list(done.order_by("-pk")[: MOST_IN_ZIP + 1])
    too_many, too_large = len(found) > MOST_IN_ZIP, is_too_large(found)
    if too_many or too_large:
        messages.error(request, str(TOO_MANY_IN_ZIP if too_many else TOO_LARGE_FOR_ZIP))
    elif not found:
        messages.info(request, gettext("None of the selected edits has a picture to download."))
    if not found or too_many or too_large:
        return redirect(way_back(request, default=reverse("edits:history")))
    name = f"retake-{timezone.localtime():%Y-%m-%d-%H%M}.zip"
    headers = {"Cache-Control": "private, no-store"}
    packed = bundle(found, with_recipe=signed_in(request).recipe_in_files)
    return FileResponse(
        packed, as_attachment=True, filename=name, content_type="application/zip", headers=headers
    )


def _compare(request: HtmxRequest, chosen: Selection) -> HttpResponse:
    """The page of exactly two edits with pictures, the older one first."""
    done = chosen.edits.filter(status=Status.SUCCEEDED, result__withheld=False).order_by("pk")
    pair = [edit.public_id for edit in done[:3]]
    if len(pair) == 2:
        return redirect("edits:compare", *pair)
    messages.info(request, gettext("Select two finished edits to compare them."))
    return redirect(way_back(request, default=reverse("edits:history")))


def _sheet(request: HtmxRequest, chosen: Selection) -> HttpResponse:
    """The contact sheet of two to nine of one's own edits."""
    mine = chosen.edits.of(signed_in(request)).not_trashed().order_by("pk")
    found = [str(edit.public_id) for edit in mine[: MOST_ON_SHEET + 1]]
    if 2 <= len(found) <= MOST_ON_SHEET:
        return redirect(f"{reverse('edits:contact_sheet')}?{urlencode([('id', key) for key in found])}")
    messages.info(request, gettext("Select 2 to 9 of your edits for a contact sheet."))
    return redirect(way_back(request, default=reverse("edits:history")))


def _tag(request: HtmxRequest, chosen: Selection) -> HttpResponse:
    """Put the typed ``names`` on one's own edits; what cannot be a tag is refused, and stays in its field."""
    form = TagForm(request.POST)
    if not form.is_valid():
        return _refused(request, str(form.errors["names"][0]), status=422)
    user, at = signed_in(request), timezone.now()
    added: dict[str, list[int]] = {}

    def tag(edits: EditRequestQuerySet) -> int:
        new = tag_edits(owner=user, edits=edits, names=form.cleaned_data["names"])
        for name, keys in new.items():
            added.setdefault(name, []).extend(keys)
        return len({key for keys in new.values() for key in keys})

    tally = in_chunks(chosen.edits, within=reusable(user), act=tag)
    is_remembered = 0 < sum(map(len, added.values())) <= MOST_TAGGED
    if is_remembered:
        request.session[TAGGED] = {"at": cursors.encode(at), "added": added}
    _say(request, "tag", tally, chosen, undo=_undo("tag", at) if is_remembered else "")
    return _done(request, chosen, shows_marks=False)


def _untag(request: HtmxRequest, at: datetime) -> None:
    """Take off what the tagging of that moment added; what had the tag before keeps it."""
    tagged = request.session.get(TAGGED, {})
    if tagged.get("at") == cursors.encode(at):
        take_back(owner=signed_in(request), added=tagged["added"])
        del request.session[TAGGED]


def _undo(name: str, at: datetime) -> str:
    return f"{reverse('edits:undo_bulk_action')}?action={name}&at={cursors.encode(at)}"


def _say(request: HtmxRequest, action: str, tally: Tally, chosen: Selection, *, undo: str) -> None:
    """How many were changed, and of a whole list how many were not: nobody saw each of them."""
    if not tally.changed:
        messages.info(request, str(NOTHING_CHANGED))
        return
    skipped = tally.skipped if chosen.whole_list else 0
    success_with_undo(request, outcome(action, changed=tally.changed, skipped=skipped), undo=undo)


def _done(
    request: HtmxRequest,
    chosen: Selection | None,
    *,
    have_left: bool = False,
    shows_marks: bool = True,
    status: int = 200,
) -> HttpResponse:
    """The way back; in place, the cards that left the page and the marks of those that stay.

    After an action on a whole list the page is loaded again.
    """
    back = way_back(request, default=reverse("edits:history"))
    if not request.htmx:
        return redirect(back)
    if chosen and chosen.whole_list:
        return HttpResponse(headers={"HX-Redirect": back})
    user = signed_in(request)
    gone = chosen.ticked if chosen and have_left else []
    edits = chosen.edits.with_cards(user) if chosen and shows_marks and not gone else []
    of_team = request.POST.get("list") == "team"
    context = {"gone": gone, "edits": edits, "viewer": user, "of_team": of_team}
    return render(request, "gallery/_bulk_done.html", context, status=status)


ACTIONS = {
    "share": Action(
        lambda user, edits, at: share_edits(owner=user, edits=edits, now=at),
        lambda user, at: unshare_edits(owner=user, shared_at=at),
    ),
    "star": Action(
        lambda user, edits, at: star_edits(user=user, edits=edits, now=at),
        lambda user, at: unstar_edits(user=user, starred_at=at),
    ),
    "trash": Action(
        lambda user, edits, at: trash_edits(owner=user, edits=edits, now=at),
        lambda user, at: restore_edits(owner=user, edits=EditRequest.objects.filter(trashed_at=at)),
    ),
    "restore": Action(lambda user, edits, at: restore_edits(owner=user, edits=edits)),
}
