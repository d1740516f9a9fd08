"""Moments as pages tell them."""

from datetime import timedelta

from django.test import override_settings
from django.utils import timezone

from edits.templatetags.moments import moment


def test_today_needs_no_date() -> None:
    now = timezone.now()
    assert f">{now:%H:%M}</time>" in moment(now)


def test_another_day_says_which() -> None:
    before = timezone.now() - timedelta(days=2)
    assert f">{before.day} {before:%b} {before:%H:%M}</time>" in moment(before)


def test_machines_and_pointers_read_all_of_it() -> None:
    at = timezone.now()
    assert f'datetime="{at.isoformat(timespec="seconds")}"' in moment(at)
    assert f'title="{at.day} {at:%B %Y, %H:%M}"' in moment(at)


@override_settings(TIME_ZONE="Asia/Tokyo")
def test_it_is_told_in_the_installation_s_time_zone() -> None:
    at = timezone.now()
    assert f">{at + timedelta(hours=9):%H:%M}</time>" in moment(at)
