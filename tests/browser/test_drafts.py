"""What is entered in the studio is there again: after a reload, in another tab, on another device."""

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.pages import Studio
from tests.browser.people import Person, assert_it_fits_the_width
from tests.browser.test_sending import slow
from tests.pictures import photo


@pytest.fixture
def studio(alice: Person) -> Studio:
    """Alice's studio, open."""
    return Studio(alice).open()


def enters(studio: Studio, prompt: str = "a sketch") -> None:
    """A picture and a prompt, saved."""
    studio.add_picture()
    expect(studio.source).to_contain_text("Will be sent as")
    with studio.page.expect_response(re.compile("/draft/$")) as saved:
        studio.write(prompt)
    assert saved.value.status == 200


def expect_entered(page: Page, prompt: str = "a sketch") -> None:
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(prompt)
    expect(page.locator("#source")).to_contain_text("IMG_4471.jpg")
    picture = page.locator("#source img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_a_reload_loses_nothing_and_the_edit_can_be_sent(studio: Studio, width: int, height: int) -> None:
    studio.page.set_viewport_size({"width": width, "height": height})
    enters(studio)
    studio.page.reload()
    expect_entered(studio.page)
    assert_it_fits_the_width(studio.page)
    studio.send()
    studio.expect_result()


def test_another_device_goes_on_where_the_first_one_was_left(studio: Studio, open_window: Window) -> None:
    enters(studio)
    phone = open_window("alice", width=390, height=844)
    expect_entered(Studio(phone).open().page)


def test_a_reload_in_the_moment_of_typing_loses_nothing(studio: Studio) -> None:
    enters(studio)
    studio.write("a sketch with more")
    studio.page.reload()
    expect_entered(studio.page, "a sketch with more")


def test_what_could_not_be_saved_is_taken_up_by_the_next_page(studio: Studio) -> None:
    enters(studio)
    studio.person.may_break_off()
    with slow(studio, "/draft/"):
        studio.write("a sketch with more")
        studio.page.goto(f"{studio.person.home}/history/")
        studio.page.goto(f"{studio.person.home}/")
        expect_entered(studio.page, "a sketch with more")


def test_a_tab_that_is_behind_asks_before_it_overwrites(studio: Studio) -> None:
    studio.person.may_be_refused(409)
    enters(studio)
    other = studio.person.new_tab("/")
    with studio.page.expect_response(re.compile("/draft/$")):
        studio.write("from the first tab")
    other.get_by_label("Prompt", exact=True).fill("from the second tab")
    toast = other.locator("#toasts").get_by_text("This form was changed in another tab")
    expect(toast).to_be_visible()
    other.get_by_role("button", name="Load that one").click()
    expect_entered(other, "from the first tab")


def test_one_may_keep_what_is_in_this_tab(studio: Studio) -> None:
    studio.person.may_be_refused(409)
    other = studio.person.new_tab("/")
    enters(studio)
    other.get_by_label("Prompt", exact=True).fill("from the second tab")
    other.get_by_role("button", name="Keep this one").click()
    expect(other.locator("#toasts")).not_to_contain_text("This form was changed")
    with other.expect_response(re.compile("/draft/$")) as saved:
        other.get_by_label("Prompt", exact=True).fill("from the second tab!")
    assert saved.value.status == 200


def test_start_over_empties_the_form_and_can_be_undone(studio: Studio) -> None:
    expect(studio.page.get_by_role("button", name="Start over")).to_be_hidden()
    enters(studio)
    studio.page.get_by_role("button", name="Start over").click()
    expect(studio.prompt).to_have_value("")
    expect(studio.source).to_contain_text("Add a picture")
    studio.page.get_by_role("button", name="Undo").click()
    expect_entered(studio.page)


def test_what_was_sent_is_left_as_it_was(studio: Studio) -> None:
    enters(studio)
    with studio.page.expect_response(re.compile("/draft/$")):
        studio.send()
        studio.expect_result()
    studio.open()
    expect_entered(studio.page)
    expect(studio.source).to_have_attribute("data-reference", "")
    assert "source:" in str(studio.page.locator("#source [name=source]").get_attribute("value"))


def test_references_are_there_again_too(studio: Studio, backstage: Backstage) -> None:
    backstage("several_models")
    studio.open()
    studio.page.locator("#model-menu > summary").click()
    studio.page.locator(".model").filter(has_text="Qwen Image Edit").click()
    expect(studio.page.locator("#references")).to_be_visible()
    files = [
        FilePayload(name=f"{name}.jpg", mimeType="image/jpeg", buffer=photo(seed=len(name)))
        for name in ("scarf", "hat")
    ]
    with studio.page.expect_response(re.compile("/draft/$")):
        studio.page.locator("#id_reference").set_input_files(files)
        expect(studio.page.locator(".reference [name=reference_source]")).to_have_count(2)
    studio.write("reference 1 on reference 2")
    studio.page.reload()
    expect(studio.page.locator(".reference")).to_have_count(2)
    expect(studio.page.locator(".reference").first).to_contain_text("scarf.jpg")
    expect(studio.prompt).to_have_value("reference 1 on reference 2")


def test_a_list_of_pictures_is_there_again_too(studio: Studio) -> None:
    studio.person.may_be_refused(422)
    wide, files = photo(width=1600, height=200), [photo(seed=seed) for seed in (1, 2)]
    chosen = [
        FilePayload(name=f"{number}.jpg", mimeType="image/jpeg", buffer=data)
        for number, data in enumerate([*files, wide])
    ]
    studio.page.locator("#id_image").set_input_files(chosen)
    expect(studio.source.locator("[name=picture]")).to_have_count(3)
    with studio.page.expect_response(re.compile("/draft/$")):
        studio.write("sepia")
    studio.page.reload()
    expect(studio.source.locator("[name=picture]")).to_have_count(3)
    expect(studio.source.locator(".unfit")).to_have_count(1)
    expect(studio.source).to_contain_text("3 pictures")
    studio.page.get_by_role("button", name="Start over").click()
    expect(studio.source).to_contain_text("Add a picture")


def test_a_press_without_a_connection_outlives_its_page_and_is_sent_once(
    alice: Person, studio: Studio, backstage: Backstage
) -> None:
    enters(studio)
    page, offline = studio.page, studio.page.context.set_offline
    alice.may_break_off()
    offline(True)
    studio.send()
    expect(page.locator("#send")).to_contain_text("Sending when ready")
    page.goto("about:blank")
    offline(False)
    page.goto(f"{alice.home}/")
    studio.expect_result()
    page.reload()
    expect_entered(page)
    assert backstage("count_edits") == 1


def test_a_duplicated_tab_is_another_one(alice: Person, studio: Studio) -> None:
    enters(studio)
    with studio.page.expect_popup() as opened:
        studio.page.evaluate(
            "void open(location.href)"
        )  # with a copy of this tab's memory, as "Duplicate" makes it
    copy = opened.value
    expect_entered(copy)
    with copy.expect_response(re.compile("/draft/$")):
        copy.get_by_label("Prompt", exact=True).fill("of the copy")
    alice.may_be_refused(409)
    studio.write("of the first")
    expect(studio.page.locator("[data-stays]")).to_be_visible()
