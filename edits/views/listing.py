"""The lists of edits and their order: history, team and trash; their pages, and the neighbors of an edit.

    list     holds                     in the order of
    history  one's own                 being made
    team     what is shared            being shared
    trash    one's own thrown away     being thrown away

Pages continue after an edit, never after a number of edits: what arrives meanwhile moves nothing.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, reduce
from operator import and_
from typing import Literal, Self

from django.db.models import Count, Q, Subquery

from edits.forms.gallery import Filters
from edits.models import EditRequest, User
from edits.models.edit_lookups import EditRequestQuerySet
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
        """All edits of the list, in no order."""
        edits = self._whole()
        for rule in self._rules:
            edits = edits.filter(rule)
        return edits

    def _whole(self) -> EditRequestQuerySet:
        """The list without filters."""
        if self.name == "team":
            return EditRequest.objects.shared()
        mine = EditRequest.objects.of(self.viewer)
        return mine.trashed() if self.name == "trash" else mine.not_trashed()

    @cached_property
    def _rules(self) -> list[Q]:
        return self.filters.rules(self._whole(), viewer=self.viewer, moment=self.moment)

    def edits_until(self, at: datetime) -> EditRequestQuerySet:
        """Those of the list that stood in it at a moment: what came later was not on the page."""
        return self.edits().filter(Q((f"{self.moment}__lte", at)))

    def place_of(self, edit: EditRequest) -> Cursor | None:
        """The place of the edit in the list; None if it cannot be in it."""
        at = getattr(edit, self.moment)
        return Cursor(at, edit.public_id) if at else None

    def beyond(self, place: Cursor, *, backwards: bool = False) -> EditRequestQuerySet:
        """What comes after a place, or before it, the nearest first."""
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
        """The next page, in one query.

        ``up_to`` is the public id of an edit to which the page has to reach; it takes a second query, and counts
        only for one of the next 1,000.
        """
        edits = self.beyond(place) if place else self._ordered(rising=self.filters.oldest_first)
        length = _length_up_to(up_to, edits) if up_to else PAGE_LENGTH
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
        around = replace(self, filters=self.filters.cleared()).beyond(place, backwards=backwards)
        nearest = EditRequest.objects.filter(pk__in=around.values("pk")[:MOST_COUNTED])
        of_day = nearest.filter(Q((f"{self.moment}__gte", begins)), Q((f"{self.moment}__lt", ends)))
        asked = (
            reduce(and_, self._rules) if self._rules else None
        )  # of those alone: never the list's other days
        counts = of_day.aggregate(all=Count("pk"), asked=Count("pk", filter=asked))
        return None if counts["all"] == MOST_COUNTED else int(counts["asked"])

    def neighbors(self, edit: EditRequest) -> tuple[EditRequest | None, EditRequest | None]:
        """The edits before and after this one in the list, whether or not it is in it; id and status alone."""
        place = self.place_of(edit)
        if place is None:
            return None, None
        before, after = self.beyond(place, backwards=True), self.beyond(place)
        return before.only("public_id", "status").first(), after.only("public_id", "status").first()

    def _ordered(self, *, rising: bool) -> EditRequestQuerySet:
        columns = (self.moment, "pk")
        return self.edits().order_by(*(column if rising else f"-{column}" for column in columns))


def _length_up_to(public_id: str, edits: EditRequestQuerySet) -> int:
    """How long a page of whole pages is that has this edit in it; the usual length where it is not near."""
    nearest = [str(near) for near in edits.values_list("public_id", flat=True)[:MOST_COUNTED]]
    before = nearest.index(public_id) if public_id in nearest else 0
    return (before // PAGE_LENGTH + 1) * PAGE_LENGTH
