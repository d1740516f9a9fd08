"""The lists of review cases and a case's place in one: which there are, how many wait, who is next.

Nothing is counted beyond ``MOST_COUNTED``, so that a page costs the same however many wait.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from edits.http.humanize import capped
from edits.models import MOST_COUNTED, ReviewCase, User
from edits.models.reviews import ReviewCaseQuerySet

WAITING, MINE, ASKED, DECIDED = "waiting", "mine", "asked", "decided"
NAMES = {
    WAITING: pgettext_lazy("review", "Waiting"),
    MINE: pgettext_lazy("review", "Mine"),
    ASKED: _("With the author"),
    DECIDED: pgettext_lazy("review", "Decided"),
}


@dataclass(frozen=True)
class CasePosition:
    """Where a case is in the list that is shown, in words such as “3” or “99+”.

    ``number`` is blank when it is not in the list; ``counts`` are the lengths of all lists, blank if empty.
    """

    shown: str
    number: str
    total: str
    previous: UUID | None
    next: UUID | None
    counts: dict[str, str]


def open_cases(shown: str, *, reviewer: User, now: datetime) -> ReviewCaseQuerySet:
    """The undecided cases of a list, the longest waiting first."""
    present = ReviewCase.objects.present()
    if shown == MINE:
        return present.held_by(reviewer, now)
    return ReviewCase.objects.asked() if shown == ASKED else ReviewCase.objects.waiting()


def list_of(case: ReviewCase, *, wanted: str, reviewer: User, now: datetime) -> str:
    """The list to show around a case: the wanted one if the case can be in it, otherwise the one it is in."""
    if case.decision:
        return DECIDED
    if wanted == MINE and case.is_held_by(reviewer, now):
        return MINE
    return ASKED if case.question_open else WAITING


def place_of(case: ReviewCase | None, *, shown: str, reviewer: User, now: datetime) -> CasePosition:
    """The place of a case in its list and the length of every list, in one query."""
    cases = open_cases(shown, reviewer=reviewer, now=now)
    pk = case.pk if case else 0
    columns: dict[str, Any] = {
        f"all_{name}": _count(open_cases(name, reviewer=reviewer, now=now)) for name in (WAITING, MINE, ASKED)
    }
    columns |= {
        "before": _count(cases.filter(pk__lt=pk)),
        "here": _count(cases.filter(pk=pk)),
        "total": _count(cases),
        "previous": _public_id(cases.filter(pk__lt=pk).order_by("-pk")),
        "next": _public_id(cases.filter(pk__gt=pk).order_by("pk")),
    }
    row: Any = User.objects.filter(pk=reviewer.pk).values(**columns).get()
    return CasePosition(
        shown=shown,
        number=_words(row["before"] + 1) if row["here"] else "",
        total=_words(row["total"]),
        previous=row["previous"],
        next=row["next"],
        counts={name: _words(row[f"all_{name}"]) for name in (WAITING, MINE, ASKED)},
    )


def first_to_open(shown: str, *, reviewer: User, now: datetime, after: int = 0) -> UUID | None:
    """The case to go to next: the first after ``after`` that this reviewer may decide, else any that waits."""
    cases = open_cases(shown, reviewer=reviewer, now=now)
    free = cases.decidable_by(reviewer, now)
    for choice in (free.filter(pk__gt=after), free, cases):
        found = choice.values_list("edit__public_id", flat=True).first()
        if found:
            return found
    return None


def _words(count: int) -> str:
    return capped(count, MOST_COUNTED) if count else ""


def _count(cases: ReviewCaseQuerySet) -> Coalesce:
    counted = (
        cases.at_most().annotate(all=Value(1)).values("all").annotate(number=Count("pk")).values("number")
    )
    return Coalesce(Subquery(counted), 0)


def _public_id(cases: QuerySet[ReviewCase]) -> Subquery:
    return Subquery(cases.values("edit__public_id")[:1])
