"""History and team: many pictures at a glance, chosen, thrown away and taken back, and never a place lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.backstage import Backstage
from tests.browser.pages import Studio
from tests.browser.people import Person, press

MANY = 60
PAGE_LENGTH = 50
POLL_MS = 2000


@pytest.fixture
def page(alice: Person, backstage: Backstage) -> Page:
    """Alice's history of three edits."""
    backstage("finished_edits", owner="alice", count=3)
    return alice.goes_to("/history/")


def cards(page: Page) -> int:
    return page.locator(".card").count()


def test_selected_edits_go_to_the_trash_and_come_back(page: Page, backstage: Backstage) -> None:
    boxes = page.locator(".card .pick input")
    boxes.nth(0).check()
    boxes.nth(1).check()
    bar = page.locator("#bulk")
    expect(bar.get_by_text("2 selected")).to_be_visible()
    bar.get_by_role("button", name="Trash").click()
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator("#toasts")).to_contain_text("Moved 2 edits to the trash.")
    assert backstage("count_edits", trashed_at__isnull=False) == 2

    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".card")).to_have_count(3)
    assert backstage("count_edits", trashed_at__isnull=False) == 0


def test_shift_selects_a_range_and_x_the_one_in_focus(page: Page) -> None:
    boxes = page.locator(".card .pick input")
    boxes.nth(0).check()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator("#bulk")).to_contain_text("3 selected")
    page.locator(".card > a").nth(1).focus()
    press(page, "x")
    expect(page.locator("#bulk")).to_contain_text("2 selected")


def test_all_of_a_list_is_chosen_by_keys_and_comes_back(alice: Person, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=MANY)
    page = alice.goes_to("/history/")
    bar = page.locator("#bulk")
    press(page, "Control+a")
    expect(bar.get_by_text(f"{PAGE_LENGTH} selected")).to_be_visible()
    press(page, "Control+a")
    expect(bar.get_by_text(f"All {MANY} selected")).to_be_visible()
    expect(bar.get_by_label(f"Select all {MANY}")).to_be_checked()
    press(page, "End")
    expect(page.locator(".card .pick input:checked")).to_have_count(MANY)
    page.locator(".card .pick input").first.uncheck()
    expect(bar.get_by_text(f"{MANY - 1} selected")).to_be_visible()
    bar.get_by_label(f"Select all {MANY}").focus()
    press(page, "Space")
    expect(bar.get_by_text(f"All {MANY} selected")).to_be_visible()
    press(page, "Delete")
    alice.is_told(f"Moved {MANY} edits to the trash.")
    expect(page.locator(".card")).to_have_count(0)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".card")).to_have_count(PAGE_LENGTH)
    assert backstage("count_edits", trashed_at__isnull=False) == 0


def test_done_and_escape_choose_nothing_of_the_list(alice: Person, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=MANY)
    page = alice.goes_to("/history/")
    for leave in (lambda: press(page, "Escape"), page.get_by_role("button", name="Done").click):
        press(page, "Control+a")
        press(page, "Control+a")
        leave()
        expect(page.locator("#bulk")).to_be_hidden()
        assert page.locator("[name=all]:checked").count() == 0


def test_older_edits_come_as_one_scrolls(alice: Person, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=MANY)
    page = alice.goes_to("/history/")
    assert cards(page) == PAGE_LENGTH
    press(page, "End")
    expect(page.locator(".card")).to_have_count(MANY)
    addresses = page.locator(".card > a").evaluate_all("links => links.map((link) => link.pathname)")
    assert len(set(addresses)) == MANY


def test_coming_back_from_an_edit_restores_the_place(alice: Person, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=MANY)
    page = alice.goes_to("/history/")
    press(page, "End")
    expect(page.locator(".card")).to_have_count(MANY)
    last = page.locator(".card > a").last
    last.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    address = last.get_attribute("href")
    last.click()
    expect(page.locator(".viewer")).to_be_visible()

    page.go_back()
    link = page.locator(f'.card > a[href="{address}"]')
    expect(link).to_be_in_viewport()
    expect(link).to_be_focused()
    assert abs(page.evaluate("scrollY") - before) < 150


