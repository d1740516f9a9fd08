"""The contact sheet by keys, by touch and without script: keep some of six, finish them, throw the rest away."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import Person, assert_it_fits_the_width, press

NO_JUMP = 0.02
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 300);
})"""


def opened(person: Person, backstage: Backstage, **given: object) -> Page:
    """The contact sheet of a batch that was made backstage."""
    batch = backstage("candidates", owner="alice", **given)
    page = person.goes_to(f"/batches/{batch}/sheet/")
    person.has_all_pictures()
    return page


def keep(page: Page, number: int) -> Locator:
    return page.get_by_role("checkbox", name=f"Keep Candidate {number}")


def test_two_of_six_are_kept_and_finished_by_keys(alice: Person, backstage: Backstage) -> None:
    batch = backstage("candidates", owner="alice")
    page = alice.goes_to(f"/batches/{batch}/")
    page.get_by_role("link", name="Contact sheet").click()
    for key in ("2", "5"):
        press(page, key)
    expect(page.locator(".tally output")).to_have_text("2 of 6 kept")
    expect(page.locator("#sheet-said")).to_have_text("Candidate 5 kept, 2 of 6")
    press(page, "Enter")  # with the link: four presses, so studio, seeds and Edit have three
    page.wait_for_url(lambda address: batch not in address)
    expect(page.locator(".cand")).to_have_count(2)
    expect(page.locator(".cand-label")).to_have_text(["Seed 77 120", "Seed 1 733 002 961"])
    assert backstage("count_edits", size="1024x1024", seed__in=[77120, 1733002961]) == 2


def test_marks_survive_a_reload_and_are_taken_back(alice: Person, backstage: Backstage) -> None:
    page = opened(alice, backstage)
    with page.expect_response("**/sheet/keep/"):
        press(page, "3")
    page.reload()
    expect(keep(page, 3)).to_be_checked()
    with page.expect_response("**/sheet/keep/"):
        press(page, "3")
    expect(keep(page, 3)).not_to_be_checked()
    page.reload()
    expect(keep(page, 3)).not_to_be_checked()


def test_arrows_move_in_two_dimensions_and_space_enlarges(alice: Person, backstage: Backstage) -> None:
    page = opened(alice, backstage)
    for key in ("ArrowRight", "ArrowDown"):
        press(page, key)
    expect(page.locator(".look").nth(4)).to_be_focused()
    assert page.locator(".look[tabindex='0']").count() == 1
    press(page, "Space")
    expect(page.locator(".look:visible")).to_have_count(1)
    press(page, "ArrowRight")
    expect(page.locator(".look").nth(5)).to_be_focused()
    with page.expect_response("**/sheet/keep/"):
        press(page, "6")
    press(page, "Escape")
    expect(page.locator(".look:visible")).to_have_count(6)
    expect(keep(page, 6)).to_be_checked()
    keep(page, 6).focus()
    with page.expect_response("**/sheet/keep/"):
        press(page, "Space")  # on the checkbox it means the checkbox
    expect(keep(page, 6)).not_to_be_checked()
    expect(page.locator(".look:visible")).to_have_count(6)


def test_all_zoom_in_step_and_show_their_original(alice: Person, backstage: Backstage) -> None:
    page = opened(alice, backstage)
    page.get_by_role("button", name="400 %").click()
    expect(page.locator(".sheet")).to_have_class(re.compile("zoomed"))
    moved = page.locator(".shot").evaluate_all("(all) => new Set(all.map((one) => one.style.transform)).size")
    assert moved == 1
    press(page, "Escape")
    page.keyboard.down("o")
    expect(page.locator(".shot .over").first).to_be_visible()
    page.keyboard.up("o")
    expect(page.locator(".shot .over").first).to_be_hidden()
    alice.has_all_pictures()


def test_nothing_is_sent_without_a_kept_one(alice: Person, backstage: Backstage) -> None:
    page = opened(alice, backstage, count=2)
    press(page, "f")
    alice.is_told("Keep at least one candidate first.")
    assert backstage("count_edits") == 2


def test_the_rest_goes_to_the_trash_and_comes_back(alice: Person, backstage: Backstage) -> None:
    page = opened(alice, backstage, count=4, kept=[2])
    page.get_by_role("button", name="Move the rest to the trash").click()
    expect(page.locator(".cand")).to_have_count(1)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".cand")).to_have_count(4)


def test_what_was_selected_in_the_history_is_a_sheet(alice: Person, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=3)
    page = alice.goes_to("/history/")
    for number in range(2):
        page.locator(".card .pick input").nth(number).check()
    page.locator("#bulk").get_by_role("button", name="Contact sheet").click()
    expect(page.locator(".cand")).to_have_count(2)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390), (1440, 900)])
def test_it_fits_without_a_jump(open_window: Window, backstage: Backstage, width: int, height: int) -> None:
    alice = open_window("alice", width=width, height=height, has_touch=width < 1000)
    page = opened(alice, backstage, kept=[1])
    assert_it_fits_the_width(page)
    assert page.evaluate(SHIFT) <= NO_JUMP
    page.locator("label:has([name=keep])").nth(1).click()
    expect(page.locator(".tally output")).to_have_text("2 of 6 kept")
    expect(page.get_by_role("button", name="Finish at 1024")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Finish at 1024").click()
    expect(page.locator(".cand")).to_have_count(2)


def test_without_script_marks_are_sent_with_the_form(open_window: Window, backstage: Backstage) -> None:
    alice = open_window("alice", java_script_enabled=False)
    batch = backstage("candidates", owner="alice", count=3)
    page = alice.goes_to(f"/batches/{batch}/sheet/")
    page.locator("label:has([name=keep])").nth(2).click()
    page.get_by_role("button", name="Save the marks").click()
    expect(keep(page, 3)).to_be_checked()
    page.get_by_role("button", name="Finish at 1024").click()
    expect(page.locator(".cand")).to_have_count(1)
