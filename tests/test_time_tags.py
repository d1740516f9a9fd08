"""Moments as pages tell them."""

from datetime import timedelta

from django.test import override_settings
from django.utils import timezone

from edits.templatetags.time_tags import time_tag, time_text


def test_today_needs_no_date() -> None:
    now = timezone.now()
    assert f">{now:%H:%M}</time>" in time_tag(now)


def test_another_day_says_which() -> None:
    before = timezone.now() - timedelta(days=2)
    assert f">{before.day} {before:%b} " in time_tag(before)
    assert f" {before:%H:%M}</time>" in time_tag(before)


def test_another_year_says_which() -> None:
    before = timezone.now() - timedelta(days=400)
    assert f">{before.day} {before:%b %Y %H:%M}</time>" in time_tag(before)


def test_machines_and_pointers_read_all_of_it() -> None:
    at = timezone.now()
    assert f'datetime="{at.isoformat(timespec="seconds")}"' in time_tag(at)
    assert f'title="{at.day} {at:%B %Y, %H:%M} (UTC)"' in time_tag(at)


@override_settings(TIME_ZONE="Asia/Tokyo")
def test_it_is_told_in_the_installation_s_time_zone() -> None:
    at = timezone.now()
    assert f">{at + timedelta(hours=9):%H:%M}</time>" in time_tag(at)


def test_it_is_shown_on_the_reader_s_clock_and_the_zone_is_named() -> None:
    at = timezone.now()
    with timezone.override("America/Los_Angeles"):
        element = time_tag(at, "clock")
        here = timezone.localtime(at)
        assert time_text(at) == f"{here.day} {here:%B %Y, %H:%M:%S}"
    assert f">{here:%H:%M}</time>" in element
    assert f'datetime="{here.isoformat(timespec="seconds")}"' in element
    assert f'title="{here.day} {here:%B %Y, %H:%M} (America/Los Angeles)"' in element
