"""The day and the month that budgets count by: midnights of the place where the installation stands."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings

from edits.services.budgets.periods import day_of, month_of, period_until

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_day_lasts_from_midnight_to_midnight() -> None:
    day = day_of(datetime(2026, 11, 22, 15, 30, tzinfo=UTC))
    assert (day.start, day.end) == (datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))


def test_midnight_is_that_of_the_installation() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    with override_settings(TIME_ZONE="Europe/Berlin"):
        day = day_of(late)
    assert day.start == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert day_of(late).start == datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(("at", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 7, 1), 24)])
def test_days_on_which_the_clock_is_changed_are_shorter_or_longer(
    at: tuple[int, int, int], hours: int
) -> None:
    day = day_of(datetime(*at, 12, tzinfo=BERLIN), zone=BERLIN)
    assert day.end.astimezone(UTC) - day.start.astimezone(UTC) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("at", "start", "end"),
    [
        ((2026, 11, 22), (2026, 11, 1), (2026, 12, 1)),
        ((2026, 12, 31), (2026, 12, 1), (2027, 1, 1)),
        ((2028, 2, 29), (2028, 2, 1), (2028, 3, 1)),
        ((2026, 1, 1), (2026, 1, 1), (2026, 2, 1)),
    ],
)
def test_a_month_is_that_of_the_calendar(
    at: tuple[int, int, int], start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    month = month_of(datetime(*at, 12, tzinfo=UTC))
    assert (month.start, month.end) == (datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC))


def test_they_say_when_they_are_over() -> None:
    now = datetime(2026, 11, 22, 15, tzinfo=UTC)
    day, month = day_of(now), month_of(now)
    assert (day.label, day.again_from, day.goes_on) == ("today", "midnight (UTC)", "at midnight (UTC)")
    assert (month.label, month.again_from) == ("November", "1 December (UTC)")
    assert month.goes_on == "on 1 December (00:00 UTC)"


@pytest.mark.parametrize(
    ("zone", "name"), [("Asia/Shanghai", "Asia/Shanghai"), ("America/Sao_Paulo", "America/Sao Paulo")]
)
def test_they_name_the_time_zone_by_its_place_as_letters_mean_several(zone: str, name: str) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    for period in (day_of(now, zone=ZoneInfo(zone)), month_of(now, zone=ZoneInfo(zone))):
        assert f"({name})" in period.again_from
        assert f"{name})" in period.goes_on
        assert period.zone_name == name


def test_an_end_tells_which_period_it_is_of() -> None:
    now = datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert period_until(day_of(now).end, now=now).label == "today"
    assert period_until(month_of(now).end, now=now).label == "November"
