"""Pictures that are dragged onto the studio: from our own pages, from other sites, and several at once."""

from base64 import b64encode

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.backstage import Backstage
from tests.browser.pages import Studio
from tests.browser.people import Person
from tests.installation import Installation
from tests.pictures import photo

ADDRESS = """address => {
  const transfer = new DataTransfer();
  transfer.setData("text/uri-list", address);
  transfer.setData("text/html", `<img src="${address}">`);
  return transfer;
}"""
FILES = """([base64, names]) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const transfer = new DataTransfer();
  for (const name of names) {
    const type = name.endsWith("jpg") ? "image/jpeg" : "text/plain";
    transfer.items.add(new File([bytes], name, { type }));
  }
  return transfer;
}"""
IS_TAKEN = """(field, dataTransfer) =>
  !field.dispatchEvent(new DragEvent("dragover", { dataTransfer, bubbles: true, cancelable: true }))"""


@pytest.fixture
def studio(alice: Person) -> Studio:
    """Alice's studio, open."""
    return Studio(alice).open()


def carry(studio: Studio, picture: Locator, *, to: Locator) -> None:
    """With the mouse; the veil that appears on the way is what it is let go on."""
    picture.hover()
    studio.page.mouse.down()
    for _ in range(4):
        to.hover(force=True)
    studio.page.mouse.up()


def drop_address(studio: Studio, address: str, *, on: str = ".stage") -> None:
    """Let go a picture that was dragged in a browser; no file comes along."""
    transfer = studio.page.evaluate_handle(ADDRESS, address)
    for kind in ("dragenter", "dragover", "drop"):
        studio.page.locator(on).dispatch_event(kind, {"dataTransfer": transfer})


def test_a_picture_of_the_strip_becomes_the_source_by_its_id(
    studio: Studio, backstage: Backstage, retake: Installation
) -> None:
    [parent] = backstage("finished_edits", owner="alice")
    studio.open()
    carry(studio, studio.thumbs.first.get_by_role("img"), to=studio.source)
    expect(studio.source).to_contain_text("an earlier result")
    studio.write("sepia")
    studio.send()
    expect(studio.thumbs).to_have_count(2)
    [(found,)] = retake.rows("SELECT parent_id IS NOT NULL FROM edits_editrequest ORDER BY id DESC LIMIT 1")
    assert found, parent


@pytest.mark.parametrize(
    ("address", "words"),
    [("/edits/{id}/result/640/", "an earlier result"), ("/edits/{id}/", "an earlier result"),
     ("/?show={id}", "an earlier result"), ("/edits/{id}/source/", "Will be sent as"),
     ("/?sample=cat", "cat")],
)  # fmt: skip
def test_our_own_pictures_are_taken_by_address(
    studio: Studio, backstage: Backstage, address: str, words: str
) -> None:
    [edit] = backstage("finished_edits", owner="alice")
    drop_address(studio, studio.person.home + address.format(id=edit))
    expect(studio.page.locator("#source[data-reference]")).to_contain_text(words)
    expect(studio.page.locator("#error-image")).to_be_empty()


def test_a_picture_that_is_not_ones_own_is_refused_in_words(studio: Studio, backstage: Backstage) -> None:
    [edit] = backstage("finished_edits", owner="bob")
    studio.person.may_be_refused(404)
    studio.add_picture(name="cat.jpg")
    expect(studio.source).to_contain_text("Will be sent as")
    drop_address(studio, f"{studio.person.home}/edits/{edit}/result/")
    expect(studio.page.locator("#error-image")).to_contain_text("cannot be used here")
    expect(studio.source).to_contain_text("cat.jpg")


@pytest.mark.parametrize(
    "address", ["https://example.com/cat.png", "{home}/history/", "data:image/png;base64,iVBORw0KGgo="]
)
def test_anything_else_says_what_to_do(studio: Studio, address: str) -> None:
    drop_address(studio, address.format(home=studio.person.home))
    expect(studio.page.locator("#error-image")).to_have_text(
        "Save the picture first, or copy it and paste it here."
    )


def test_an_address_that_is_dropped_into_the_prompt_is_text(studio: Studio) -> None:
    transfer = studio.page.evaluate_handle(ADDRESS, "https://example.com/cat.png")
    assert not studio.prompt.evaluate(IS_TAKEN, transfer)
    assert studio.stage.evaluate(IS_TAKEN, transfer)


def test_several_files_are_a_list_whatever_their_names_say(studio: Studio) -> None:
    names = ["notes.txt", "x.jpg", *(f"{number}.jpg" for number in range(8))]
    transfer = studio.page.evaluate_handle(FILES, [b64encode(photo()).decode(), names])
    studio.stage.dispatch_event("drop", {"dataTransfer": transfer})
    expect(studio.page.locator(".many > li:not(.checking)")).to_have_count(10)
    expect(studio.page.locator(".many-count")).to_have_text("10 pictures")
