"""The day and the month that budgets count by, from midnight to midnight in the installation's time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils.dateformat import format as format_date
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext, pgettext

from edits.time_zones import title_of


@dataclass(frozen=True)
class Period:
    """A day or a calendar month from ``start`` until ``end``, both aware; its words are in the reader's language."""

    start: datetime
    end: datetime
    is_day: bool

    @property
    def label(self) -> str:
        """Follows "for": today, November."""
        if self.is_day:
            return pgettext("budget period", "today")
        # Translators: "date format" is Django's: j day, n month as a number, F November.
        return format_date(self.start, pgettext("date format", "F"))

    @property
    def again_from(self) -> str:
        """When it is over, after "from" or "until": midnight (UTC), 1 December (UTC)."""
        if self.is_day:
            return gettext("midnight (%(zone)s)") % {"zone": self.zone_name}
        return gettext("%(day)s (%(zone)s)") % {"day": self._end_words, "zone": self.zone_name}

    @property
    def goes_on(self) -> str:
        """When it is over, after "continues": at midnight (UTC), on 1 December (00:00 UTC).

        Never "tomorrow": on the reader's clock that may be another day.
        """
        if self.is_day:
            return gettext("at midnight (%(zone)s)") % {"zone": self.zone_name}
        return gettext("on %(day)s (00:00 %(zone)s)") % {"day": self._end_words, "zone": self.zone_name}

    @property
    def _end_words(self) -> str:
        return format_date(self.end, pgettext("date format", "j F"))

    @property
    def zone_name(self) -> str:
        """UTC, Europe/Berlin; not CST, which is China's and Chicago's."""
        return title_of(self.end.tzinfo or UTC)


def day_of(now: datetime, *, zone: tzinfo | None = None) -> Period:
    """The day that ``now`` belongs to."""
    zone = zone or get_default_timezone()
    today = now.astimezone(zone).date()
    return Period(_midnight(today, zone), _midnight(today + timedelta(days=1), zone), is_day=True)


def month_of(now: datetime, *, zone: tzinfo | None = None) -> Period:
    """The calendar month that ``now`` belongs to."""
    zone = zone or get_default_timezone()
    first = now.astimezone(zone).date().replace(day=1)
    next_first = (first + timedelta(days=31)).replace(day=1)
    return Period(_midnight(first, zone), _midnight(next_first, zone), is_day=False)


def period_until(end: datetime, *, now: datetime) -> Period:
    """The day where it ends then, otherwise the month."""
    day = day_of(now)
    return day if day.end == end else month_of(now)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
