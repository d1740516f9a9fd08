"""Finds edits by their words at the same cost in a library of any size.

A common word fills a page with the nearest edits of the list: these are read in its order.  A rare one is looked up
in the index.  Which of both a word is, the nearest ``SAMPLE`` edits tell.  Edits that are not in the index yet are
asked for themselves; as long as many are not, lists are read.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from edits.models.edit_requests import EditRequest
from edits.models.people import User
from edits.models.search_text import Mark, SearchPending, SearchText, phrase

SAMPLE = 2_000
MANY = 4_000
"""Edits with a word that cost as much to sort as it costs to find a page of them in a million."""
MOST_PENDING = 1_000
"""More edits than a search asks for themselves beside the index."""


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
    _rare_keys: list[int] = field(default_factory=list, init=False, compare=False)

    def rows(self) -> Q:
        """The condition as it is asked of one edit after the other.  Always right, quick for a few edits."""
        if not all(needle.phrases for needle in self.needles):
            return Q(pk__in=[])
        return Q(search_text__words__says=self._phrases) | self._unindexed

    def all(self) -> Q:
        """The condition for those who need all that match."""
        if not all(needle.phrases for needle in self.needles):
            return Q(pk__in=[])
        if SearchPending.objects.all()[: MOST_PENDING + 1].count() > MOST_PENDING:
            return self.rows()
        return Q(pk__in=self._indexed())

    def nearest(self, edits: "QuerySet[EditRequest]", *, count: int) -> Q:
        """The condition for the first ``count`` that match, of a list in its order.  Takes one query at most."""
        if not all(needle.phrases for needle in self.needles):
            return Q(pk__in=[])
        keys = self._rare_keys or self._look_up(edits, count=count)
        if keys is None:
            return self.rows()
        self._rare_keys[:] = keys
        return Q(pk__in=keys)

    def _look_up(self, edits: "QuerySet[EditRequest]", *, count: int) -> list[int] | None:
        """Keys of all that match; None where lists are to be read: they have enough near, or the index too many."""
        near = SearchText.objects.filter(pk__in=edits.values("pk")[:SAMPLE], words__says=self._phrases)
        pending, enough, found = (
            query.query.sql_with_params()
            for query in (
                SearchPending.objects.values("pk")[: MOST_PENDING + 1],
                near.values("pk")[:count],
                self._indexed()[: MANY + 1],
            )
        )
        texts = {"sqlite": "group_concat(pk)", "postgresql": "string_agg(pk::text, ',')"}[connection.vendor]
        sql = (
            f"SELECT CASE WHEN (SELECT count(*) FROM ({pending[0]}) pending) > %s"  # noqa: S608  Django's own
            f" OR (SELECT count(*) FROM ({enough[0]}) near) >= %s"
            f" THEN NULL ELSE (SELECT coalesce({texts}, '') FROM ({found[0]}) found) END"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [*pending[1], MOST_PENDING, *enough[1], count, *found[1]])
            (keys,) = cursor.fetchone()
        if keys is None or keys.count(",") >= MANY:
            return None
        return [int(key) for key in keys.split(",") if key]

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
        found = SearchText.objects.filter(words__finds=[*self._phrases, (self.within,)]).values("pk")
        return found.union(EditRequest.objects.filter(self._unindexed).order_by().values("pk"), all=True)


def of_owner(owner: User) -> str:
    """The phrase that marks a person's own edits."""
    return phrase([str(owner.pk)], mark=Mark.OWNER, closed=True)


OF_TEAM = phrase([""], mark=Mark.SHARED, closed=True)
