"""The studio: from a phone's photo to a picture on the stage, in place and without losing what was typed."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.backstage import Backstage
from tests.browser.engine_room import resting_engine
from tests.browser.pages import Studio, phone_photo
from tests.browser.people import Person
from tests.installation import Installation
from tests.pictures import photo

BLACK_AND_WHITE = "turn it black and white, add film grain"
LARGE_PX = 300


@pytest.fixture
def studio(alice: Person) -> Studio:
    """Alice's studio, open."""
    return Studio(alice).open()


def test_a_dropped_photo_becomes_a_result_and_its_card_says_where_it_stands(
    studio: Studio, backstage: Backstage, retake: Installation
) -> None:
    studio.drop_picture(phone_photo(), name="IMG_4471.jpg")
    expect(studio.source).to_contain_text("3024×4032")
    expect(studio.source).to_contain_text("urned upright")
    expect(studio.source).to_contain_text(re.compile(r"Will be sent as 8\d\d×1\d\d\d"))
    studio.write(BLACK_AND_WHITE)

    backstage("hold_the_queue")
    with resting_engine(retake):
        studio.send()
        expect(studio.stage.locator(".stage-card")).to_contain_text("Practice engine is paused")
        expect(studio.stage.get_by_role("button", name="Cancel")).to_be_visible()
        backstage("let_the_queue_go")
        expect(studio.stage.locator(".stage-card.is-running")).to_contain_text(re.compile(r"\d s"))
        expect(studio.thumbs.first).to_have_class(re.compile("is-running"))
    studio.expect_result()
    expect(studio.thumbs.first.get_by_role("img")).to_be_visible()
    expect(studio.thumbs).to_have_count(1)


def test_the_form_stays_usable_while_an_edit_runs(studio: Studio, retake: Installation) -> None:
    with resting_engine(retake):
        studio.add_picture()
        studio.write("sepia")
        studio.send()
        expect(studio.thumbs).to_have_count(1)
        studio.write("blur it")
        studio.send()
        expect(studio.thumbs).to_have_count(2)
    studio.expect_result()


def test_an_answer_of_before_the_stage_changed_is_dropped(studio: Studio, retake: Installation) -> None:
    asked: list[Route] = []
    with resting_engine(retake):
        studio.add_picture()
        studio.write("sepia")
        studio.send()
        expect(studio.thumbs).to_have_count(1)
        with studio.page.expect_request("**/status/*"):
            studio.page.route("**/status/*", lambda route: asked.append(route))
        studio.write("blur it")
        studio.send()
        expect(studio.thumbs).to_have_count(2)
        with studio.page.expect_response("**/status/*"):
            asked[0].continue_()
        studio.page.unroute("**/status/*")
    studio.expect_result()
    expect(studio.stage).to_contain_text("blur it")


def test_a_double_click_is_one_edit(studio: Studio, backstage: Backstage) -> None:
    studio.add_picture()
    studio.write("sepia")
    studio.send_button.dblclick()
    studio.expect_result()
    expect(studio.thumbs).to_have_count(1)
    assert backstage("count_edits") == 1


def test_it_says_why_nothing_is_sent(studio: Studio, backstage: Backstage) -> None:
    studio.send()
    expect(studio.page.get_by_text("Add a picture").last).to_be_visible()
    assert backstage("count_edits") == 0


def test_bad_input_gets_a_sentence_and_everything_else_stays(studio: Studio, backstage: Backstage) -> None:
    studio.person.may_be_refused(422)
    studio.add_picture(name="harbor.jpg")
    studio.write("make it warmer")
    studio.page.get_by_text("Options", exact=True).click()
    studio.page.get_by_label("Seed", exact=True).fill("many")
    studio.send()
    expect(studio.page.locator("#error-seed")).to_contain_text(re.compile("whole number|integer|number"))
    expect(studio.prompt).to_have_value("make it warmer")
    expect(studio.source).to_contain_text("harbor.jpg")
    assert backstage("count_edits") == 0

    studio.page.get_by_label("Seed", exact=True).fill("77120")
    studio.send()
    studio.expect_result()
    expect(studio.page.locator("#error-seed")).to_be_empty()


def test_a_file_that_is_no_picture_is_refused_at_its_card(studio: Studio) -> None:
    studio.person.may_be_refused(422)
    studio.add_picture(b"%PDF-1.7 not a picture", name="harbor.jpg")
    expect(studio.page.locator(".field-source .errorlist li").first).to_be_visible()
    expect(studio.page.locator(".source")).to_have_count(0)


