"""Without JavaScript: everything still works, a page load at a time."""

import pytest
from playwright.sync_api import expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.pages import Studio
from tests.browser.people import Person
from tests.installation import eventually
from tests.pictures import photo


@pytest.fixture
def alice(open_window: Window) -> Person:
    """Alice with script switched off."""
    return open_window("alice", java_script_enabled=False)


@pytest.fixture
def studio(alice: Person) -> Studio:
    """Her studio, open."""
    return Studio(alice).open()


SHOWN = {"status": "succeeded", "result__placeholder__gt": ""}
"""Done, and its thumbnails are there: a page without script tells only what is so when it is loaded."""


def makes_an_edit(studio: Studio, backstage: Backstage, prompt: str) -> None:
    """Send the form and reload the page once the edit is done."""
    studio.add_picture()
    studio.write(prompt)
    studio.send()
    expect(studio.thumbs.first).to_be_visible()
    eventually(lambda: backstage("count_edits", **SHOWN), seconds=20)
    studio.page.reload()


def test_from_upload_to_a_shared_result(
    studio: Studio, alice: Person, bob: Person, backstage: Backstage
) -> None:
    makes_an_edit(studio, backstage, "sepia")
    for name in ("before", "after"):
        expect(studio.stage.locator(f"img.{name}")).to_be_visible()
    studio.share()
    alice.is_told("Shared with the team.")
    expect(bob.goes_to("/team/").locator(".card")).to_have_count(1)


def test_a_rerun_is_a_form(studio: Studio, backstage: Backstage) -> None:
    makes_an_edit(studio, backstage, "sepia")
    studio.act("Re-run same seed")
    eventually(lambda: backstage("count_edits", **SHOWN) == 2, seconds=20)
    studio.page.reload()
    expect(studio.page.get_by_text("identical to run 1")).to_be_visible()


def test_bad_input_keeps_what_was_typed(studio: Studio, alice: Person, backstage: Backstage) -> None:
    alice.may_be_refused(422)
    studio.write("make it warmer")
    studio.send()
    expect(studio.page.locator(".errorlist li:visible").first).to_be_visible()
    expect(studio.prompt).to_have_value("make it warmer")
    assert backstage("count_edits") == 0


def test_a_panorama_is_offered_its_ways_out(studio: Studio, alice: Person, backstage: Backstage) -> None:
    alice.may_be_refused(422)
    studio.add_picture(photo(width=1600, height=200), name="panorama.jpg")
    studio.write("sepia")
    studio.send()
    studio.page.get_by_label("Add a white border").check()
    studio.add_picture(photo(width=1600, height=200), name="panorama.jpg")
    studio.send()
    expect(studio.thumbs).to_have_count(1)
    assert backstage("count_edits") == 1


def test_a_reviewer_uncovers_and_decides_with_forms(open_window: Window, backstage: Backstage) -> None:
    case = backstage("edit_in_state", owner="alice", status="filtered", prompt="show the bloody harbor")
    rita = open_window("rita", java_script_enabled=False)
    page = rita.goes_to(f"/review/{case}/")
    expect(page.locator(".pair img")).to_have_count(0)
    page.get_by_role("button", name="Open case").click()
    result = page.locator("#figure-result")
    expect(result.get_by_role("button", name="Full size")).to_be_hidden()
    for pressed, shown in (
        ("Unblur", "small and grey"),
        ("Show color", "small, in color"),
        ("Full size", "full size"),
    ):
        result.get_by_role("button", name=pressed).click()
        picture = result.get_by_role("img", name=f"Withheld result, {shown}")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.get_by_role("radio", name="Keep hidden").check()
    page.get_by_label("Reason or question").fill("It shows violence.")
    page.get_by_role("button", name="Decide").click()
    expect(page.locator("#toasts")).to_contain_text("Kept hidden. alice will read the reason.")


def test_all_of_a_list_is_a_form_too(alice: Person, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=52)
    page = alice.goes_to("/history/")
    page.locator(".card .pick input").first.check()
    page.locator("#bulk").get_by_label("Select all 52").check()
    page.locator("#bulk").get_by_role("button", name="Trash").click()
    expect(page.locator("#toasts")).to_contain_text("Moved 52 edits to the trash.")
    page.goto(f"{alice.home}/trash/")
    page.get_by_role("button", name="Restore all 52").click()
    expect(page.locator("#toasts")).to_contain_text("Restored 52 edits.")
    assert backstage("count_edits", trashed_at__isnull=True) == 52


def test_trash_and_its_undo_are_forms(studio: Studio, alice: Person, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=2)
    page = alice.goes_to("/history/")
    page.locator(".card .pick input").first.check()
    page.locator("#bulk").get_by_role("button", name="Trash").click()
    expect(page.locator(".card")).to_have_count(1)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".card")).to_have_count(2)
