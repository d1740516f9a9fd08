"""The galleries: one's own history, and what the team shares.  A page of them costs six queries at most."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from edits.forms.gallery import DENSITIES, Filters
from edits.models import User
from edits.services.queue.queueing import places
from edits.views import chips
from edits.views.access import signed_in
from edits.views.days import days
from edits.views.listing import Cursor, Listing, Page

MOST_PEOPLE = 100
THUMB, WIDE_THUMB = 320, 1024  # widths that the worker makes, in pixels


@gzip_page
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """One's own edits, the latest first."""
    return _gallery(request, Listing("history", signed_in(request), _filters(request, of_team=False)))


@gzip_page
@require_safe
def team(request: HttpRequest) -> HttpResponse:
    """What members shared, the latest shared first."""
    return _gallery(request, Listing("team", signed_in(request), _filters(request, of_team=True)))


def _filters(request: HttpRequest, *, of_team: bool) -> Filters:
    return Filters.read(request.GET, of_team=of_team)


def _gallery(request: HttpRequest, listing: Listing) -> HttpResponse:
    """The page, or for a page that is scrolled only the cards that come next."""
    place = Cursor.read(request.GET.get("older", ""))
    page = listing.page(place)
    in_place = request.headers.get("HX-Request") == "true"
    context = _cards_context(listing, page, place, in_place=in_place)
    if not in_place:
        context |= _toolbar_context(listing)
    response = render(request, "gallery/_next.html" if in_place else "gallery/gallery.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _cards_context(listing: Listing, page: Page, place: Cursor | None, *, in_place: bool) -> dict[str, Any]:
    address, query = reverse(f"edits:{listing.name}"), listing.filters.query()
    here = "&".join(filter(None, [query, f"older={place}" if place and not in_place else ""]))
    return {
        "listing": listing,
        "filters": listing.filters,
        "viewer": listing.viewer,
        "of_team": listing.name == "team",
        "thumb": WIDE_THUMB if listing.filters.density == max(DENSITIES) else THUMB,
        "page": page,
        "place": place,
        "days": days(
            page.edits,
            moment=listing.moment,
            today=timezone.localdate(),
            after=place.at if place else None,
            more=page.more is not None,
        ),
        "places": places(page.edits),
        "start": f"{address}?{query}" if query else address,
        "next": f"{address}?{here}" if here else address,
        "older": "&".join(filter(None, [query, f"older={page.more}"])) if page.more else "",
        "back": "&".join(filter(None, ["from=team" if listing.name == "team" else "", query])),
    }


def _toolbar_context(listing: Listing) -> dict[str, Any]:
    filters, of_team = listing.filters, listing.name == "team"
    members = User.objects.filter(is_active=True).order_by("username")[:MOST_PEOPLE] if of_team else []
    menus = {
        "Person": chips.people(filters, members, viewer=listing.viewer) if of_team else None,
        "Status": None if of_team else chips.states(filters),
        "Size": chips.sizes(filters),
    }
    return {
        "marks": chips.marks(filters, of_team=of_team),
        "menus": {name: menu for name, menu in menus.items() if menu},
        "dates": chips.dates(filters, today=timezone.localdate()),
        "since": chips.chosen(filters, "after"),
        "until": chips.chosen(filters, "before"),
        "order": chips.order(filters),
        "densities": chips.densities(filters),
        "kept": [pair for pair in filters.chosen if pair[0] not in ("after", "before")],
        "cleared": f"?{filters.cleared().query()}",
    }
