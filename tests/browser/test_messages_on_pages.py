"""Messages of the page: on the top bar, over no content, and not one upon the other."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window

OVERLAPS = """(content) => {
  const toast = document.querySelector("#toasts > .toast").getBoundingClientRect();
  return [...document.querySelectorAll(content)].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.top < toast.bottom && box.bottom > toast.top && box.left < toast.right && box.right > toast.left;
  }).length;
}"""


@pytest.fixture
def page(open_window: Window, backstage: Backstage) -> Page:
    """The viewer on a desk."""
    done = backstage("one_of_each", owner="alice")
    alice = open_window("alice", permissions=["clipboard-write"])
    return alice.goes_to(f"/edits/{done}/")


def test_a_message_lies_over_no_picture_and_no_lineage(page: Page) -> None:
    page.get_by_role("button", name="Copy prompt").click()
    expect(page.locator(".toast")).to_have_text("Copied.")
    assert page.evaluate(OVERLAPS, ".stage-view, .lineage, .edit-actions, aside.info") == 0


def test_the_same_message_again_takes_the_place_of_the_first(page: Page) -> None:
    for _ in range(3):
        page.get_by_role("button", name="Copy prompt").click()
    expect(page.locator(".toast")).to_have_count(1)
