"""Scripts that come with their first use: the press that asks for one happens, however long it takes to load."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.backstage import Backstage
from tests.browser.people import Person, press
from tests.browser.test_batches import drop, files

LATER = re.compile(r"/js/(zoom|shortcuts|studio-recall|studio-batch)\.[0-9a-f]+\.js$")


@pytest.fixture
def held(alice: Person) -> list[Route]:
    """What Alice's browser asks for and does not get yet."""
    routes: list[Route] = []
    alice.page.route(LATER, lambda route: routes.append(route))
    return routes


def release(page: Page, held: list[Route]) -> None:
    """Everything that was asked for comes, after the page had the time to do something without it."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert held
    while held:
        held.pop().continue_()


def test_no_first_press_is_lost(alice: Person, backstage: Backstage, held: list[Route]) -> None:
    edit = backstage("large_edit", owner="alice")
    page = alice.goes_to(f"/?show={edit}")
    expect(page.locator("html.js")).to_be_attached()
    assert not held

    press(page, "?")
    release(page, held)
    expect(page.get_by_role("dialog", name="Keyboard shortcuts on this page")).to_be_visible()
    press(page, "Escape")

    press(page, "p")
    release(page, held)
    expect(page.locator("#id_prompt")).not_to_be_empty()

    press(page, "4")
    release(page, held)
    expect(page.locator("[data-zoom-now]")).to_have_text("400 %")

    drop(page, files(2))
    press(page, "Control+Enter")  # before the list is there
    release(page, held)
    expect(page.locator(".board .cell")).to_have_count(3)  # with the one that was there


def test_the_first_gesture_zooms(alice: Person, backstage: Backstage, held: list[Route]) -> None:
    page = alice.goes_to(f"/?show={backstage('large_edit', owner='alice')}")
    expect(page.locator("html.js")).to_be_attached()
    box = page.locator("[data-zoom]").bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)
    release(page, held)
    expect(page.locator(".zoomed")).to_have_count(1)
