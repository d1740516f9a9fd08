"""Past prompts and presets in the studio: by key, by hand, and what they leave in the form."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.pages import Studio
from tests.browser.people import assert_it_fits_the_width, press


def settles(page: Page) -> None:
    """What came is ready: until then its forms are sent as they would be without script."""
    expect(page.locator(".htmx-added")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_a_prompt_is_found_starred_and_used_and_a_preset_fills_the_form_until_undone(
    open_window: Window, backstage: Backstage, width: int, height: int
) -> None:
    backstage("prompt_library", owner="alice")
    alice = open_window("alice", width=width, height=height)
    studio, page = Studio(alice).open("?sample=cat"), alice.page
    library = page.get_by_role("dialog")

    press(page, "Alt+h")
    rows = library.get_by_role("listitem")
    expect(rows).to_have_count(5)
    expect(rows.first).to_contain_text("make it a cartoon")  # starred
    expect(library.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("SUNSET")
    expect(rows).to_have_count(1)
    settles(page)
    rows.get_by_role("button", name=re.compile("^Star")).click()
    expect(rows.locator("[aria-pressed=true]")).to_be_focused()
    settles(page)
    rows.get_by_role("button", name=re.compile("^Remove")).press("Enter")
    expect(rows.get_by_role("button", name="Undo")).to_be_focused()
    settles(page)
    page.keyboard.press("Enter")
    expect(rows.get_by_role("button", name=re.compile("^Remove"))).to_be_focused()
    settles(page)
    assert_it_fits_the_width(page)
    rows.get_by_role("link").press("Enter")
    expect(library).to_be_hidden()
    expect(studio.prompt).to_have_value("at sunset")
    expect(studio.prompt).to_be_focused()

    press(page, "Alt+p")
    expect(library.get_by_text("Last 40 edits: 38 done")).to_be_visible()
    assert_it_fits_the_width(page)
    library.get_by_role("link", name="Old film").click()
    expect(studio.prompt).to_have_value("turn it black and white, with film grain")
    expect(page.locator("#id_steps")).to_have_value("33")
    expect(studio.source.locator("[name=source]")).to_have_value("sample:cat")
    assert backstage("count_edits", status="queued") == 0
    page.locator("#toasts").get_by_role("button", name="Undo").last.click()
    expect(studio.prompt).to_have_value("at sunset")
    expect(page.locator("#id_steps")).to_have_value("28")
