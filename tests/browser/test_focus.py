"""After every action somebody with a keyboard is where they were, or at the nearest thing that is left."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.backstage import Backstage
from tests.browser.pages import Studio
from tests.browser.people import Person, press

WHERE = (
    "document.activeElement === document.body ? 'nowhere' : document.activeElement.outerHTML.slice(0, 200)"
)


def expect_focus(page: Page, selector: str) -> None:
    """The focus comes to this and is not lost."""
    expect(page.locator(selector).locator("visible=true").first).to_be_focused()


def is_somewhere(page: Page) -> str:
    found: str = page.evaluate(WHERE)
    return found


@pytest.fixture
def studio(alice: Person, backstage: Backstage) -> Studio:
    """Alice's studio with two results in it."""
    backstage("finished_edits", owner="alice", count=2)
    studio = Studio(alice).open()
    expect(studio.page.locator("html.js")).to_be_attached()
    return studio


def test_edit_this_result_leads_to_the_prompt_and_selects_it(studio: Studio) -> None:
    studio.page.locator(".edit-actions").get_by_role("link", name="Edit this result").focus()
    press(studio.page, "Enter")
    expect_focus(studio.page, "#id_prompt")
    studio.page.keyboard.type("sepia")
    expect(studio.prompt).to_have_value("sepia")


def test_a_rerun_gives_the_focus_back_once_it_is_there(studio: Studio) -> None:
    page = studio.page
    page.get_by_role("button", name="New seed").focus()
    press(page, "Enter")
    expect(studio.thumbs).to_have_count(3)
    assert is_somewhere(page) != "nowhere"
    expect(studio.stage.get_by_role("button", name="New seed")).to_be_visible()
    expect_focus(page, "#stage [data-key=n]")


def test_star_share_and_trash_leave_it_in_the_row(studio: Studio) -> None:
    page = studio.page
    page.locator("#star").focus()
    press(page, "Enter")
    expect(page.locator("#star")).to_have_attribute("aria-pressed", "true")
    expect_focus(page, "#star")
    page.locator("[data-dialog=share]").focus()
    press(page, "Enter")
    page.get_by_role("dialog").get_by_role("button", name="Share").focus()
    press(page, "Enter")
    studio.person.is_told("Shared with the team.")
    expect_focus(page, "[data-dialog=share]")
    page.locator(".edit-actions [aria-label=More]").focus()
    press(page, "Delete")
    studio.person.is_told("Moved to the trash")
    expect_focus(page, ".edit-actions [aria-label=More]")


def test_a_bulk_action_leaves_it_on_the_card_that_took_the_place(
    studio: Studio, backstage: Backstage
) -> None:
    backstage("finished_edits", owner="alice", count=3)
    page = studio.person.goes_to("/history/")
    cards = page.locator(".card")
    expect(cards).to_have_count(5)
    second = cards.nth(2).get_attribute("id")
    expect(page.locator("html.js")).to_be_attached()
    cards.nth(1).locator("a").first.focus()
    press(page, "x")
    expect(page.locator("#bulk")).to_be_visible()
    page.locator("#bulk [value=trash]").focus()
    press(page, "Enter")
    expect(cards).to_have_count(4)
    expect_focus(page, f"#{second} > a")


def test_the_card_after_one_thrown_away_by_its_menu_has_it(studio: Studio) -> None:
    page = studio.person.goes_to("/history/")
    cards = page.locator(".card")
    last = cards.nth(1).get_attribute("id")
    cards.nth(0).locator("a").first.focus()
    cards.nth(0).locator("summary").click()
    cards.nth(0).get_by_role("button", name="Move to the trash").focus()
    press(page, "Enter")
    expect(cards).to_have_count(1)
    expect_focus(page, f"#{last} > a")


def test_in_the_viewer_a_page_that_comes_anew_finds_its_place(studio: Studio, backstage: Backstage) -> None:
    done = backstage("finished_edits", owner="alice")[0]
    page = studio.person.goes_to(f"/edits/{done}/")
    page.locator("[data-dialog=share]").focus()
    press(page, "Enter")
    page.get_by_role("dialog").get_by_role("button", name="Share").focus()
    press(page, "Enter")
    studio.person.is_told("Shared with the team.")
    expect_focus(page, "[data-dialog=share]")
    comment = page.get_by_placeholder("Add a comment")
    comment.fill("Good")
    page.locator("form:has(textarea[name]) button").last.focus()
    press(page, "Enter")
    expect(page.get_by_text("Good", exact=True)).to_be_visible()
    expect(page.locator("body :focus")).to_be_attached()


def test_a_refused_form_has_it_on_what_is_wrong(root: Person) -> None:
    page = root.goes_to("/settings/")
    root.may_be_refused(422)
    page.get_by_text("Create an API key").click()
    page.get_by_label("Make edits").uncheck()
    page.get_by_label("Read edits").uncheck()
    page.evaluate("for (const form of document.forms) form.noValidate = true")
    page.get_by_role("button", name="Create key").click()
    expect(page.locator(".errorlist:visible").first).to_be_visible()
    expect(page.locator("main :is(input, .errorlist):focus")).to_be_attached()


def test_a_reviewer_keeps_it_through_reveal_and_refusal(rita: Person, backstage: Backstage) -> None:
    case = backstage("edit_in_state", owner="alice", status="filtered")
    page = rita.may_be_refused(422).goes_to(f"/review/{case}/")
    page.get_by_role("button", name="Open case").focus()
    press(page, "Enter")
    expect(page.get_by_text("yours until")).to_be_visible()
    expect(page.locator("body :focus")).to_be_attached()
    page.locator("#uncover-result").focus()
    press(page, "Enter")
    expect(page.locator("#figure-result img")).to_have_attribute("data-step", "1")
    expect_focus(page, "#uncover-result")
    page.evaluate("for (const form of document.forms) form.noValidate = true")
    page.get_by_role("button", name="Decide").focus()
    press(page, "Enter")
    expect(page.locator(".errorlist:visible").first).to_be_visible()
    expect(page.locator("main :is(input, textarea):focus")).to_be_attached()
