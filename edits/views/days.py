"""Cuts a page of edits into days, each with its heading in words.  Days are those of the installation's time zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils import timezone

from edits.models import EditRequest


@dataclass(frozen=True)
class Day:
    """The edits of one day on one page.  ``count`` is None where the page does not show all of the day."""

    day: date
    title: str
    edits: list[EditRequest]
    continued: bool
    count: int | None


def days(
    edits: Iterable[EditRequest], *, moment: str, today: date, after: datetime | None, more: bool
) -> list[Day]:
    """``after`` is the moment of the edit before the page's first; ``more`` says that others follow the last."""
    groups = [
        (day, list(of_day)) for day, of_day in groupby(edits, lambda edit: _local(getattr(edit, moment)))
    ]
    begun = _local(after) if after else None
    last = len(groups) - 1
    return [
        Day(
            day,
            title(day, today=today),
            of_day,
            continued=day == begun,
            count=None if day == begun or (more and number == last) else len(of_day),
        )
        for number, (day, of_day) in enumerate(groups)
    ]


def title(day: date, *, today: date) -> str:
    """Today, Yesterday, Friday 20 November, 20 November 2025."""
    match (today - day).days:
        case 0:
            return "Today"
        case 1:
            return "Yesterday"
    weekday = f"{day:%A} " if day.year == today.year else ""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{weekday}{day.day} {day:%B}{year}"


def _local(at: datetime) -> date:
    return timezone.localtime(at).date()
