"""Choosing a model in the studio, and its references: by pointer and by keyboard, without losing what was entered."""

import re
from base64 import b64encode

import pytest
from playwright.sync_api import FilePayload, Locator, expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.pages import TRANSFER, Studio
from tests.browser.people import Person, press
from tests.installation import Installation
from tests.pictures import photo

SECOND, QWEN, GPT = "stepfun/step-image-edit-2", "Qwen Image Edit", "gpt-image-2"


@pytest.fixture
def studio(alice: Person, backstage: Backstage) -> Studio:
    """Alice's studio with several models to choose from."""
    backstage("several_models")
    return Studio(alice).open()


def choose(studio: Studio, name: str) -> None:
    """Open the menu and choose a model with the pointer."""
    studio.page.locator("#model-menu > summary").click()
    studio.page.locator(".model").filter(has_text=name).click()
    expect(studio.page.locator("#model-chosen")).to_contain_text(name)


def add_references(studio: Studio, *names: str) -> None:
    files = [
        FilePayload(name=name, mimeType="image/jpeg", buffer=photo(seed=number))
        for number, name in enumerate(names, start=1)
    ]
    studio.page.locator("#id_reference").set_input_files(files)
    expect(studio.page.locator(".reference.checking")).to_have_count(0)


def references(studio: Studio) -> Locator:
    return studio.page.locator(".reference")


def edits(studio: Studio) -> Locator:
    return studio.page.locator("#strip .thumb")


def field(studio: Studio, name: str) -> Locator:
    return studio.page.locator(f"#edit-form [name={name}]")


def test_what_is_entered_stays_and_comes_back(studio: Studio, backstage: Backstage) -> None:
    studio.add_picture(photo(width=1600, height=1200), name="harbor.jpg")
    expect(studio.source).to_contain_text("limit 1024²")
    studio.write("make it warmer")
    studio.page.get_by_text("Options", exact=True).click()
    field(studio, "steps").fill("90")
    field(studio, "seed").fill("7")
    choose(studio, "step-image-edit-2")
    expect(field(studio, "steps")).to_have_value("50")
    expect(studio.page.locator("#model-note")).to_contain_text("steps 50")
    expect(studio.source).to_contain_text("Will be sent as 1600×1200")
    expect(field(studio, "size")).to_have_count(0)
    choose(studio, GPT)
    expect(field(studio, "seed")).to_have_count(0)
    expect(studio.page.locator("#prompt-count")).to_have_text("14 / 32,000")
    choose(studio, "step-1x-edit")
    expect(field(studio, "steps")).to_have_value("90")
    expect(field(studio, "seed")).to_have_value("7")
    expect(studio.prompt).to_have_value("make it warmer")
    expect(studio.source).to_contain_text("harbor.jpg")
    assert backstage("count_edits") == 0


def test_an_edit_goes_to_the_chosen_model(studio: Studio, retake: Installation) -> None:
    studio.add_picture()
    choose(studio, "step-image-edit-2")
    studio.write("sepia")
    studio.send()
    studio.expect_result()
    assert retake.rows("SELECT model, size FROM edits_editrequest") == [("step-image-edit-2", "")]
    studio.open()
    expect(studio.page.locator("#model-chosen")).to_contain_text("step-image-edit-2")


def test_the_menu_is_used_with_the_keyboard_and_enter_sends_nothing(
    studio: Studio, backstage: Backstage
) -> None:
    studio.add_picture()
    studio.write("sepia")
    keyboard = studio.page.keyboard
    summary = studio.page.locator("#model-menu > summary")
    summary.focus()
    keyboard.press("Enter")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    expect(studio.page.locator("#model-chosen")).to_contain_text("step-image-edit-2")
    keyboard.press("ArrowDown")
    expect(studio.page.locator("#model-chosen")).to_contain_text(QWEN)
    keyboard.press("Enter")
    expect(studio.page.locator("#model-menu")).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()
    expect(studio.page.locator("#live")).to_contain_text(QWEN)
    assert backstage("count_edits") == 0


def test_a_model_on_hold_is_in_sight_with_its_reason_and_cannot_be_chosen(studio: Studio) -> None:
    studio.page.locator("#model-menu > summary").click()
    off = studio.page.locator(".model.is-off")
    expect(off).to_contain_text("Old box is on hold")
    expect(off.locator("input")).to_be_disabled()
    off.click(force=True)
    expect(studio.page.locator("#model-chosen")).to_contain_text("step-1x-edit")


def test_references_are_added_moved_removed_and_sent_in_their_order(
    studio: Studio, retake: Installation, backstage: Backstage
) -> None:
    backstage("hold_the_queue")
    studio.add_picture()
    choose(studio, QWEN)
    add_references(studio, "a.jpg", "b.jpg")
    expect(references(studio)).to_have_count(2)
    expect(studio.page.locator("#add-reference")).to_be_hidden()
    move = studio.page.get_by_role("button", name="Move reference 2 earlier")
    move.focus()
    press(studio.page, "Enter")
    expect(references(studio).first).to_contain_text("b.jpg")
    expect(studio.page.locator("#live")).to_have_text("Now reference 1.")
    studio.page.get_by_role("button", name="Remove reference 2").click()
    add_references(studio, "c.jpg")
    studio.write("in the colors of reference 2")
    studio.send()
    expect(edits(studio)).to_have_count(1)
    rows = retake.rows("SELECT position, name FROM edits_editreference ORDER BY position")
    assert rows == [(1, "b.jpg"), (2, "c.jpg")]
    expect(references(studio)).to_have_count(2)
    studio.send()
    expect(edits(studio)).to_have_count(2)
    assert retake.rows("SELECT count(*) FROM edits_editreference") == [(4,)]


