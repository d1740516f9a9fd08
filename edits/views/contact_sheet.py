"""The contact sheet: up to nine candidates side by side; keep some, finish them in a larger size.

Colleagues see of it what is shared, and vote (``sheet_votes.py``); only its owner keeps and finishes.
The keep mark is the star of the person who looks: it survives a reload and another device.  Its form sends ``shown``,
the candidates on the page, and ``keep``, those of them that are kept; each action records both first.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.messages import ERROR
from django.contrib.messages.storage.base import Message
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext, ngettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from edits.forms.sources import refusal_words
from edits.http.access import signed_in
from edits.http.storage_errors import words_for
from edits.images import BadImage
from edits.models import Status
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.batch.finishing import NothingToFinish, finish
from edits.services.budgets.budgeting import OverBudget
from edits.services.curating.keeping import keep_only
from edits.services.curating.trashing import trash_edits
from edits.views import budget_errors, cursors
from edits.views.batch_page import visible_batch
from edits.views.htmx import HtmxRequest
from edits.views.redirects import way_back
from edits.views.rerunning import key_of
from edits.views.sheet_candidates import (
    MOST_NAMED,
    Sheet,
    own,
    posted_ids,
    seen,
    sheet_of_batch,
    sheet_of_edits,
)
from edits.views.sheet_votes import batch_with_shared, tallies_of
from edits.views.undo import success_with_undo

SENT_AGAIN = ("result", "upload", "mask", "parent", "provider", "original", "merged__paint")
NEVER_ENDED = (Status.QUEUED, Status.RUNNING, Status.SAVING)


@gzip_page
@require_safe
def of_batch(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The candidates of a batch, by nines, for its owner; administrators too, each visit is recorded.

    Colleagues get those that are shared, 404 where none is.
    """
    user, page = signed_in(request), request.GET.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 1
    shared = None if user.is_administrator else batch_with_shared(public_id, viewer=user)
    batch = shared or visible_batch(request, public_id, deed="looked at a contact sheet")
    sheet = sheet_of_batch(batch, viewer=user, page=number, shared_only=shared is not None)
    if not sheet.candidates:
        return redirect("edits:batch", public_id)
    mine = batch.owner_id == user.pk
    return _show(request, sheet, mine=mine, is_recorded=not mine and shared is None)


@gzip_page
@require_safe
def of_edits(request: HttpRequest) -> HttpResponse:
    """Of these ids the viewer's own edits and shared ones, at most nine; 404 where none of them is there."""
    user, named = signed_in(request), posted_ids(request, "id")[:MOST_NAMED]
    sheet = sheet_of_edits(seen(request).filter(public_id__in=named), viewer=user, named=named)
    if not sheet.candidates:
        raise Http404
    return _show(request, sheet, mine=all(each.edit.owner_id == user.pk for each in sheet.candidates))


@require_POST
def keep(request: HtmxRequest) -> HttpResponse:
    """Record which of the shown candidates are kept."""
    _record_kept(request)
    return HttpResponse(status=204) if request.htmx else redirect(_back(request))


@require_POST
def finish_kept(request: HtmxRequest) -> HttpResponse:
    """Send the kept candidates again in the largest size, with the same seeds, as one batch; leads to it."""
    _record_kept(request)
    edits = list(_kept(request).select_related(*SENT_AGAIN))
    try:
        batch, left_out = finish(
            owner=signed_in(request), edits=edits, submission_key=key_of(request), now=timezone.now()
        )
    except NothingToFinish:
        return _refuse(request, _why_nothing(kept=len(edits)))
    except OverBudget as error:
        return budget_errors.refuse(request, error)
    except (BadImage, OSError) as error:
        return _refuse(request, refusal_words(error) if isinstance(error, BadImage) else words_for(error))
    _say_sent(request, len(edits) - left_out, left_out=left_out)
    return _lead(request, reverse("edits:batch_sheet", args=[batch.public_id]))


@require_POST
def trash_rest(request: HtmxRequest) -> HttpResponse:
    """Move the shown candidates that are not kept to the trash, with a way back; what still runs stays."""
    _record_kept(request)
    kept = posted_ids(request, "keep")
    if not kept:
        return _refuse(request, _why_nothing(kept=0))
    shown = own(request).filter(public_id__in=posted_ids(request, "shown")[:MOST_NAMED])
    rest, at = shown.exclude(public_id__in=kept).exclude(status__in=NEVER_ENDED), timezone.now()
    moved = trash_edits(owner=signed_in(request), edits=rest, now=at)
    words = ngettext("Moved %(n)s edit to the trash.", "Moved %(n)s edits to the trash.", moved) % {
        "n": moved
    }
    undo = f"{reverse('edits:undo_bulk_action')}?action=trash&at={cursors.encode(at)}"
    success_with_undo(request, words, undo=undo if moved else "")
    return _lead(request, _back(request))


def _show(request: HttpRequest, sheet: Sheet, *, mine: bool, is_recorded: bool = False) -> HttpResponse:
    viewer = signed_in(request)
    edits = [each.edit for each in sheet.candidates]
    context = {
        "sheet": sheet,
        "viewer": viewer,
        "mine": mine,
        "is_recorded": is_recorded,
        "next": request.get_full_path(),
        "votes": tallies_of(edits, sheet=sheet.name, viewer=viewer),
        "address": request.build_absolute_uri(),
        "named": posted_ids(request, "id")[:MOST_NAMED],
    }
    response = render(request, "sheet/sheet.html", context)
    patch_cache_control(response, private=True, no_cache=True)  # a mark made elsewhere must be seen
    return response


def _record_kept(request: HttpRequest) -> None:
    shown = own(request).filter(public_id__in=posted_ids(request, "shown")[:MOST_NAMED])
    keep_only(user=signed_in(request), shown=shown, kept=posted_ids(request, "keep"), now=timezone.now())


def _kept(request: HttpRequest) -> EditRequestQuerySet:
    """The kept ones with pictures: of the page, and where it is one of a batch, of its other pages."""
    starred = own(request).filter(stars__user=signed_in(request), status=Status.SUCCEEDED)
    batch = posted_ids(request, "batch")
    if batch:
        return starred.filter(batch__public_id=batch[0]).order_by("batch_position")
    return starred.filter(public_id__in=posted_ids(request, "shown")[:MOST_NAMED]).order_by("pk")


def _why_nothing(*, kept: int) -> str:
    if kept:
        return gettext("None of the kept candidates can be run in another size.")
    return gettext("Keep at least one candidate first.")


def _say_sent(request: HttpRequest, number: int, *, left_out: int) -> None:
    sentence = ngettext("Sent %(number)s edit.", "Sent %(number)s edits.", number) % {"number": number}
    if left_out:
        rest = ngettext(
            "%(number)s kept candidate has no other size and was left out.",
            "%(number)s kept candidates have no other size and were left out.",
            left_out,
        )
        sentence = f"{sentence} {rest % {'number': left_out}}"
    messages.success(request, sentence)


def _refuse(request: HtmxRequest, sentence: str) -> HttpResponse:
    """Nothing was sent or moved: the sentence as a toast in an open page, otherwise on the way back."""
    if request.htmx:
        message = Message(ERROR, sentence)
        response = render(request, "budgets/_refused.html", {"message": message}, status=422)
        response.headers["HX-Reswap"] = "none"
        return response
    messages.error(request, sentence)
    return redirect(_back(request))


def _lead(request: HtmxRequest, address: str) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": address}) if request.htmx else redirect(address)


def _back(request: HttpRequest) -> str:
    return way_back(request, default=reverse("edits:history"))
