"""The galleries: one's own history, and what the team shares.  A page of them costs seven queries at most,
and one for each day that it cuts."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from edits.forms.gallery import DEFAULT_DENSITY, DENSITIES, Filters
from edits.http.access import signed_in
from edits.models import User
from edits.services.queue.positions import queue_positions
from edits.views import cursors, filter_links
from edits.views.bulk_jobs import strip_of
from edits.views.days import days, is_same_day
from edits.views.htmx import HtmxRequest
from edits.views.listing import Cursor, Listing, Page

MOST_PEOPLE = 100
THUMB, WIDE_THUMB = 320, 1024  # widths that the worker makes, in pixels


@gzip_page
@cache_control(private=True, no_cache=True)
@require_safe
def history(request: HtmxRequest) -> HttpResponse:
    """One's own edits, the latest first."""
    return _gallery(request, Listing("history", signed_in(request), _filters(request, of_team=False)))


@gzip_page
@cache_control(private=True, no_cache=True)
@require_safe
def team(request: HtmxRequest) -> HttpResponse:
    """What members shared, the latest shared first."""
    return _gallery(request, Listing("team", signed_in(request), _filters(request, of_team=True)))


def _filters(request: HtmxRequest, *, of_team: bool) -> Filters:
    return Filters.read(request.GET, of_team=of_team)


def _gallery(request: HtmxRequest, listing: Listing) -> HttpResponse:
    """The page, or for a page that is scrolled only the cards that come next."""
    place = Cursor.read(request.GET.get("older", ""))
    page = listing.page(place, up_to=request.GET.get("up_to", "") if request.htmx else "")
    context = _cards_context(listing, page, place, in_place=bool(request.htmx))
    if not request.htmx:
        context |= _toolbar_context(listing) | {
            "has_more": bool(page.more or place),
            "jobs": strip_of(listing.viewer, page_at=timezone.now()),
        }
    response = render(request, "gallery/_next.html" if request.htmx else "gallery/gallery.html", context)
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
            **_on_other_pages(listing, page, None if in_place else place),
        ),
        "places": queue_positions(page.edits),
        "start": f"{address}?{query}" if query else address,
        "next": f"{address}?{here}" if here else address,
        "older": "&".join(filter(None, [query, f"older={page.more}"])) if page.more else "",
        "back": "&".join(filter(None, ["from=team" if listing.name == "team" else "", query])),
    }


def _on_other_pages(listing: Listing, page: Page, place: Cursor | None) -> dict[str, int | None]:
    """How many edits of the days that this page cuts are on the pages beside it."""
    first = page.edits[0] if page.edits else None
    goes_on = first and place and is_same_day(place.at, getattr(first, listing.moment))
    return {
        "before_first": listing.rest_of_day(first, backwards=True) if first and goes_on else 0,
        "after_last": listing.rest_of_day(page.edits[-1]) if page.more else 0,
    }


def _toolbar_context(listing: Listing) -> dict[str, Any]:
    filters, of_team = listing.filters, listing.name == "team"
    members = User.objects.filter(is_active=True).order_by("username")[:MOST_PEOPLE] if of_team else []
    menus = {
        gettext("Person"): filter_links.people(filters, members, viewer=listing.viewer) if of_team else None,
        gettext("Status"): None if of_team else filter_links.states(filters),
        gettext("Size"): filter_links.sizes(filters),
    }
    return {
        "marks": filter_links.marks(filters, of_team=of_team),
        "menus": {name: menu for name, menu in menus.items() if menu},
        "dates": filter_links.dates(filters, today=timezone.localdate()),
        "since": filter_links.chosen(filters, "after"),
        "until": filter_links.chosen(filters, "before"),
        "order": filter_links.order(filters),
        "densities": filter_links.densities(filters),
        "usual_density": DEFAULT_DENSITY,
        "filter": filters.query(),
        "shown": cursors.encode(timezone.now()),
        "kept": [pair for pair in filters.chosen if pair[0] not in ("after", "before")],
        "cleared": f"?{filters.cleared().query()}",
    }
