"""A chain of edits: its tree is walked by keys, a further edit is warned of, and the chain becomes one edit."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import assert_it_fits_the_width, press


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_a_chain_is_walked_and_folded(
    open_window: Window, backstage: Backstage, width: int, height: int
) -> None:
    third = backstage("lineage_tree", owner="alice")
    alice = open_window("alice", width=width, height=height)
    page = alice.goes_to(f"/edits/{third}/")
    press(page, "l")
    current = page.locator(".tree [aria-current]")
    expect(current).to_contain_text("make the sky darker")
    assert_it_fits_the_width(page)

    focused = page.locator(":focus")
    for key, prompt in (
        ("ArrowDown", "make the sky darker"),
        ("ArrowRight", "move the boat 1 meters"),
        ("ArrowDown", "move the boat 2 meters"),
        ("ArrowLeft", "make the sky darker"),
        ("ArrowDown", "let it snow"),
        ("ArrowUp", "make the sky darker"),
        ("ArrowLeft", "add a red hat"),
    ):
        press(page, key)
        expect(focused).to_contain_text(prompt)
    expect(page.get_by_role("link", name="2 more")).to_be_visible()

    page.get_by_role("link", name="Edit this result: make the sky darker").click()
    note = page.get_by_role("note")
    expect(note).to_contain_text("loses a little detail")
    page.locator("#id_prompt").fill("calm the waves")
    note.get_by_role("link", name="Fold the chain into one prompt").click()
    expect(page).to_have_url(re.compile("fold="))
    joined = "turn it black and white. add a red hat to the sailor. make the sky darker. calm the waves"
    expect(page.locator("#id_prompt")).to_have_value(joined)
    expect(note).to_contain_text("3 edits in one prompt")
    expect(page.locator("#source [name=source]")).to_have_value(re.compile("^source:"))
    assert_it_fits_the_width(page)
    assert backstage("count_edits") == 13
