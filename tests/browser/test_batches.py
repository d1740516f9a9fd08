"""Many at once in a real browser: ten pictures with one prompt, six seeds, and a batch that is paused and resumed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.backstage import Backstage
from tests.browser.people import Person, press
from tests.factories import picture


class Clicks:
    """Counts what somebody presses."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def on(self, selector: str) -> None:
        self.count += 1
        self.page.locator(selector).locator("visible=true").first.click()


def files(count: int) -> list[Any]:
    """Pictures that all differ."""
    return [
        {"name": f"photo-{number}.png", "mimeType": "image/png", "buffer": picture(mark=5000 + number)}
        for number in range(count)
    ]


def drop(page: Page, several: list[Any]) -> None:
    """As a file manager does it: into the input, which hands them to the page."""
    page.locator("#id_image").set_input_files(several)


def test_ten_pictures_with_one_prompt_take_at_most_five_clicks(alice: Person) -> None:
    page = alice.goes_to("/")
    clicks = Clicks(page)
    with page.expect_file_chooser() as chooser:
        clicks.on("label[for=id_image]")
    chooser.value.set_files(files(10))
    expect(page.locator(".many-words")).to_have_text("All are ready.")
    clicks.on("#id_prompt")
    page.keyboard.type("black and white")
    expect(page.locator("#send")).to_contain_text("Start 10 edits")
    clicks.on("#send")
    expect(page.locator(".board .cell")).to_have_count(10)
    assert clicks.count <= 5
    expect(page.locator("#board-progress")).to_contain_text("10 of 10 done", timeout=60_000)
    expect(page.locator(".board .cell img")).to_have_count(10, timeout=30_000)
    assert re.search(r"\?batch=", page.url)


def test_six_seeds_to_two_finished_take_at_most_seven_presses(alice: Person, backstage: Backstage) -> None:
    page = alice.goes_to("/?sample=cat")
    page.locator("#id_prompt").fill("at sunset")
    clicks = Clicks(page)
    clicks.on(".field-batch label:has-text('6')")
    expect(page.locator("#batch-sum")).to_contain_text("6 edits")
    clicks.on("#send")
    expect(page.locator(".board .cell")).to_have_count(6)
    expect(page.locator("#strip .batch-card")).to_contain_text("6 of 6 done", timeout=60_000)
    page.locator("body").press("c")
    page.wait_for_url("**/sheet/")
    expect(page.locator(".cand")).to_have_count(6)
    for key in ("2", "5"):
        press(page, key)
    expect(page.locator(".tally output")).to_have_text("2 of 6 kept")
    press(page, "Enter")
    expect(page.locator(".cand")).to_have_count(2)
    assert backstage("count_edits", size="1024x1024") == 2
    assert clicks.count + len("c25") + 1 <= 7


def test_broken_files_are_listed_and_the_good_ones_run(alice: Person) -> None:
    alice.may_be_refused(422)
    page = alice.goes_to("/")
    drop(page, [*files(3), {"name": "broken.png", "mimeType": "image/png", "buffer": b"no picture"}])
    expect(page.locator(".many-left-out")).to_contain_text("broken.png")
    expect(page.locator(".many > li")).to_have_count(3)
    drop(page, files(1))  # the same as the first one
    expect(page.locator(".many-left-out")).to_contain_text("is used once")
    page.locator("#id_prompt").fill("blur it")
    page.locator("#send").click()
    expect(page.locator(".board .cell")).to_have_count(3)


def test_a_press_while_pictures_are_on_their_way_is_remembered(alice: Person) -> None:
    page = alice.goes_to("/")
    page.locator("#id_prompt").fill("blur it")
    drop(page, files(5))
    press(page, "Control+Enter")
    expect(page.locator(".board .cell")).to_have_count(5)


def test_the_pictures_survive_a_reload(alice: Person) -> None:
    page = alice.goes_to("/")
    drop(page, files(4))
    expect(page.locator(".many-words")).to_have_text("All are ready.")
    page.reload()
    expect(page.locator(".many > li")).to_have_count(4)
    expect(page.locator("#send")).to_contain_text("Start 4 edits")


def test_a_batch_is_paused_resumed_and_canceled_in_place(alice: Person, backstage: Backstage) -> None:
    page = alice.goes_to(f"/batches/{backstage('batch', owner='alice', kind='grid')}/")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#board-progress")).to_contain_text("Paused")
    expect(page.locator(".cell.is-queued")).to_have_count(3)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Cancel 3 waiting").click()
    expect(page.locator("#board-progress")).to_contain_text("3 canceled")
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844), (844, 390)])
def test_the_board_stays_within_the_window(
    open_window: Callable[..., Person], backstage: Backstage, width: int, height: int
) -> None:
    batch = backstage("batch", owner="alice", kind="grid")
    page = open_window("alice", width=width, height=height).goes_to(f"/batches/{batch}/")
    expect(page.locator(".board .cell").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
