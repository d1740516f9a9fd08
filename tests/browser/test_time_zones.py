"""Whose clock, in browsers that are not where the server is: each page shows one time zone, that of its reader."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import Person

SHANGHAI, LOS_ANGELES = "Asia/Shanghai", "America/Los_Angeles"
CAROLS_PASSWORD = "a harbor at dawn 9"


def clocks(page: Page) -> set[str]:
    """The zones that the page's times name, as pointers read them."""
    titles = page.locator("time").evaluate_all("all => all.map((time) => time.title)")
    named = {re.sub(r"^.*\((.+)\)$", r"\1", title) for title in titles}
    assert titles
    return named


def assert_all_times_are_of(page: Page, zone: str) -> None:
    """Each <time> names the zone, and shows what the clock there shows."""
    assert clocks(page) == {zone.replace("_", " ")}
    pairs = page.locator("time").evaluate_all("all => all.map((time) => [time.dateTime, time.title])")
    for written, title in pairs:
        here = datetime.fromisoformat(written).astimezone(ZoneInfo(zone))
        assert f", {here:%H:%M} (" in title
        assert title.startswith(f"{here.day} {here:%B %Y}")


@pytest.mark.parametrize("zone", [SHANGHAI, LOS_ANGELES])
def test_signing_in_brings_the_zone_and_every_page_has_it_alone(
    open_window: Window, backstage: Backstage, zone: str
) -> None:
    edit = backstage("edit_with_receipt", owner="alice")
    backstage("finished_edits", owner="alice", count=3)
    alice = open_window("alice", signed_in=False, timezone_id=zone)
    alice.goes_to("/history/")
    alice.signs_in()
    expect(alice.page.locator(".card")).not_to_have_count(0)
    assert_all_times_are_of(alice.page, zone)
    now = datetime.now(UTC).astimezone(ZoneInfo(zone))
    expect(alice.page.locator(f"#day-{now:%Y%m%d}")).to_be_visible()
    expect(alice.page.locator("h2.day").first).to_contain_text("Today")
    assert_all_times_are_of(alice.goes_to(f"/edits/{edit}/"), zone)
    expect(alice.goes_to("/settings/").get_by_label("Time zone")).to_have_value(zone)


def test_people_who_are_signed_in_already_get_it_from_the_next_page(
    open_window: Window, backstage: Backstage
) -> None:
    backstage("finished_edits", owner="alice", count=1)
    alice = open_window("alice", timezone_id=SHANGHAI)
    page = alice.goes_to("/history/")
    shown = page.locator(".card time")
    expect(shown).to_have_attribute("title", re.compile(r"\(Asia/Shanghai\)$"))  # drawn again by itself
    assert_all_times_are_of(page, SHANGHAI)
    expect(page.locator("body")).not_to_have_attribute("data-zone-wanted", re.compile(""))


def test_on_a_journey_the_clock_at_home_stays(open_window: Window, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=1)
    at_home = open_window("alice", signed_in=False, timezone_id=SHANGHAI)
    at_home.goes_to("/history/")
    at_home.signs_in()
    expect(at_home.page.locator(".card")).to_have_count(1)
    away = open_window("alice", signed_in=False, timezone_id=LOS_ANGELES)
    away.goes_to("/history/")
    away.signs_in()
    expect(away.page.locator(".card")).to_have_count(1)
    assert_all_times_are_of(away.page, SHANGHAI)


def test_it_is_changed_in_the_settings(open_window: Window, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=1)
    alice = open_window("alice", timezone_id=SHANGHAI)
    page = alice.goes_to("/history/")
    expect(page.locator(".card time")).to_have_attribute("title", re.compile(r"\(Asia/Shanghai\)$"))
    alice.goes_to("/settings/")
    page.get_by_label("Time zone").select_option(label="Los Angeles (UTC−8)")
    page.locator("#you").get_by_role("button", name="Save").click()
    alice.is_told("Saved.")
    assert_all_times_are_of(alice.goes_to("/history/"), LOS_ANGELES)
    alice.goes_to("/settings/")
    page.get_by_label("Time zone").select_option(label="Same as the server (UTC)")
    page.locator("#you").get_by_role("button", name="Save").click()
    alice.is_told("Saved.")
    assert_all_times_are_of(alice.goes_to("/history/"), "UTC")  # no browser changes what was chosen


def test_the_poll_keeps_to_the_same_clock(open_window: Window, backstage: Backstage) -> None:
    edit = backstage("edit_to_try_again", owner="alice")
    alice = open_window("alice", signed_in=False, timezone_id=SHANGHAI)
    alice.goes_to("/history/")
    alice.signs_in()
    page = alice.page
    words = page.locator(f"#words-{edit}")
    expect(words.locator("time")).to_be_visible()
    words.evaluate("element => { element.dataset.old = '' }")
    expect(page.locator(f"#words-{edit}:not([data-old]) time")).to_be_visible()  # the poll replaced it
    assert_all_times_are_of(page, SHANGHAI)


def test_administrators_read_the_team_s_days_on_their_own_clock(
    open_window: Window, backstage: Backstage
) -> None:
    backstage("provider_is", state="held", owner="alice")
    root = open_window("root", signed_in=False, timezone_id=SHANGHAI)
    root.goes_to("/settings/providers/")
    root.signs_in()
    root.page.locator("time").first.wait_for()
    for path in ("/settings/providers/", "/settings/providers/stepfun/", "/settings/"):
        assert_all_times_are_of(root.goes_to(path), SHANGHAI)
    assert "Times are in the time zone Asia/Shanghai." in root.goes_to("/admin/edits/user/").content()


def test_without_script_times_are_the_server_s(open_window: Window, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=1)
    alice = open_window("alice", signed_in=False, timezone_id=SHANGHAI, java_script_enabled=False)
    alice.goes_to("/history/")
    alice.signs_in()
    expect(alice.page.locator(".card")).to_have_count(1)
    expect(alice.page.locator(".card time")).to_have_attribute("title", re.compile(r"\(UTC\)$"))


def test_an_invited_person_starts_with_their_clock(root: Person, open_window: Window) -> None:
    page = root.goes_to("/settings/")
    page.get_by_role("button", name="Create invitation").click()
    link = page.get_by_label("Link", exact=True).input_value()
    carol = open_window("carol", signed_in=False, timezone_id=LOS_ANGELES)
    carol.page.goto(link)
    carol.page.get_by_label("Username").fill("carol")
    carol.page.get_by_label("Password", exact=True).fill(CAROLS_PASSWORD)
    carol.page.get_by_role("button", name="Create account").click()
    carol.page.wait_for_url("**/")
    expect(carol.goes_to("/settings/").get_by_label("Time zone")).to_have_value(LOS_ANGELES)
