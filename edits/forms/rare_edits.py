"""Conditions of lists for what only a few edits among a million may have, such as a status, a size or a star.

Knows which columns have an index of their own, and how the few are found without reading the list.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from edits.models import ACTIVE, UNSUCCESSFUL, Status, User
from edits.models.edit_lookups import EditRequestQuerySet

FEW = 1_000
"""Fewer are looked up and sorted; among a million, a page of so many is found by reading the list for as long."""


def named_by(rows: QuerySet[Any], column: str, *, otherwise: Q | None = None) -> Q:
    """The edits that some rows name: few are looked up; with more, lists are read until a page is full.

    ``otherwise`` is the condition for an edit of the list that is read; left out, the rows are asked for each.
    """
    rows = rows.order_by()
    ordered = rows if column == "pk" else rows.order_by(column)  # as the index of a tag or star has them
    found = list(ordered.values_list(column, flat=True)[:FEW])
    if len(found) < FEW:  # as values, because databases take a rare tag for one as common as the others
        return Q(pk__in=found)
    return otherwise or Q(Exists(rows.filter(**{column: OuterRef("pk")})))


def with_status(statuses: Iterable[str], *, within: EditRequestQuerySet) -> Q:
    """Edits with one of these statuses.  ``within`` is the list, of which one person's has indexes of rare ones."""
    statuses = tuple(statuses)
    rule = Q(status__in=statuses)
    parts = [part for part in (_active(statuses), _unsuccessful(statuses)) if part]
    if not parts or Status.SUCCEEDED in statuses:
        return rule
    if set(statuses) <= set(ACTIVE) or len(statuses) == 1:
        return parts[0]
    return named_by(within.filter(reduce(or_, parts)), "pk", otherwise=rule)


def with_size(sizes: Iterable[str], *, within: EditRequestQuerySet) -> Q:
    """Edits with one of these sizes; one alone is found in the order of the list."""
    sizes = tuple(sizes)
    if len(sizes) == 1:
        return Q(size=sizes[0])
    rule = Q(size__in=sizes)
    return named_by(within.filter(rule), "pk", otherwise=rule)


def shared(*, within: EditRequestQuerySet) -> Q:
    """Edits that the team sees."""
    return named_by(within.shared(), "pk", otherwise=Q(shared_at__isnull=False, status=Status.SUCCEEDED))


def owned_by(people: Iterable[int], *, within: EditRequestQuerySet) -> Q:
    """Edits of these people, by their keys; those of one alone are found in the order of the team's list."""
    people = tuple(people)
    if len(people) == 1:
        return Q(owner=people[0])
    rule = Q(owner__in=people)
    return named_by(within.filter(rule), "pk", otherwise=rule)


def starred_by(user: User) -> Q:
    """What this person starred."""
    return named_by(user.stars.all(), "edit")


def _active(statuses: tuple[str, ...]) -> Q | None:
    found = [status for status in statuses if status in ACTIVE]
    return Q(status__in=found, finished_at__isnull=True) if found else None  # the index is about the second


def _unsuccessful(statuses: tuple[str, ...]) -> Q | None:
    """By equality, each for itself: SQLite does not see that IN is about the index's rows alone."""
    found = [Q(status=status) for status in statuses if status in UNSUCCESSFUL]
    return reduce(or_, found) if found else None