def test_the_viewers_way_back_leads_to_the_card_too(page: Page) -> None:
    link = page.locator(".card > a").nth(1)
    address = link.get_attribute("href")
    link.click()
    page.locator(".viewer-bar").get_by_role("link", name="History").click()
    expect(page.locator(f'.card > a[href="{address}"]')).to_be_focused()


def test_search_and_filters_stand_in_the_address(page: Page) -> None:
    press(page, "/")
    page.keyboard.type("white 2")
    press(page, "Enter")
    expect(page).to_have_url(re.compile(r"[?&]q=white(\+|%20)2"))
    expect(page.locator(".card")).to_have_count(1)
    page.reload()
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("white 2")


def test_a_star_stays_where_it_was_put(page: Page) -> None:
    card = page.locator(".card").first
    card.hover()
    card.get_by_role("button", name="Star").click()
    expect(card.get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.locator(".card").first.locator(".marks")).to_contain_text("Starred")


def test_an_open_history_shows_by_itself_that_an_edit_finished(alice: Person, backstage: Backstage) -> None:
    studio = Studio(alice).open()
    studio.add_picture()
    studio.write("sepia")
    backstage("hold_the_queue")
    studio.send()
    expect(studio.page.locator("li.thumb")).to_have_count(1)  # it is stored
    history = alice.new_tab("/history/")
    expect(history.locator(".card.is-retrying")).to_contain_text("Practice engine is paused")
    history.evaluate("window.same = true")

    backstage("let_the_queue_go")
    studio.expect_result()
    expect(history.locator(".card img").first).to_be_visible()
    assert history.evaluate("window.same"), "the page was reloaded"


def test_nothing_is_asked_while_nothing_runs(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/status/" in request.url else None)
    page.wait_for_timeout(POLL_MS)
    assert asked == []


def test_empty_places_say_how_they_fill(alice: Person) -> None:
    expect(
        alice.goes_to("/history/").get_by_role("heading", name="Your edits will appear here")
    ).to_be_visible()
    expect(alice.goes_to("/team/").get_by_text("No shared edits yet")).to_be_visible()
    expect(alice.goes_to("/trash/").get_by_text("The trash is empty")).to_be_visible()


def test_coming_back_to_a_far_card_takes_one_answer(alice: Person, backstage: Backstage) -> None:
    edits = backstage("finished_edits", owner="alice", count=130)
    asked: list[str] = []
    alice.page.on("request", lambda request: asked.append(request.url) if "older=" in request.url else None)
    page = alice.goes_to(f"/history/#card-{edits[120]}")
    expect(page.locator(f"#card-{edits[120]} > a")).to_be_focused()
    assert len([url for url in asked if "up_to=" in url]) == 1
    assert len(asked) <= 2  # what comes after is loaded once it is in sight


def test_the_address_of_a_search_says_only_what_was_asked(alice: Person, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=2)
    page = alice.goes_to("/history/")
    page.locator("[data-search]").fill("white")
    press(page, "Enter")
    expect(page).to_have_url(alice.home + "/history/?q=white")
    expect(page.locator(".filters").get_by_role("link", name="All")).to_have_attribute("aria-current", "true")


def test_a_nearly_full_last_row_is_as_wide_as_the_others(alice: Person, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=3)  # 343 pixels each at least, with gaps 93 % of 1115
    page = alice.goes_to("/history/")
    page.set_viewport_size({"width": 1163, "height": 900})
    rows, last = page.locator(".rows").bounding_box(), page.locator(".card").last.bounding_box()
    assert rows
    assert last
    assert abs(last["x"] + last["width"] - (rows["x"] + rows["width"] - 24)) < 1
