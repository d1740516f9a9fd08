"""One edit on a page of its own: neighbors by arrows, what is known of it, and what can be done with it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.engine_room import resting_engine
from tests.browser.pages import Studio
from tests.browser.people import Person, press
from tests.installation import Installation, eventually


@pytest.fixture
def edits(backstage: Backstage) -> list[str]:
    """Three edits of Alice's, the newest first."""
    made: list[str] = backstage("finished_edits", owner="alice", count=3)
    return made


@pytest.fixture
def page(alice: Person, edits: list[str]) -> Page:
    """The one in the middle, open."""
    return alice.goes_to(f"/edits/{edits[1]}/")


def arrive(page: Page, public_id: str) -> None:
    """The page of this edit is there, and its keys work."""
    expect(page).to_have_url(re.compile(public_id))
    page.wait_for_load_state("load")


def test_arrows_lead_to_the_neighbors_and_escape_back(page: Page, edits: list[str]) -> None:
    press(page, "ArrowRight")
    arrive(page, edits[2])
    expect(page.get_by_role("link", name="Next edit")).to_have_count(0)
    press(page, "ArrowLeft")
    arrive(page, edits[1])
    press(page, "ArrowLeft")
    arrive(page, edits[0])
    press(page, "Escape")
    expect(page.locator(f"#card-{edits[0]} > a")).to_be_focused()


def test_i_shows_and_hides_what_is_known(page: Page) -> None:
    about = page.get_by_role("complementary", name="About this edit")
    expect(about).to_contain_text(re.compile(r"77\D?120"))
    press(page, "i")
    expect(about).to_be_hidden()
    page.reload()
    expect(about).to_be_hidden()
    press(page, "i")
    expect(about).to_be_visible()


def test_an_edit_goes_to_the_trash_and_comes_back(page: Page, alice: Person, backstage: Backstage) -> None:
    press(page, "Delete")
    alice.is_told("Moved to the trash.")
    assert backstage("count_edits", trashed_at__isnull=False) == 1
    press(page, "u")
    alice.is_told("Restored.")
    assert backstage("count_edits", trashed_at__isnull=False) == 0


def test_what_is_shared_can_be_made_private_again(page: Page, alice: Person, bob: Person) -> None:
    page.locator("[data-dialog=share]").click()
    dialog = page.get_by_role("dialog", name="Share with the team")
    dialog.get_by_label("Show the source picture too").check()
    dialog.get_by_role("button", name="Share").click()
    alice.is_told("Shared with the team.")
    expect(bob.goes_to("/team/").locator(".card")).to_have_count(1)
    bob.page.locator(".card > a").click()
    expect(bob.page.locator(".compare img.before")).to_be_visible()

    page.locator("[data-dialog=share]").click()
    page.get_by_role("button", name="Make private").click()
    alice.is_told("No longer shared. Only you can see this edit.")
    answer = bob.may_be_refused(404).page.reload()
    assert answer
    assert answer.status == 404


def test_a_private_edit_does_not_exist_for_others(bob: Person, stranger: Person, edits: list[str]) -> None:
    answer = bob.may_be_refused(404).page.goto(f"{bob.home}/edits/{edits[0]}/")
    assert answer
    assert answer.status == 404
    page = stranger.goes_to(f"/edits/{edits[0]}/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_open_page_of_a_running_edit_turns_into_its_result(
    alice: Person, open_window: Window, retake: Installation
) -> None:
    studio = Studio(alice).open()
    studio.add_picture()
    studio.write("sepia")
    with resting_engine(retake):
        studio.send()
        expect(studio.thumbs).to_have_count(1)
        eventually(lambda: retake.rows("SELECT id FROM edits_editrequest"))
        phone = open_window("alice", width=390)
        phone.goes_to("/history/").locator(".card > a").click()
        expect(phone.page.locator(".stage-card.is-running")).to_be_visible()
    expect(phone.page.locator(".compare img.after")).to_be_visible()
