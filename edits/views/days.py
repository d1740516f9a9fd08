"""Cuts a page of edits into days, each with its heading in words.  Days are those of the reader's time zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext, ngettext, pgettext

from edits.models import EditRequest


@dataclass(frozen=True)
class Day:
    """The edits of one day on one page.  ``count`` is how many the list has of the day, None where nobody counted."""

    day: date
    title: str
    edits: list[EditRequest]
    continued: bool
    count: int | None

    @property
    def anchor(self) -> str:
        """The id of its list in the page."""
        return f"day-{self.day:%Y%m%d}"

    @property
    def note(self) -> str:
        """Beside the heading: how many edits, and whether the page before began the day; blank where neither."""
        if not self.count:
            return gettext("continued") if self.continued else ""
        if self.continued:
            words = ngettext("%(n)s edit, continued", "%(n)s edits, continued", self.count)
        else:
            words = ngettext("%(n)s edit", "%(n)s edits", self.count)
        return words % {"n": f"{self.count:,}"}


def days(
    edits: Iterable[EditRequest],
    *,
    moment: str,
    today: date,
    after: datetime | None,
    before_first: int | None = 0,
    after_last: int | None = 0,
) -> list[Day]:
    """``after`` is the moment of the edit before the page's first.

    ``before_first`` and ``after_last``: how many edits of the first and last day are on the pages beside this one.
    """
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
            count=_sum(
                len(of_day),
                before_first if number == 0 else 0,
                after_last if number == last else 0,
            ),
        )
        for number, (day, of_day) in enumerate(groups)
    ]


def day_of(at: datetime) -> tuple[datetime, datetime]:
    """When the day of this moment begins, and when the next one does."""
    day = _local(at)
    begins, ends = (datetime.combine(each, time.min) for each in (day, day + timedelta(days=1)))
    return timezone.make_aware(begins), timezone.make_aware(ends)


def is_same_day(one: datetime, other: datetime) -> bool:
    """Both fall on one day."""
    return _local(one) == _local(other)


def _sum(*parts: int | None) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def title(day: date, *, today: date) -> str:
    """Today, Yesterday, Friday 20 November, 20 November 2025."""
    match (today - day).days:
        case 0:
            return gettext("Today")
        case 1:
            return gettext("Yesterday")
    # Translators: "date format" is Django's: l Friday, j day, F November, n month as a number, Y year.
    shape = pgettext("date format", "l j F") if day.year == today.year else pgettext("date format", "j F Y")
    return format_date(day, shape)


def _local(at: datetime) -> date:
    return timezone.localtime(at).date()
