"""Nothing jumps while a page loads: the sum of its layout shifts, which counts places and not time."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import Person, press

MOST_SHIFT = 0.02
WATCH = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      const moved = sources.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? node?.nodeName);
      if (!hadRecentInput) shifts.push([value, moved]);
    }
  }).observe({ type: "layout-shift", buffered: true });
"""
TWO_FRAMES = (
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
)
PAGES = {
    "studio": ("alice", "/"),
    "viewer": ("alice", "/edits/{}/"),
    "history": ("alice", "/history/"),
    "review": ("rita", "/review/"),
    "settings": ("root", "/settings/"),
}


def shift_of(page: Page) -> tuple[float, list[str]]:
    """How much the open page has jumped so far, and what did."""
    expect(page.locator("html.js")).to_be_attached()
    page.evaluate(
        "Promise.all([...document.images].filter(({ src }) => src).map((image) => image.decode().catch(() => {})))"
    )
    page.evaluate(TWO_FRAMES)
    shifts = page.evaluate("shifts")
    return sum(value for value, _ in shifts), shifts


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844), (844, 390)])
def test_a_page_stays_where_it_was_painted(
    name: str, width: int, height: int, open_window: Window, backstage: Backstage
) -> None:
    done = backstage("one_of_each", owner="alice")
    who, path = PAGES[name]
    person: Person = open_window(who, width=width, height=height)
    person.page.add_init_script(WATCH)
    page = person.goes_to(path.format(done))
    shift, what = shift_of(page)
    assert shift <= MOST_SHIFT, what


def test_a_closed_panel_stays_closed_without_a_jump(alice: Person, backstage: Backstage) -> None:
    done = backstage("one_of_each", owner="alice")
    alice.page.add_init_script(WATCH)
    page = alice.goes_to(f"/edits/{done}/")
    press(page, "i")
    expect(page.locator("#info")).to_be_hidden()
    page.reload()
    shift, what = shift_of(page)
    expect(page.locator("#info")).to_be_hidden()
    assert shift <= MOST_SHIFT, what
