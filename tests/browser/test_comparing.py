"""Any two edits side by side: from the gallery by keys, from the viewer by its menu."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import Person, assert_it_fits_the_width, press
from tests.browser.test_zoom import places


def test_two_are_selected_and_compared_by_keys(alice: Person, backstage: Backstage) -> None:
    new, _, old = backstage(
        "finished_edits", owner="alice", count=3, prompt="make it {number} times brighter"
    )
    page = alice.goes_to("/history/")
    page.locator(f"#card-{new} > a").focus()
    press(page, "x")
    press(page, "c")
    alice.is_told("Select two finished edits to compare them.")
    page.locator(f"#card-{old} > a").focus()
    press(page, "x")
    press(page, "c")
    expect(page).to_have_url(re.compile(f"/compare/{old}/{new}/"))
    words = page.get_by_role("complementary", name="About both edits").locator(".words")
    expect(words.locator("del")).to_have_text("2")
    expect(words.locator("ins")).to_have_text("0")
    press(page, "c")
    expect(page).to_have_url(re.compile(f"/compare/{new}/{old}/"))
    expect(words.locator("ins")).to_have_text("2")


def test_the_modes_and_the_zoom_are_those_of_the_viewer(alice: Person, backstage: Backstage) -> None:
    one, other = (backstage("large_edit", owner="alice") for _ in range(2))
    page = alice.goes_to(f"/compare/{one}/{other}/")
    alice.has_all_pictures()
    figure = page.locator("figure.compare")
    for mode in ("side", "hold", "map"):
        press(page, "m")
        expect(figure).to_have_attribute("data-mode", mode)
    expect(figure.locator(".legend")).to_contain_text("% of the picture differs")
    drawn = figure.locator("img.map")
    expect(drawn).to_have_attribute("src", re.compile("^blob:"))
    assert drawn.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    press(page, "m")
    press(page, "4")
    expect(page.locator("[data-zoom-now]")).to_have_text("400 %")
    expect(page.locator("img[data-full]")).to_have_count(0)
    assert_accessible(page)


def test_each_moves_by_itself_once_they_are_not_in_step_and_another_takes_the_place_of_one(
    alice: Person, backstage: Backstage
) -> None:
    one, other, third = (backstage("large_edit", owner="alice") for _ in range(3))
    page = alice.goes_to(f"/compare/{one}/{other}/")
    alice.has_all_pictures()
    press(page, "m")
    press(page, "4")
    before, after = places(page)
    assert before == after
    press(page, "k")
    page.locator("[data-zoom-pane]").last.hover()
    press(page, "ArrowRight")
    left, right = places(page)
    assert left == before
    assert right[1] < after[1]
    press(page, "k")
    left, right = places(page)
    assert left == right
    press(page, "Escape")
    page.get_by_text("Replace A…").click()
    assert_accessible(page)
    page.locator(f".replace a[href='/compare/{third}/{other}/']").click()
    expect(page).to_have_url(re.compile(f"/compare/{third}/{other}/"))


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390)])
def test_on_a_phone_nothing_sticks_out(
    open_window: Window, backstage: Backstage, width: int, height: int
) -> None:
    one, other = (backstage("large_edit", owner="alice") for _ in range(2))
    alice = open_window(
        "alice", width=width, height=height, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    page = alice.goes_to(f"/compare/{one}/{other}/")
    alice.has_all_pictures()
    assert_it_fits_the_width(page)
    assert_accessible(page)


def test_the_viewer_leads_to_the_run_before_and_to_the_first_source(
    alice: Person, backstage: Backstage
) -> None:
    first, second, again = backstage("chain_of_edits", owner="alice")
    page = alice.goes_to(f"/edits/{again}/")
    page.locator(".edit-actions [aria-label=More]").click()
    page.get_by_role("link", name="Compare with the first source").click()
    expect(page.locator("img.before")).to_have_attribute("src", f"/edits/{first}/source/1024/")
    expect(page.locator(".compare .tag.l")).to_have_text("First source")
    page.locator(".edit-actions [aria-label=More]").click()
    page.get_by_role("link", name="Compare with the previous run").click()
    expect(page).to_have_url(re.compile(f"/compare/{second}/{again}/"))
