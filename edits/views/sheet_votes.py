"""Votes on a contact sheet: asking colleagues for them, voting, and how many each candidate has.

    POST /sheet/vote/   batch=<batch>, or id=<edit>… as in the sheet's address; shown=<edit>…, pick=<edit>

A blank ``pick`` takes the vote back.  Who voted is said to the owner of a candidate alone.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext
from django.views.decorators.http import require_POST

from edits.http.access import signed_in
from edits.models import Batch, EditRequest, User, Vote
from edits.services.curating import voting
from edits.services.curating.sharing import share_edits
from edits.views import cursors
from edits.views.htmx import HtmxRequest
from edits.views.redirects import way_back
from edits.views.sheet_candidates import MOST, MOST_NAMED, own, posted_ids, seen
from edits.views.undo import success_with_undo

MOST_FACES = 5


@dataclass(frozen=True)
class Tally:
    """The votes for one edit; ``voters`` are blank to those who may not know.  ``mine`` is the viewer's own."""

    edit: EditRequest
    count: int
    voters: tuple[User, ...]
    mine: bool
    may_vote: bool

    @property
    def faces(self) -> tuple[User, ...]:
        """Those who are shown by their initials."""
        return self.voters[:MOST_FACES]

    @property
    def names(self) -> str:
        """All of them by name."""
        return pgettext("between the words of a list", ", ").join(voter.name for voter in self.voters)


def tallies_of(edits: Sequence[EditRequest], *, sheet: str, viewer: User) -> dict[int, Tally]:
    """By the primary keys of the edits of a sheet; one query."""
    voters = defaultdict[int, list[User]](list)
    for each in Vote.objects.on(sheet).filter(edit__in=edits).select_related("voter").order_by("pk"):
        voters[each.edit_id].append(each.voter)
    return {
        edit.pk: Tally(
            edit,
            count=len(voters[edit.pk]),
            voters=tuple(voters[edit.pk]) if edit.owner_id == viewer.pk else (),
            mine=viewer in voters[edit.pk],
            may_vote=edit.owner_id != viewer.pk and edit.is_done and edit.shared_at is not None,
        )
        for edit in edits
    }


def batch_with_shared(public_id: UUID, *, viewer: User) -> Batch | None:
    """Somebody else's batch of which the viewer may see something."""
    shared = EditRequest.objects.shared().filter(batch__public_id=public_id).exclude(batch__owner=viewer)
    return (
        Batch.objects.select_related("owner").filter(public_id=public_id).first() if shared.exists() else None
    )


@require_POST
def vote(request: HtmxRequest) -> HttpResponse:
    """Vote for a candidate, or take the vote back; 404 where the candidate is not, or no longer, open to it."""
    user, now = signed_in(request), timezone.now()
    named, batches = posted_ids(request, "id")[:MOST_NAMED], posted_ids(request, "batch")
    batch = get_object_or_404(Batch, public_id=batches[0]) if batches else None
    sheet = voting.sheet_name_of_batch(batch) if batch else voting.sheet_name_of_ids(named)
    if request.POST.get("pick"):
        candidates = seen(request).filter(batch=batch) if batch else seen(request).filter(public_id__in=named)
        edit = get_object_or_404(candidates, public_id__in=posted_ids(request, "pick")[:1])
        if not voting.vote(voter=user, edit=edit, sheet=sheet, now=now):
            raise Http404
    else:
        voting.take_back(voter=user, sheet=sheet)
    if not request.htmx:
        return redirect(way_back(request, default=reverse("edits:team")))
    shown = list(seen(request).filter(public_id__in=posted_ids(request, "shown")[:MOST]))
    tallies = tallies_of(shown, sheet=sheet, viewer=user)
    return render(request, "sheet/_voted.html", {"tallies": tallies.values()})


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Share the shown candidates of one's own, without their sources, so that colleagues can vote."""
    at, shown = timezone.now(), own(request).filter(public_id__in=posted_ids(request, "shown")[:MOST])
    shared = share_edits(owner=signed_in(request), edits=shown, now=at)
    if shared:
        sentence = ngettext(
            "Shared %(number)s candidate with the team. Send the address of this page to colleagues.",
            "Shared %(number)s candidates with the team. Send the address of this page to colleagues.",
            shared,
        )
        undo = f"{reverse('edits:undo_bulk_action')}?action=share&at={cursors.encode(at)}"
        success_with_undo(request, sentence % {"number": shared}, undo=undo)
    else:
        messages.info(request, gettext("Nothing was shared: there is no candidate with a picture."))
    return redirect(way_back(request, default=reverse("edits:history")))
