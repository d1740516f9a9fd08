"""A recipe in a real browser: saved from an edit, run on several pictures, and followed to its last step."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.pages import Studio
from tests.browser.people import assert_it_fits_the_width
from tests.factories import picture


def files(count: int) -> list[Any]:
    """Pictures that all differ."""
    return [
        {"name": f"photo-{number}.png", "mimeType": "image/png", "buffer": picture(mark=7000 + number)}
        for number in range(count)
    ]


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_steps_of_an_edit_become_a_recipe_that_runs_on_other_pictures(
    open_window: Window, width: int, height: int
) -> None:
    person = open_window("alice", width=width, height=height).may_be_refused(422)
    page = person.page
    Studio(person).makes_an_edit("black and white")
    page.locator(".stage [aria-label=More]").click()
    page.get_by_role("link", name="Save as recipe").click()
    page.get_by_role("button", name="Add a step").click()
    page.get_by_label("Prompt of step 2").fill("sepia")
    page.get_by_label("Name", exact=True).fill("Old photo")
    page.get_by_role("button", name="Save recipe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Old photo")
    broken = {"name": "broken.png", "mimeType": "image/png", "buffer": b"no picture"}
    page.locator("#id_image").set_input_files([*files(2), broken])
    expect(page.locator(".run-thumbs li")).to_have_count(2)
    expect(page.locator("#left-out")).to_contain_text("“broken.png”")
    expect(page.locator(".run-press")).to_contain_text("2 steps × 2 pictures: 4 edits")
    assert_it_fits_the_width(page)
    page.get_by_role("button", name="Start 4 edits").click()
    expect(page.locator("#live")).to_contain_text("2 of 2 pictures done", timeout=60_000)
    expect(page.locator(".run-grid .cell img")).to_have_count(4)
    assert_it_fits_the_width(page)


def test_the_studios_pictures_come_along_to_a_recipe(open_window: Window, backstage: Any) -> None:
    backstage("recipe", owner="alice")
    page = open_window("alice").goes_to("/")
    page.locator("#id_image").set_input_files(files(2))
    expect(page.locator(".many-words")).to_have_text("All are ready.")
    page.get_by_role("button", name="Run a recipe on the pictures").click()
    expect(page.locator(".run-thumbs li")).to_have_count(2)
    page.get_by_role("button", name="Choose Old photo").click()
    expect(page.locator(".run-press")).to_contain_text("3 steps × 2 pictures: 6 edits")