def test_a_panorama_is_offered_a_crop_or_a_border(studio: Studio) -> None:
    studio.person.may_be_refused(422)
    studio.add_picture(photo(width=1600, height=200), name="panorama.jpg")
    studio.page.get_by_role(
        "radio", name="Add a white border"
    ).click()  # the offer goes when the picture is checked again
    expect(studio.source).to_contain_text("Will be sent as")
    studio.write("sepia")
    studio.send()
    studio.expect_result()


def test_a_rerun_with_the_same_seed_is_proven_identical(studio: Studio) -> None:
    studio.makes_an_edit(BLACK_AND_WHITE)
    studio.act("Re-run same seed")
    expect(studio.stage.get_by_text("identical to run 1")).to_be_visible()
    expect(studio.thumbs).to_have_count(2)


def test_reuse_fills_the_form(studio: Studio) -> None:
    studio.makes_an_edit("make it a sketch")
    studio.write("")
    studio.act("Use all")
    expect(studio.prompt).to_have_value("make it a sketch")
    studio.page.get_by_text("Options", exact=True).click()
    expect(studio.page.get_by_label("Seed", exact=True)).to_have_value(re.compile(r"\d+"))


def test_a_result_becomes_the_next_source(studio: Studio) -> None:
    studio.makes_an_edit("make it a sketch")
    studio.act("Edit this result")
    expect(studio.source).to_contain_text("an earlier result")
    studio.write("sepia")
    studio.send()
    expect(studio.thumbs).to_have_count(2)
    studio.expect_result()


def test_a_picture_is_pasted_anywhere(studio: Studio) -> None:
    studio.paste_picture(photo(seed=2), name="clipboard.jpg")
    expect(studio.source).to_contain_text("clipboard.jpg")
    expect(studio.source).to_contain_text("Will be sent as")


def test_a_past_picture_is_used_again(studio: Studio, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice")
    studio.page.get_by_role("link", name="Use a past picture").click()
    picker = studio.page.get_by_role("dialog", name="Past pictures")
    picker.get_by_role("link").first.click()
    expect(picker).to_be_hidden()
    expect(studio.source).to_contain_text("an earlier result")
    studio.write("sepia")
    studio.send()
    studio.expect_result()


def test_the_counter_warns_and_nothing_too_long_is_sent(studio: Studio, backstage: Backstage) -> None:
    studio.add_picture()
    counter = studio.page.locator("#prompt-count")
    studio.write("😀" * 460)
    expect(counter).to_have_text("460 / 512")
    expect(counter).to_have_class(re.compile("near"))
    studio.write("a" * 513)
    studio.send()
    expect(studio.page.locator("#reasons")).to_contain_text("513 of 512 characters")
    assert backstage("count_edits") == 0


def test_a_waiting_edit_is_canceled(studio: Studio, backstage: Backstage) -> None:
    backstage("hold_the_queue")
    studio.add_picture()
    studio.write("sepia")
    studio.send()
    studio.stage.get_by_role("button", name="Cancel").click()
    expect(studio.stage.locator(".stage-card.is-canceled")).to_be_visible()
    assert backstage("count_edits", status="canceled") == 1


def test_another_tab_learns_of_what_is_sent_in_this_one(alice: Person, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice")
    studio = Studio(alice).open()
    other = alice.new_tab("/")
    strip = other.get_by_role("list", name="Your latest edits").get_by_role("listitem")
    expect(strip).to_have_count(1)
    other.wait_for_load_state("load")
    studio.page.wait_for_load_state("load")
    studio.act("New seed")
    expect(strip).to_have_count(2)


def test_recent_has_the_prompts_of_this_page(alice: Person) -> None:
    studio = Studio(alice)
    studio.makes_an_edit("sepia, with grain")
    studio.prompt.fill("")
    studio.page.locator("summary").filter(has_text="Recent").click()
    studio.page.locator("#recent").get_by_role("button", name="sepia, with grain").click()
    expect(studio.prompt).to_have_value("sepia, with grain")


def test_the_source_is_large_on_the_stage_before_the_first_edit(alice: Person) -> None:
    studio = Studio(alice).open()
    studio.add_picture(photo(width=1200, height=900))
    expect(studio.source).to_contain_text("Will be sent as")
    preview = studio.stage.locator(".preview img")
    expect(preview).to_be_visible()
    box = preview.bounding_box()
    assert box
    assert box["height"] > LARGE_PX


def test_the_strip_marks_what_gets_a_star(alice: Person, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice")
    studio = Studio(alice).open()
    mark = studio.thumbs.first.locator(".thumb-marks .icon-star")
    expect(mark).to_be_hidden()
    studio.page.wait_for_load_state("load")
    studio.page.locator("#star").click()
    expect(mark).to_be_visible()
