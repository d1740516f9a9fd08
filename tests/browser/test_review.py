"""A stopped edit in the reviewer's hands: uncovered step by step, decided with a reason, and its author notified."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.backstage import Backstage
from tests.browser.people import Person, press

REASON = "It shows a medical subject, which is fine here."


@pytest.fixture
def stopped(backstage: Backstage) -> str:
    """An edit of Alice's that the filter stopped, with a picture; its public id."""
    return backstage("edit_in_state", owner="alice", status="filtered", prompt="show the bloody harbor")


def test_the_pictures_are_unveiled_one_step_at_a_time(rita: Person, stopped: str) -> None:
    page = rita.goes_to("/review/")
    expect(page.locator(".pair img")).to_have_count(0)
    page.get_by_role("button", name="Open case").click()
    source = page.locator("#figure-source")
    expect(source.get_by_role("img", name="Source, grey and blurred")).to_be_visible()
    source.get_by_role("button", name="Unblur").click()
    expect(source.get_by_role("img", name="Source, small and grey")).to_be_visible()
    press(page, "s")
    expect(source.get_by_role("img", name="Source, small, in color")).to_be_visible()
    expect(page.get_by_role("img", name="Withheld result, grey and blurred")).to_be_visible()
    expect(page.locator("#timeline")).to_contain_text(re.compile("source", re.IGNORECASE))
    assert page.locator("#figure-source img").evaluate("image => image.naturalWidth") <= 320


def test_a_decision_is_pressed_read_and_can_be_taken_back(rita: Person, stopped: str) -> None:
    page = rita.goes_to("/review/")
    press(page, "o")
    expect(page.get_by_role("radio").first).to_be_visible()
    press(page, "1")
    page.get_by_text("Medical", exact=True).click()
    expect(page.locator("[data-preview]")).to_contain_text(REASON)
    page.get_by_role("button", name="Release").click()
    rita.is_told("alice")
    page.get_by_role("button", name="Undo").click()
    rita.is_told("Decision undone.")
    expect(page.get_by_role("button", name="Decide")).to_be_visible()


def test_a_second_reviewer_sees_who_has_it_open(rita: Person, root: Person, stopped: str) -> None:
    press(rita.goes_to(f"/review/{stopped}/"), "o")
    expect(rita.page.get_by_text("yours until")).to_be_visible()
    page = root.goes_to(f"/review/{stopped}/")
    expect(page.get_by_text("rita has this case open")).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(0)


def test_full_size_is_one_key_and_three_lines_on_record(rita: Person, stopped: str) -> None:
    page = rita.goes_to(f"/review/{stopped}/")
    press(page, "o")
    expect(page.get_by_role("img", name="Withheld result, grey and blurred")).to_be_visible()
    press(page, "Shift+V")
    expect(page.get_by_role("img", name="Withheld result, full size")).to_be_visible()
    steps = ("small and grey", "small, in color", "full size")
    line = "; ".join(f"the withheld result, {step}" for step in steps)
    expect(page.locator("#timeline")).to_contain_text(f"revealed {line}")
    page.reload()
    expect(page.get_by_role("img", name="Withheld result, grey and blurred")).to_be_visible()


def test_a_case_that_is_only_passed_stays_free_for_others(
    rita: Person, root: Person, stopped: str, backstage: Backstage
) -> None:
    backstage("edit_in_state", owner="alice", status="filtered", prompt="show the bloody harbor again")
    page = rita.goes_to(f"/review/{stopped}/")
    press(page, "j")
    expect(page.get_by_text("2 of 2", exact=True)).to_be_visible()
    press(page, "k")
    expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Mine", exact=True)).to_be_visible()
    there = root.goes_to(f"/review/{stopped}/")
    press(there, "o")
    expect(there.get_by_text("yours until")).to_be_visible()


def test_a_case_that_was_given_back_in_another_tab_is_opened_again(
    rita: Person, stopped: str, backstage: Backstage
) -> None:
    backstage("edit_in_state", owner="alice", status="filtered", prompt="show the bloody harbor again")
    page = rita.goes_to(f"/review/{stopped}/")
    press(page, "o")
    expect(page.get_by_text("yours until")).to_be_visible()
    rita.has_all_pictures()
    other = rita.new_tab("/review/?show=decided")
    expect(other.get_by_text("Nothing decided yet")).to_be_visible()
    press(page, "Shift+V")
    expect(page.get_by_role("button", name="Open case")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("Not shown.")
    expect(page.locator("#toasts .toast")).to_have_count(1)
    expect(page.locator(".pair img")).to_have_count(0)


def test_four_keys_a_case_decide_one_after_the_other(
    rita: Person, stopped: str, backstage: Backstage
) -> None:
    backstage("edit_in_state", owner="alice", status="filtered", prompt="show the bloody harbor again")
    page = rita.goes_to("/review/")
    press(page, "o")
    for _ in range(2):
        for key, step in (("v", "grey and blurred"), ("v", "small and grey"), ("1", "small, in color")):
            expect(page.get_by_role("img", name=f"Withheld result, {step}")).to_be_visible()
            rita.has_all_pictures()  # one that comes after the decision is refused
            press(page, key)
        press(page, "Enter")
        rita.is_told("Released to alice.")
    expect(page.get_by_text("No cases waiting")).to_be_visible()


def test_a_key_that_does_nothing_says_why(rita: Person, backstage: Backstage) -> None:
    case = backstage("edit_in_state", owner="alice", status="filtered", with_picture=False)
    page = rita.goes_to(f"/review/{case}/")
    press(page, "o")
    expect(page.get_by_role("radio").first).to_be_visible()
    press(page, "1")
    rita.is_told("No picture came back, so there is none to release.")
    press(page, "2")
    expect(page.get_by_role("radio", name="Keep hidden")).to_be_checked()


def test_nobody_else_reviews(alice: Person, stopped: str) -> None:
    page = alice.may_be_refused(404).goes_to("/review/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("not|nothing", re.IGNORECASE))
    answer = page.goto(f"{alice.home}/review/{stopped}/picture/result/0/")
    assert answer
    assert answer.status == 404
