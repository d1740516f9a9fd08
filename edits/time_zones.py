"""Time zones by the names of the tz database, and moments in the reader's zone.

Knows what a name means that this machine does not have, and how browsers spell names that have changed since.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

MOST_CHARS = 64
REGIONS = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": pgettext_lazy("ocean", "Indian"),
    "Pacific": _("Pacific"),
}
NO_PLACES = {"Factory", "localtime"}
"""Files of the tz database and of Debian that are named like zones."""
RENAMED = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Catamarca": "America/Argentina/Catamarca",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Cordoba": "America/Argentina/Cordoba",
    "America/Fort_Wayne": "America/Indiana/Indianapolis",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "America/Jujuy": "America/Argentina/Jujuy",
    "America/Louisville": "America/Kentucky/Louisville",
    "America/Mendoza": "America/Argentina/Mendoza",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Etc/GMT": "UTC",
    "Etc/UTC": "UTC",
    "Europe/Kiev": "Europe/Kyiv",
    "GMT": "UTC",
    "Pacific/Enderbury": "Pacific/Kanton",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}
"""Browsers still give the old names.  Some systems leave them out, and a database on another machine may too."""

Style = Literal["short", "clock", "day", "full", "exact"]


def zone_of(name: str) -> tzinfo:
    """The zone of a name; the server's (TIME_ZONE) where it is blank or unknown to this machine."""
    return _zone(name) or timezone.get_default_timezone()


def known_name(name: str) -> str:
    """The name as it is kept, in today's spelling; blank where this machine has no such zone."""
    today = RENAMED.get(name, name)
    return next((spelling for spelling in (today, name) if spelling in _names()), "")


def check_name(name: str) -> None:
    """Raises ValidationError for a name that this machine does not know."""
    if known_name(name) != name:
        raise ValidationError(_("This server does not know this time zone."), code="unknown_time_zone")


def title_of(zone: tzinfo) -> str:
    """UTC, Asia/Ho Chi Minh."""
    return str(zone).replace("_", " ")


def choices(now: datetime) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Of each region its zones: the name, and the place with what its clocks show ahead of UTC at ``now``."""
    for region in REGIONS:
        names = sorted(name for name in _names() if name.startswith(f"{region}/") and name not in RENAMED)
        if names:
            yield str(REGIONS[region]), [(name, _place(name, now)) for name in names]
    yield gettext("Everywhere"), [("UTC", "UTC")]


def moment_words(at: datetime, style: Style = "short") -> str:
    """A moment in the reader's zone, in words.

    short   14:02 today, 3 Nov 14:02 in this year, 3 Nov 2025 14:02     11月3日 14:02, 2025年11月3日 14:02
    clock   14:02
    day     3 November, 3 November 2025                                 11月3日, 2025年11月3日
    full    3 November 2026, 14:02                                      2026年11月3日 14:02
    exact   3 November 2026, 14:02:31                                   2026年11月3日 14:02:31
    """
    here, today = timezone.localtime(at), timezone.localdate()
    this_year = here.year == today.year
    if style == "clock" or (style == "short" and here.date() == today):
        return format_date(here, "H:i")
    return format_date(here, _shape(style, this_year=this_year))


def _shape(style: Style, *, this_year: bool) -> str:
    """Django's letters for a date, in the order of the reader's language."""
    # Translators: "date format" is Django's: j day, n month as a number, M Nov, F November, Y year, H:i:s time.
    if style == "short":
        return pgettext("date format", "j M H:i") if this_year else pgettext("date format", "j M Y H:i")
    if style == "day":
        return pgettext("date format", "j F") if this_year else pgettext("date format", "j F Y")
    if style == "exact":
        return pgettext("date format", "j F Y, H:i:s")
    return pgettext("date format", "j F Y, H:i")


def reader_zone() -> str:
    """The name of the zone in which everything is shown now."""
    return title_of(timezone.get_current_timezone())


def is_elsewhere() -> bool:
    """Whether the reader's clock shows something else than the server's."""
    now = datetime.now(UTC)
    zones = timezone.get_current_timezone(), timezone.get_default_timezone()
    return len({now.astimezone(zone).utcoffset() for zone in zones}) > 1


@cache
def _names() -> frozenset[str]:
    """Reading them walks through some 600 files."""
    return frozenset(available_timezones() - NO_PLACES)


@cache
def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None


def _place(name: str, now: datetime) -> str:
    offset = now.astimezone(zone_of(name)).strftime("%z")
    minutes = "" if offset.endswith("00") else f":{offset[3:5]}"
    ahead = f"{offset[0]}{int(offset[1:3])}{minutes}".replace("-", "−")
    return f"{name.partition('/')[2].replace('_', ' ')} (UTC{'' if ahead == '+0' else ahead})"
