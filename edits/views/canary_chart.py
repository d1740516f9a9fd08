"""The chart of a canary: its geometry in the units of the drawing, 636 wide, from the runs of the last 30 days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext, pgettext

from edits.models import CanaryRun

DAYS = 30
LEFT, RIGHT, TOP, BOTTOM = 44.0, 592.0, 14.0, 112.0
BAR_WIDTH = 6.0
LEAST_BAR = 2.0
"""High enough to be seen: a bar says that a picture came, and came out alike."""
CROSS = 3.5
LEAST_DIFFERENCE = 0.1
STEPS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Bar:
    """The difference of one day's picture."""

    x: float
    y: float
    height: float
    title: str


@dataclass(frozen=True)
class Tick:
    """A label at a place of one axis."""

    at: float
    label: str
    right: str = ""
    """On the other side of a level: the share that it means."""


@dataclass(frozen=True)
class Mark:
    """The day from which on the model gives other pictures; its label is on the side where there is room."""

    x: float
    is_left: bool


@dataclass(frozen=True)
class Chart:
    """Where everything goes; ``latency`` and ``failed`` are paths."""

    bars: Sequence[Bar]
    latency: str
    failed: str
    marks: Sequence[Mark]
    levels: Sequence[Tick]
    days: Sequence[Tick]


def chart_of(runs: Iterable[CanaryRun], *, now: datetime) -> Chart:
    """Of the runs of the last 30 days, the oldest first."""
    runs = list(runs)
    last = _day(now)
    answered = [run for run in runs if run.has_picture]
    compared = [(run, run.difference) for run in answered if run.difference is not None]
    seconds = _round_up(max((run.seconds or 0 for run in answered), default=0) or 1)
    share = _round_up(max([LEAST_DIFFERENCE, *(found for _, found in compared)]))
    return Chart(
        bars=[_bar(run, found, share=share, last=last) for run, found in compared],
        latency=_line((_x(run, last=last), _y((run.seconds or 0) / seconds)) for run in answered),
        failed=" ".join(_cross(_x(run, last=last)) for run in runs if run.has_failed),
        marks=[_mark(_x(run, last=last)) for run in runs if run.model_changed],
        levels=[_level(part, seconds=seconds, share=share if compared else None) for part in (0.0, 0.5, 1.0)],
        days=[_tick(last - timedelta(days=back), last=last) for back in (DAYS - 1, 20, 10, 0)],
    )


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()


def _x(run: CanaryRun, *, last: date) -> float:
    return _x_of(_day(run.began_at), last=last)


def _x_of(day: date, *, last: date) -> float:
    """The middle of the day's column."""
    column = DAYS - 1 - (last - day).days
    return round(LEFT + (column + 0.5) * (RIGHT - LEFT) / DAYS, 1)


def _y(part: float) -> float:
    return round(BOTTOM - min(part, 1.0) * (BOTTOM - TOP), 1)


def _bar(run: CanaryRun, found: float, *, share: float, last: date) -> Bar:
    height = round(max(LEAST_BAR, BOTTOM - _y(found / share)), 1)
    title = gettext("%(day)s: %(share)s different") % {
        "day": _short(_day(run.began_at)),
        "share": percent(found),
    }
    return Bar(round(_x(run, last=last) - BAR_WIDTH / 2, 1), round(BOTTOM - height, 1), height, title)


def _line(points: Iterable[tuple[float, float]]) -> str:
    found = [f"{x} {y}" for x, y in points]
    return f"M{' L'.join(found)}" if len(found) > 1 else "".join(f"M{point} h0" for point in found)


def _cross(x: float) -> str:
    side = 2 * CROSS
    return f"M{x - CROSS:g} {BOTTOM - 2 * side:g}l{side:g} {side:g}m0 -{side:g}l-{side:g} {side:g}"


def _mark(x: float) -> Mark:
    """Before the bar of its day."""
    before = round(x - (RIGHT - LEFT) / DAYS / 2, 1)
    return Mark(before, is_left=before > (LEFT + RIGHT) / 2)


def _level(part: float, *, seconds: float, share: float | None) -> Tick:
    right = "" if share is None else percent(part * share) if part else "0"
    return Tick(_y(part), f"{part * seconds:g} s", right)


def _tick(day: date, *, last: date) -> Tick:
    return Tick(_x_of(day, last=last), _short(day))


def _short(day: date) -> str:
    # Translators: "date format" is Django's: j day, n month as a number, M Nov.
    return format_date(day, pgettext("date format", "j M"))


def percent(share: float) -> str:
    """0.314 as 31.4 %."""
    return f"{round(share * 100, 1):g} %"


def _round_up(most: float) -> float:
    """The next of 1, 2, 5, 10, 20 … or 0.1, 0.2, 0.5 …"""
    power = 10.0 ** (len(str(int(most))) - 1) if most >= 1 else 0.1
    while power * 10 < most:
        power *= 10
    return next(step * power for step in STEPS if step * power >= most - 1e-9)
