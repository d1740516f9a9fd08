"""A stopped edit in the reviewer's hands: unveiled step by step, decided with a reason, told to its author."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.backstage import Backstage
from tests.browser.people import Person

REASON = "It shows a medical subject, which is fine here."


@pytest.fixture
def stopped(backstage: Backstage) -> str:
    """An edit of Alice's that the filter stopped, with a picture; its public id."""
    return backstage("edit_in_state", owner="alice", status="filtered", prompt="show the bloody harbor")


def test_the_pictures_are_unveiled_one_step_at_a_time(rita: Person, stopped: str) -> None:
    page = rita.goes_to("/review/")
    source = page.locator("#figure-source")
    expect(source.get_by_role("img", name="Source, grey and blurred")).to_be_visible()
    source.get_by_role("button", name="Un-blur").click()
    expect(source.get_by_role("img", name="Source, small and grey")).to_be_visible()
    page.keyboard.press("s")
    expect(source.get_by_role("img", name="Source, small, in color")).to_be_visible()
    expect(page.get_by_role("img", name="Withheld result, grey and blurred")).to_be_visible()
    expect(page.locator("#timeline")).to_contain_text(re.compile("source", re.IGNORECASE))
    assert page.locator("#figure-source img").evaluate("image => image.naturalWidth") <= 320


def test_a_decision_is_pressed_read_and_can_be_taken_back(rita: Person, stopped: str) -> None:
    page = rita.goes_to("/review/")
    page.keyboard.press("1")
    page.get_by_text("Medical", exact=True).click()
    expect(page.locator("[data-preview]")).to_contain_text(REASON)
    page.get_by_role("button", name="Release").click()
    rita.is_told("alice")
    page.get_by_role("button", name="Undo").click()
    rita.is_told("Taken back.")
    expect(page.get_by_role("button", name="Decide")).to_be_visible()


def test_a_second_reviewer_sees_who_has_it_open(rita: Person, root: Person, stopped: str) -> None:
    rita.goes_to(f"/review/{stopped}/")
    page = root.goes_to(f"/review/{stopped}/")
    expect(page.get_by_text("rita has this case open")).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(0)


def test_nobody_else_reviews(alice: Person, stopped: str) -> None:
    page = alice.may_be_refused(404).goes_to("/review/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("not|nothing", re.IGNORECASE))
    answer = page.goto(f"{alice.home}/review/{stopped}/picture/result/0/")
    assert answer
    assert answer.status == 404
