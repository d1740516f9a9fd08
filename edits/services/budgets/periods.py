"""The day and the month that budgets count by, from midnight to midnight in the installation's time zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from django.utils.dateformat import format as format_date
from django.utils.timezone import get_default_timezone


@dataclass(frozen=True)
class Period:
    """From ``start`` until ``end``, both aware; ``label`` follows "for": today, November."""

    start: datetime
    end: datetime
    label: str

    @property
    def again_from(self) -> str:
        """When it is over, after "from": midnight (UTC)."""
        end = "midnight" if self.label == "today" else format_date(self.end, "j F")
        return f"{end} ({_zone(self.end)})"

    @property
    def next_name(self) -> str:
        """The day on which the next one begins, after "until": tomorrow."""
        return "tomorrow" if self.label == "today" else format_date(self.end, "j F")

    @property
    def goes_on(self) -> str:
        """When it is over, after "continues": tomorrow (00:00 UTC)."""
        on = "" if self.label == "today" else "on "
        return f"{on}{self.next_name} ({self.end:%H:%M} {_zone(self.end)})"


def day_of(now: datetime, *, zone: tzinfo | None = None) -> Period:
    """The day that ``now`` belongs to."""
    zone = zone or get_default_timezone()
    today = now.astimezone(zone).date()
    return Period(_midnight(today, zone), _midnight(today + timedelta(days=1), zone), label="today")


def month_of(now: datetime, *, zone: tzinfo | None = None) -> Period:
    """The calendar month that ``now`` belongs to."""
    zone = zone or get_default_timezone()
    first = now.astimezone(zone).date().replace(day=1)
    next_first = (first + timedelta(days=31)).replace(day=1)
    return Period(_midnight(first, zone), _midnight(next_first, zone), label=format_date(first, "F"))


def period_until(end: datetime, *, now: datetime) -> Period:
    """The day where it ends then, otherwise the month."""
    day = day_of(now)
    return day if day.end == end else month_of(now)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)


def _zone(at: datetime) -> str:
    """UTC, CET; UTC-03 where a place has no letters for it."""
    name = at.tzname() or "UTC"
    return name if name[0].isalpha() else f"UTC{name}"
