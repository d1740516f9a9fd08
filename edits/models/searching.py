"""Finds edits by their words at the same cost in a library of any size.

A common word fills a page with the nearest edits of the list: these are read in its order.  A rare one is looked up
in the index.  Which of both a word is, the nearest ``SAMPLE`` edits tell.  Edits that are not in the index yet are
asked for themselves; as long as many are not, lists are read.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import Exact

from edits.models.edit_lookups import EditRequestQuerySet
from edits.models.edit_requests import EditRequest
from edits.models.people import User
from edits.models.search_text import Mark, SearchPending, SearchText, phrase

SAMPLE = 2_000
MANY = 30_000
"""Edits with a word that take longer to sort than lists take to be read, unless all of them are far down."""
MOST_PENDING = 1_000
"""More edits than a search asks for themselves beside the index."""


MOST_LOOKED_UP = 5
"""Words of a search that the index is asked for; the others are looked for in what these give."""
AS_TEXT = {"sqlite": "group_concat(pk)", "postgresql": "string_agg(pk::text, ',')"}
WHOLE = {"sqlite": "LIMIT -1 OFFSET 0", "postgresql": "OFFSET 0"}
"""Ends a query that is carried out as it is.  Together with an order and a limit, a database would rather read lists
in the hope that matches come soon."""


@dataclass(frozen=True)
class Needle:
    """What an edit has to have: one of some phrases.  ``unindexed`` asks the same of its own columns."""

    phrases: tuple[str, ...]
    unindexed: Q


@dataclass(frozen=True)
class Search:
    """All needles at once, in the list that ``within`` marks: ``of_owner`` or ``OF_TEAM``."""

    needles: tuple[Needle, ...]
    within: str

    def rows(self) -> Q:
        """The condition as it is asked of one edit after the other.  Always right, quick for a few edits."""
        if not all(needle.phrases for needle in self.needles):
            return Q(pk__in=[])
        text = SearchText.objects.filter(pk=OuterRef("pk"), words__says=self._phrases)
        # As a join, PostgreSQL would read the texts of all edits before a place.
        return Q(Exact(Subquery(text.annotate(one=Value(1)).values("one")), 1)) | self._unindexed

    def all(self) -> Q:
        """The condition for those who need all that match."""
        if not all(needle.phrases for needle in self.needles):
            return Q(pk__in=[])
        if SearchPending.objects.all()[: MOST_PENDING + 1].count() > MOST_PENDING:
            return self.rows()
        return Q(pk__in=self._indexed())

    def nearest(
        self,
        edits: EditRequestQuerySet,
        *,
        of_list: EditRequestQuerySet,
        count: int,
    ) -> Q:
        """The condition for the first ``count`` that match among these, which are in their order.

        ``of_list`` is the list from there on without any filter.  Takes one query.
        """
        if not all(needle.phrases for needle in self.needles):
            return Q(pk__in=[])
        candidates = self._indexed()
        try:
            found, keys = self._look_up(
                edits, of_list=of_list, count=count, candidates=candidates[: MANY + 1]
            )
        except EmptyResultSet:  # another filter is met by no edit at all
            return Q(pk__in=[])
        return self.rows() if keys is None or found > MANY else Q(pk__in=keys)

    def _look_up(
        self,
        edits: EditRequestQuerySet,
        *,
        of_list: EditRequestQuerySet,
        count: int,
        candidates: "QuerySet[Any, Any]",
    ) -> tuple[int, list[int] | None]:
        """How many candidates there are, and the keys of the first that match; None where lists are to be read."""
        pending, near, found, nearest = (
            SearchPending.objects.values("pk")[: MOST_PENDING + 1].query.sql_with_params(),
            self._near(of_list, count=count),
            candidates.query.sql_with_params(),
            _in_order(edits.filter(pk__in=RawSQL("SELECT pk FROM candidates", ())), count=count),
        )
        keys = f"SELECT coalesce({AS_TEXT[connection.vendor]}, '') FROM ({nearest[0]}) nearest"  # noqa: S608
        sql = (
            f"WITH candidates AS MATERIALIZED ({found[0]})"  # noqa: S608  asked once, if at all
            f" SELECT CASE WHEN (SELECT count(*) FROM ({pending[0]}) pending) > %s"
            f" OR (SELECT count(*) FROM ({near[0]}) near) >= %s THEN NULL"
            f" ELSE (SELECT count(*) FROM candidates) || ',' || ({keys}) END"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [*found[1], *pending[1], MOST_PENDING, *near[1], count, *nearest[1]])
            (answer,) = cursor.fetchone()
        numbers = [int(number) for number in (answer or "0").split(",") if number]
        return numbers[0], None if answer is None else numbers[1:]

    def _near(self, of_list: EditRequestQuerySet, *, count: int) -> tuple[str, tuple[Any, ...]]:
        """SQL for as many of the nearest edits that match, whose texts are asked for one after the other.

        As a join, PostgreSQL would begin with the texts, all of them.
        """
        listed, params = of_list.values(key=F("pk"))[:SAMPLE].query.sql_with_params()
        text = SearchText.objects.filter(pk=RawSQL("listed.key", ()), words__says=self._phrases)
        says, more = text.annotate(one=Value(1)).values("one").query.sql_with_params()
        sql = f"SELECT 1 FROM ({listed}) listed WHERE ({says}) = 1 LIMIT {count}"  # noqa: S608
        return sql, (*params, *more)

    @property
    def _phrases(self) -> list[tuple[str, ...]]:
        return [needle.phrases for needle in self.needles]

    @property
    def _unindexed(self) -> Q:
        asked = Q(pk__in=SearchPending.objects.values("pk"))
        for needle in self.needles:
            asked &= needle.unindexed
        return asked

    def _indexed(self) -> "QuerySet[Any, Any]":
        # The longest are the rarest, mostly; twenty words of one letter would each be in half of all edits.
        longest_first = sorted(self._phrases, key=lambda phrases: -len(phrases[0]))
        looked_up, others = longest_first[:MOST_LOOKED_UP], longest_first[MOST_LOOKED_UP:]
        texts = SearchText.objects.filter(words__finds=[*looked_up, (self.within,)])
        found = (texts.filter(words__says=others) if others else texts).values("pk")
        pending = EditRequest.objects.filter(self._unindexed).order_by().values("pk")
        return found.union(pending, all=True)


def of_owner(owner: User) -> str:
    """The phrase that marks a person's own edits."""
    return phrase([str(owner.pk)], mark=Mark.OWNER, closed=True)


OF_TEAM = phrase([""], mark=Mark.SHARED, closed=True)


def _in_order(edits: EditRequestQuerySet, *, count: int) -> tuple[str, tuple[Any, ...]]:
    """SQL for the keys of the first of these, which are looked up all, then sorted."""
    names = [str(name) for name in edits.query.order_by]
    columns = {name.lstrip("-"): f"c{number}" for number, name in enumerate(names)}
    rows = edits.order_by().values(**{alias: F(name) for name, alias in columns.items()})
    sql, params = rows.query.sql_with_params()
    order = ", ".join(f"{columns[name.lstrip('-')]}{' DESC' * name.startswith('-')}" for name in names)
    matching = f"({sql} {WHOLE[connection.vendor]}) matching"
    return f"SELECT {columns['pk']} AS pk FROM {matching} ORDER BY {order} LIMIT {count}", params  # noqa: S608
