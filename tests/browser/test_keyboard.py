"""Everything by keys alone: the main job, the page's own list of keys, and letters that rest while one types."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.backstage import Backstage
from tests.browser.pages import Studio
from tests.browser.people import Person, press
from tests.pictures import photo

MOST_TABS = 60
PICTURE = photo()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus, as somebody without a mouse does."""
    for _ in range(MOST_TABS):
        press(page, "Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} is not reached by {MOST_TABS} tabs")


@pytest.fixture
def studio(alice: Person) -> Studio:
    """Alice's studio, open; nobody touches the mouse."""
    return Studio(alice).open()


def test_the_main_job_needs_no_mouse(studio: Studio, backstage: Backstage) -> None:
    page = studio.page
    # Listened for early: Chromium would open a chooser of its own while Playwright still registers for it.
    picture: FilePayload = {"name": "harbor.jpg", "mimeType": "image/jpeg", "buffer": PICTURE}
    page.on("filechooser", lambda chooser: chooser.set_files(picture))
    tab_to(page, "#id_image")
    press(page, "Space")
    expect(studio.source).to_contain_text("Will be sent as")
    tab_to(page, "#id_prompt")
    page.keyboard.type("make it a sketch, repeat nothing")
    press(page, "Control+Enter")
    studio.expect_result()

    tab_to(page, ".compare input[type=range]")
    press(page, "Home")
    tab_to(page, ".edit-actions button")
    press(page, "r")
    expect(studio.stage.get_by_text("identical to run 1")).to_be_visible()
    press(page, "g")
    press(page, "h")
    expect(page.get_by_role("heading", name="History")).to_be_attached()
    tab_to(page, ".card > a")
    press(page, "Enter")
    expect(page.locator(".viewer")).to_be_visible()
    press(page, "ArrowRight")
    assert backstage("count_edits") == 2


def test_letters_rest_in_text_fields(studio: Studio, backstage: Backstage) -> None:
    studio.makes_an_edit("sepia")
    studio.prompt.focus()
    studio.page.keyboard.type("r n . gh ?")
    expect(studio.prompt).to_have_value("sepiar n . gh ?")
    expect(studio.page.get_by_role("dialog")).to_have_count(0)
    assert backstage("count_edits") == 1


def test_the_first_tab_skips_to_the_content(studio: Studio) -> None:
    press(studio.page, "Tab")
    expect(studio.page.get_by_role("link", name="Skip to content")).to_be_focused()
    press(studio.page, "Enter")
    expect(studio.page.locator("#main")).to_be_focused()


def test_the_question_mark_lists_this_pages_keys(studio: Studio) -> None:
    page = studio.page
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts on this page")
    expect(dialog).to_contain_text("Go to your history")
    expect(dialog).to_contain_text("Send the edit")
    press(page, "Escape")
    expect(dialog).to_be_hidden()


def test_single_letters_can_be_switched_off(studio: Studio) -> None:
    page = studio.person.goes_to("/settings/")
    page.get_by_label("Single-letter shortcuts").uncheck()
    page.locator("#you").get_by_role("button", name="Save").click()
    studio.person.is_told("Saved.")
    press(page, "?")
    press(page, "g")
    press(page, "h")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()


def test_a_menu_opens_walks_and_shuts_by_keys(studio: Studio) -> None:
    page = studio.page
    account = page.locator(".top details.menu")
    account.locator("summary").focus()
    press(page, "Enter")
    press(page, "ArrowDown")
    expect(account.get_by_role("link", name="Settings")).to_be_focused()
    press(page, "Escape")
    expect(account.locator(".menu-list")).to_be_hidden()
    expect(account.locator("summary")).to_be_focused()


LISTED = """[...document.querySelectorAll("#shortcuts .keys dd")].map((keys) =>
  keys.textContent.replace(/\\s+/g, " ").trim())"""
MEANT = """
() => {
  const glyphs = { Mod: "Ctrl", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Delete: "Del" };
  const keys = [...document.querySelectorAll("[data-key], [data-key-also], [data-search]")].filter(
    (control) => !control.disabled && (control.dataset.keyAlso || !control.closest("[hidden], [inert]")));
  const caps = (text) => text === "+" ? text : text.split(/[ +]/).map((key) => glyphs[key] ?? key).join(" ");
  return [...new Set(keys.map(({ dataset }) => caps(dataset.key ?? dataset.keyAlso ?? "/")))];
}
"""


@pytest.mark.parametrize("path", ["/?show={}", "/history/", "/team/", "/edits/{}/", "/settings/", "/trash/"])
def test_the_question_mark_lists_every_key_of_every_page(
    alice: Person, backstage: Backstage, path: str
) -> None:
    done = backstage("one_of_each", owner="alice")
    page = alice.goes_to(path.format(done))
    press(page, "?")
    expect(page.locator("#shortcuts")).to_be_visible()
    assert sorted(page.evaluate(LISTED)) == sorted(page.evaluate(MEANT))


def test_the_question_mark_lists_the_keys_of_a_review(rita: Person, backstage: Backstage) -> None:
    case = backstage("edit_in_state", owner="alice", status="filtered")
    page = rita.goes_to(f"/review/{case}/")
    page.get_by_role("button", name="Open case").click()
    expect(page.get_by_text("yours until")).to_be_visible()
    press(page, "?")
    expect(page.locator("#shortcuts")).to_be_visible()
    assert sorted(page.evaluate(LISTED)) == sorted(page.evaluate(MEANT))


@pytest.mark.parametrize(
    ("path", "goal"), [("/history/", ".card > a"), ("/team/", ".card > a"), ("/", ".stage-view")]
)
def test_the_second_tab_skips_to_what_the_page_is_about(
    alice: Person, backstage: Backstage, path: str, goal: str
) -> None:
    backstage("finished_edits", owner="alice", count=2, shared=True)
    page = alice.goes_to(path)
    press(page, "Tab")
    press(page, "Tab")
    press(page, "Enter")
    expect(page.locator(goal).first).to_be_focused()
