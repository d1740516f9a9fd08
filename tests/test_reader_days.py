"""Days of the galleries and of what is searched: those of the reader's clock, on the days when it is changed too."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from edits.models import EditRequest, User
from edits.services.team.people import take_time_zone
from edits.views import days, filter_links, gallery
from tests.conftest import signed_in
from tests.factories import finished_edit_of
from tests.galleries import cards, older, page

LOS_ANGELES, SHANGHAI = "America/Los_Angeles", "Asia/Shanghai"
HEADING = re.compile(r'<h2 class="day">([^<]+?)(?: <small>([^<]+)</small>)?</h2>')


def made_at(owner: User, *moments: datetime) -> list[EditRequest]:
    """Finished edits, one of each moment."""
    edits = [finished_edit_of(owner) for _ in moments]
    for edit, at in zip(edits, moments, strict=True):
        EditRequest.objects.filter(pk=edit.pk).update(created_at=at)
    return edits


def headings(html: str) -> list[tuple[str, str]]:
    """The days of a page with what stands beside them."""
    return HEADING.findall(html)


def found(user: User, query: str) -> set[str]:
    """Ids of the cards that a search finds."""
    return set(cards(page(signed_in(user), f"/history/?{query}")))


@pytest.mark.parametrize(
    ("zone", "parts"),
    [
        ("", [("Sunday 22 November", "2 edits"), ("Saturday 21 November", "1 edit")]),
        (SHANGHAI, [("Monday 23 November", "1 edit"), ("Sunday 22 November", "2 edits")]),
        (LOS_ANGELES, [("Sunday 22 November", "1 edit"), ("Saturday 21 November", "2 edits")]),
    ],
)
def test_each_edit_is_under_the_day_of_its_reader(
    alice: User, monkeypatch: pytest.MonkeyPatch, zone: str, parts: list[tuple[str, str]]
) -> None:
    monkeypatch.setattr(gallery.timezone, "localdate", lambda: date(2026, 11, 30))
    made_at(
        alice,
        datetime(2026, 11, 21, 23, 30, tzinfo=UTC),
        datetime(2026, 11, 22, 0, 30, tzinfo=UTC),
        datetime(2026, 11, 22, 20, 0, tzinfo=UTC),
    )
    take_time_zone(user=alice, name=zone)
    assert headings(page(signed_in(alice), "/history/")) == parts


def test_today_is_the_reader_s_today(alice: User) -> None:
    now = timezone.now()
    take_time_zone(user=alice, name="Pacific/Kiritimati")  # 14 hours ahead
    made_at(alice, now - timedelta(hours=24), now)
    html = page(signed_in(alice), "/history/")
    assert headings(html) == [("Today", "1 edit"), ("Yesterday", "1 edit")]
    here = now.astimezone(ZoneInfo("Pacific/Kiritimati"))
    assert f'id="day-{here:%Y%m%d}"' in html
    assert f">{here:%H:%M}</time>" in html


@pytest.mark.parametrize("zone", ["", SHANGHAI, LOS_ANGELES])
def test_a_day_that_is_cut_by_a_page_is_the_same_day_on_both(
    alice: User, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setattr("edits.views.listing.PAGE_LENGTH", 2)
    monkeypatch.setattr(gallery.timezone, "localdate", lambda: date(2026, 11, 30))
    take_time_zone(user=alice, name=zone)
    local = ZoneInfo(zone or "UTC")
    made_at(alice, *(datetime(2026, 11, 22, hour, 59, tzinfo=local) for hour in (0, 12, 23)))
    client = signed_in(alice)
    first = page(client, "/history/")
    assert headings(first) == [("Sunday 22 November", "3 edits")]
    assert headings(page(client, f"/history/?{older(first)}")) == [
        ("Sunday 22 November", "3 edits, continued")
    ]
    in_place = page(client, f"/history/?{older(first)}", headers={"HX-Request": "true"})
    assert 'hx-swap-oob="beforeend:#day-20261122"' in in_place


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (LOS_ANGELES, date(2026, 3, 8), 23),
        (LOS_ANGELES, date(2026, 11, 1), 25),
        ("Africa/Cairo", date(2026, 4, 24), 23),  # has no midnight
        ("America/Havana", date(2026, 11, 1), 25),  # has two
    ],
)
def test_the_days_on_which_the_clock_is_changed_are_found_whole_and_alone(
    alice: User, zone: str, day: date, hours: int
) -> None:
    take_time_zone(user=alice, name=zone)
    local = ZoneInfo(zone)
    first = datetime(day.year, day.month, day.day, tzinfo=local).astimezone(UTC)
    after = first + timedelta(hours=hours)
    minute = timedelta(minutes=1)
    before_it, begin, end, after_it = made_at(alice, first - minute, first, after - minute, after)
    asked = f"after={day}&before={day + timedelta(days=1)}"
    assert found(alice, asked) == {str(begin.public_id), str(end.public_id)}
    assert found(alice, f"q=before:{day}") == {str(before_it.public_id)}
    assert found(alice, f"after={day + timedelta(days=1)}") == {str(after_it.public_id)}
    html = page(signed_in(alice), f"/history/?{asked}")
    assert [count for _, count in headings(html)] == ["2 edits"]


@pytest.mark.parametrize(("zone", "is_found"), [(SHANGHAI, False), (LOS_ANGELES, True)])
def test_a_date_that_is_typed_begins_at_the_reader_s_midnight(alice: User, zone: str, is_found: bool) -> None:
    take_time_zone(user=alice, name=zone)
    made_at(alice, datetime(2026, 11, 22, 23, 59, tzinfo=UTC))  # 15:59 there, 07:59 of the 23rd here
    assert bool(found(alice, "q=before:2026-11-23")) is is_found
    assert bool(found(alice, "before=2026-11-23")) is is_found
    assert bool(found(alice, "q=after:2026-11-23")) is not is_found


@pytest.mark.parametrize("year", [1970, 9998])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_first_and_the_last_year_can_be_asked_for_everywhere(alice: User, zone: str, year: int) -> None:
    take_time_zone(user=alice, name=zone)
    [edit] = made_at(alice, datetime(2026, 11, 22, tzinfo=UTC))
    assert found(alice, f"q=after:{year}") == ({str(edit.public_id)} if year == 1970 else set())


def test_the_menu_of_dates_names_the_zone(alice: User) -> None:
    take_time_zone(user=alice, name=LOS_ANGELES)
    assert "Days in the time zone America/Los Angeles." in page(signed_in(alice), "/history/")


def test_last_week_is_counted_from_the_reader_s_today(alice: User) -> None:
    take_time_zone(user=alice, name="Pacific/Kiritimati")
    with timezone.override("Pacific/Kiritimati"):
        today = timezone.localdate()
    asked = filter_links.RECENT[0][0], f"after={today}"
    assert asked[0] == "Today"
    assert f'href="?{asked[1]}"' in page(signed_in(alice), "/history/")


def test_a_day_is_named_by_its_own_year() -> None:
    assert days.title(date(2025, 12, 31), today=date(2026, 1, 1)) == "Yesterday"
    assert days.title(date(2025, 12, 30), today=date(2026, 1, 1)) == "30 December 2025"
