"""Votes on a contact sheet: its owner asks for them, a colleague votes and changes it, the owner sees by whom."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import assert_it_fits_the_width, press


def is_looked_at(page: Page) -> None:
    assert_it_fits_the_width(page)
    assert_accessible(page)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_a_colleague_votes_for_one_of_four(
    open_window: Window, backstage: Backstage, width: int, height: int
) -> None:
    batch = backstage("candidates", owner="alice", count=4, kept=[1])
    alice, bob = (
        open_window(name, width=width, height=height, has_touch=width < 760) for name in ("alice", "bob")
    )
    page = alice.goes_to(f"/batches/{batch}/sheet/")
    page.get_by_text("Ask for votes").click()
    expect(page.get_by_label("Address of this contact sheet")).to_have_count(0)  # it would open nothing yet
    is_looked_at(page)
    page.get_by_role("button", name="Share 4 candidates with the team").click()
    expect(page.locator("#toasts")).to_contain_text("Shared 4 candidates with the team.")
    page.get_by_text("Ask for votes").click()
    expect(page.get_by_label("Address of this contact sheet")).to_have_value(page.url)

    theirs = bob.goes_to(f"/batches/{batch}/sheet/")
    expect(theirs.locator("[name=keep]")).to_have_count(0)
    theirs.get_by_role("button", name="Vote Candidate 2").click()
    expect(theirs.get_by_role("button", name="Your vote Candidate 2")).to_be_focused()
    press(theirs, "3")
    expect(theirs.get_by_role("button", name="Your vote Candidate 3")).to_be_visible()
    expect(theirs.locator(".vote[aria-pressed=true]")).to_have_count(1)
    expect(theirs.locator(".vote-count")).to_have_text(["1 vote"])
    bob.has_all_pictures()
    is_looked_at(theirs)

    page.reload()
    expect(page.locator(".cand").nth(2).locator(".vote-count")).to_contain_text("1 vote")
    expect(page.locator(".cand").nth(2).locator(".faces")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Keep Candidate 3")).not_to_be_checked()
    is_looked_at(page)
