"""The lists of edits and their order: history, team and trash; their pages, and the neighbors of an edit.

    list     holds                     in the order of
    history  one's own                 being made
    team     what is shared            being shared
    trash    one's own thrown away     being thrown away

Pages continue after an edit, never after a number of edits: what arrives meanwhile moves nothing.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal, Self

from django.db.models import Count, Q, Subquery

from edits.forms.gallery import Filters
from edits.models import EditRequest, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.models.searching import Search
from edits.views import cursors
from edits.views.days import day_of

PAGE_LENGTH = 50
MOST_COUNTED = 1000

Name = Literal["history", "team", "trash"]
MOMENTS = {"history": "created_at", "team": "shared_at", "trash": "trashed_at"}


@dataclass(frozen=True)
class Cursor:
    """A place in a list: the edit after which it continues, and the moment that orders it.

    Row numbers would tell how much others edit; a public id tells nothing.
    """

    at: datetime
    public_id: uuid.UUID

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The place that an address names; None where it names none."""
        moment, _, public_id = text.partition("-")
        at = cursors.decode(moment)
        try:
            return cls(at, uuid.UUID(public_id)) if at else None
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{cursors.encode(self.at)}-{self.public_id.hex}"


@dataclass(frozen=True)
class Page:
    """Some edits of a list.  ``total`` is None where counting would cost more than the page."""

    edits: list[EditRequest]
    more: Cursor | None
    total: int | None


class _Counted(Subquery):
    """How many rows a query gives, inside another query; its limit bounds the work."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"


@dataclass(frozen=True)
class Listing:
    """One of the lists as one person sees it through their filters."""

    name: Name
    viewer: User
    filters: Filters

    @property
    def moment(self) -> str:
        """The column whose days head the list."""
        return MOMENTS[self.name]

    def edits(self) -> EditRequestQuerySet:
        """All edits of the list that are asked for, in no order."""
        return self._narrowed(self._all(), said=self._search.all() if self._search else None)

    def edits_until(self, at: datetime) -> EditRequestQuerySet:
        """Those of the list that stood in it at a moment: what came later was not on the page."""
        return self.edits().filter(Q((f"{self.moment}__lte", at)))

    def place_of(self, edit: EditRequest) -> Cursor | None:
        """The place of the edit in the list; None if it cannot be in it."""
        at = getattr(edit, self.moment)
        return Cursor(at, edit.public_id) if at else None

    def beyond(self, place: Cursor, *, backwards: bool = False) -> EditRequestQuerySet:
        """What comes after a place, or before it, the nearest first, whatever the filters are."""
        rising = self.filters.oldest_first != backwards
        side = "gt" if rising else "lt"
        edit = EditRequest.objects.filter(public_id=place.public_id).order_by()
        past = Q((f"pk__{side}", Subquery(edit.values("pk")[:1])))
        # The first condition says nothing new, but lets the index start at the place.
        return (
            self._ordered(rising=rising)
            .filter(Q((f"{self.moment}__{side}e", place.at)))
            .filter(Q((f"{self.moment}__{side}", place.at)) | past)
        )

    def page(self, place: Cursor | None = None, *, up_to: str = "") -> Page:
        """The next page, in one query, and up to three more for a search.

        ``up_to`` is the public id of an edit to which the page has to reach; it takes one query more, and counts
        only for one of the next 1,000.
        """
        rising = self.filters.oldest_first
        edits = self.beyond(place) if place else self._ordered(rising=rising)
        edits = self._nearest(edits, count=MOST_COUNTED if up_to else PAGE_LENGTH + 1)
        length = _length_up_to(up_to, edits) if up_to else PAGE_LENGTH
        if self._search:  # what a card shows is looked up for those of the page alone, not for all that match
            page = EditRequest.objects.filter(pk__in=edits.values("pk")[: length + 1])
            edits = page.order_by(*self._columns(rising=rising))
        cards = edits.with_cards(self.viewer)
        if not place and not self.filters.narrows:
            cards = cards.annotate(total=_Counted(self.edits().order_by().values("pk")[: MOST_COUNTED + 1]))
        found = list(cards[: length + 1])
        shown = found[:length]
        more = self.place_of(shown[-1]) if len(found) > length else None
        counted = len(found) if not more and not place else None
        return Page(shown, more, getattr(found[0], "total", counted) if found else counted)

    def rest_of_day(self, edit: EditRequest, *, backwards: bool = False) -> int | None:
        """How many edits of this one's day come after it in the list, or before it, in one query.

        Looks at no more than the nearest 1,000, whatever the filters are; None where the day has more.
        """
        place = self.place_of(edit)
        if place is None:
            return 0
        begins, ends = day_of(place.at)
        around = self.beyond(place, backwards=backwards)
        nearest = EditRequest.objects.filter(pk__in=around.values("pk")[:MOST_COUNTED])
        of_day = nearest.filter(Q((f"{self.moment}__gte", begins)), Q((f"{self.moment}__lt", ends)))
        said = self._search.rows() if self._search else None
        asked = Q(pk__in=self._narrowed(of_day, said=said).values("pk")) if self.filters.narrows else None
        counts = of_day.aggregate(all=Count("pk"), asked=Count("pk", filter=asked))
        return None if counts["all"] == MOST_COUNTED else int(counts["asked"])

    def neighbors(self, edit: EditRequest) -> tuple[EditRequest | None, EditRequest | None]:
        """The edits before and after this one in the list, whether or not it is in it; what links need alone."""
        place = self.place_of(edit)
        if place is None:
            return None, None
        before, after = (
            self._nearest(self.beyond(place, backwards=backwards), count=1) for backwards in (True, False)
        )
        first, last = (
            edits.select_related("merged").only("public_id", "status", "original", "merged__state").first()
            for edits in (before, after)
        )
        return first, last

    @cached_property
    def _search(self) -> Search | None:
        return self.filters.search(self.viewer)

    def _all(self) -> EditRequestQuerySet:
        """The list without filters."""
        if self.name == "team":
            return EditRequest.objects.shared()
        mine = EditRequest.objects.of(self.viewer)
        return mine.trashed() if self.name == "trash" else mine.not_trashed()

    @cached_property
    def _rules(self) -> list[Q]:
        return self.filters.rules(self._all(), viewer=self.viewer, moment=self.moment)

    def _narrowed(self, edits: EditRequestQuerySet, *, said: Q | None) -> EditRequestQuerySet:
        for rule in [*self._rules, *([said] if said else [])]:
            edits = edits.filter(rule)
        return edits

    def _nearest(self, edits: EditRequestQuerySet, *, count: int) -> EditRequestQuerySet:
        """Those that are asked for of a list in its order, of which the first ``count`` are wanted."""
        others = self._narrowed(edits, said=None)
        if self._search is None:
            return others
        return others.filter(self._search.nearest(others, of_list=edits, count=count))

    def _ordered(self, *, rising: bool) -> EditRequestQuerySet:
        return self._all().order_by(*self._columns(rising=rising))

    def _columns(self, *, rising: bool) -> tuple[str, ...]:
        return tuple(column if rising else f"-{column}" for column in (self.moment, "pk"))


def _length_up_to(public_id: str, edits: EditRequestQuerySet) -> int:
    """How long a page of whole pages is that has this edit in it; the usual length where it is not near."""
    nearest = [str(near) for near in edits.values_list("public_id", flat=True)[:MOST_COUNTED]]
    before = nearest.index(public_id) if public_id in nearest else 0
    return (before // PAGE_LENGTH + 1) * PAGE_LENGTH