def test_what_is_dropped_on_the_references_is_one_and_anything_else_is_the_source(studio: Studio) -> None:
    choose(studio, QWEN)
    carried = studio.page.evaluate_handle(TRANSFER, [b64encode(photo(seed=3)).decode(), "palette.jpg"])
    studio.stage.dispatch_event("dragenter", {"dataTransfer": carried})
    for kind in ("dragover", "drop"):
        studio.page.locator("#references").dispatch_event(kind, {"dataTransfer": carried})
    expect(references(studio)).to_contain_text("palette.jpg")
    expect(studio.page.locator("body")).not_to_have_class(re.compile("dropping"))
    expect(studio.page.locator(".source")).to_have_count(0)
    studio.drop_picture(photo(), name="harbor.jpg")
    expect(studio.source).to_contain_text("harbor.jpg")
    studio.paste_picture(photo(seed=2), name="clipboard.jpg")
    expect(studio.source).to_contain_text("clipboard.jpg")
    expect(references(studio)).to_have_count(1)


def test_a_bad_reference_is_named_and_the_others_stay(studio: Studio) -> None:
    studio.person.may_be_refused(422)
    choose(studio, GPT)
    add_references(studio, "a.jpg")
    bad = FilePayload(name="notes.pdf", mimeType="image/jpeg", buffer=b"%PDF-1.7")
    studio.page.locator("#id_reference").set_input_files([bad])
    expect(studio.page.locator("#error-reference")).to_contain_text("notes.pdf")
    expect(references(studio)).to_have_count(1)


def test_an_error_elsewhere_loses_no_reference(studio: Studio, backstage: Backstage) -> None:
    studio.person.may_be_refused(422)
    choose(studio, QWEN)
    studio.add_picture()
    add_references(studio, "a.jpg")
    studio.write("sepia")
    studio.page.get_by_text("Options", exact=True).click()
    field(studio, "seed").fill("many")
    studio.send()
    expect(studio.page.locator("#error-seed")).to_contain_text("whole number")
    expect(references(studio)).to_have_count(1)
    field(studio, "seed").fill("7")
    backstage("hold_the_queue")
    studio.send()
    expect(edits(studio)).to_have_count(1)
    expect(references(studio)).to_have_count(1)


def test_a_model_without_references_hides_them_and_another_brings_them_back(studio: Studio) -> None:
    choose(studio, GPT)
    add_references(studio, "a.jpg", "b.jpg", "c.jpg")
    choose(studio, "step-1x-edit")
    expect(studio.page.locator("#references")).to_be_hidden()
    choose(studio, QWEN)
    expect(references(studio)).to_have_count(3)
    studio.add_picture()
    studio.write("sepia")
    studio.send()
    expect(studio.page.locator("#reasons")).to_contain_text("at most 2 references")


def test_use_all_brings_model_options_and_references_and_undo_takes_them_back(
    studio: Studio, backstage: Backstage
) -> None:
    edit = backstage("edit_with_references", owner="alice")
    studio.open(f"?show={edit}&model=openai/gpt-image-2")
    studio.write("my own words")
    studio.page.get_by_role("button", name="Remove reference 2").click()
    studio.act("Use all")
    expect(studio.page.locator("#model-chosen")).to_contain_text(QWEN)
    expect(references(studio)).to_have_count(2)
    expect(field(studio, "steps")).to_have_value("33")
    expect(studio.prompt).to_have_value("like reference 1")
    studio.page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(studio.page.locator("#model-chosen")).to_contain_text(GPT)
    expect(studio.prompt).to_have_value("my own words")
    expect(references(studio)).to_have_count(1)


def test_a_draft_keeps_its_model_over_a_reload(studio: Studio) -> None:
    choose(studio, GPT)
    studio.write("my own words")
    studio.page.reload()
    expect(studio.page.locator("#model-chosen")).to_contain_text(GPT)
    expect(studio.prompt).to_have_value("my own words")
    expect(field(studio, "quality")).to_have_count(1)


def test_the_draft_of_one_edit_does_not_cover_another(studio: Studio, backstage: Backstage) -> None:
    first = backstage("edit_with_references", owner="alice")
    (second,) = backstage("finished_edits", owner="alice", prompt="black and white")
    studio.open(f"?show={first}")
    studio.open(f"?show={second}")
    expect(studio.prompt).to_have_value("black and white")
    expect(studio.page.locator("#model-chosen")).to_contain_text("step-1x-edit")
    expect(references(studio)).to_have_count(0)


def test_without_script_the_model_is_chosen_by_a_button(
    open_window: Window, backstage: Backstage, retake: Installation
) -> None:
    backstage("several_models")
    backstage("hold_the_queue")
    studio = Studio(open_window("alice", java_script_enabled=False)).open("?sample=cat")
    studio.write("sepia")
    studio.page.locator("#model-menu > summary").click()
    studio.page.get_by_role("radio", name=re.compile(QWEN)).check()
    studio.page.get_by_role("button", name="Show its options").click()
    expect(studio.prompt).to_have_value("sepia")
    expect(studio.source).to_contain_text("cat.jpg")
    files = [FilePayload(name=name, mimeType="image/jpeg", buffer=photo()) for name in ("a.jpg", "b.jpg")]
    studio.page.locator("#id_reference").set_input_files(files)
    studio.send()
    expect(edits(studio)).to_have_count(1)
    expect(references(studio)).to_have_count(2)
    studio.page.get_by_role("button", name="Move reference 1 later").click()
    expect(references(studio).first).to_contain_text("b.jpg")
    assert retake.rows("SELECT model, seed > 0 FROM edits_editrequest") == [("Qwen/Qwen-Image-Edit-2511", 1)]
