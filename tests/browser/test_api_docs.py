"""The reference of the API in a browser: calls are really made from it, with a key that is kept nowhere."""

import json

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.backstage import Backstage
from tests.browser.people import Person
from tests.pictures import photo

PAGE = "/v1/docs"
KEPT = "[localStorage.length, sessionStorage.length, document.cookie, document.documentElement.outerHTML]"


def call(page: Page, name: str) -> Locator:
    """The panel of one call."""
    return page.get_by_role("region", name=name, exact=True)


def send(panel: Locator) -> Locator:
    """Press its button; gives where the answer appears."""
    panel.get_by_role("button", name="Send").click()
    answer = panel.get_by_role("region", name="Response of")
    expect(answer).to_be_visible(timeout=60_000)
    return answer


def test_root_edits_a_picture_and_looks_at_the_edit(root: Person, backstage: Backstage) -> None:
    key = backstage("api_key", owner="root")
    page = root.goes_to(PAGE)
    page.get_by_label("API key").fill(key)
    edit = call(page, "Edit a picture")
    edit.get_by_label("image", exact=True).set_input_files(
        FilePayload(name="cat.jpg", mimeType="image/jpeg", buffer=photo())
    )
    edit.get_by_label("prompt", exact=True).fill("black and white")
    answer = send(edit)
    expect(answer.get_by_text("200 OK")).to_be_visible()
    expect(answer.get_by_text('"finish_reason": "success"')).to_be_visible()
    picture = answer.get_by_role("img", name="Returned picture")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    said = json.loads(answer.get_by_label("Response body").text_content() or "")
    look = call(page, "Look at one edit")
    expect(look.get_by_label("id", exact=True)).to_have_value(said["id"])
    expect(send(look).get_by_text('"status": "succeeded"')).to_be_visible()


def test_the_key_leaves_with_the_page_and_a_wrong_one_is_refused(root: Person, backstage: Backstage) -> None:
    key = backstage("api_key", owner="root")
    page = root.may_be_refused(401).goes_to(PAGE)
    page.get_by_label("API key").fill(key)
    models = call(page, "List the models")
    expect(send(models).get_by_text('"object": "list"')).to_be_visible()
    assert key not in str(page.evaluate(KEPT))
    page.reload()
    expect(page.get_by_label("API key")).to_have_value("")
    page.get_by_label("API key").fill("rtk_wrong")
    expect(send(models).get_by_text('"code": "invalid_api_key"')).to_be_visible()


def test_a_call_is_copied_for_the_terminal_without_the_key(root: Person) -> None:
    root.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = root.goes_to(PAGE)
    page.get_by_label("API key").fill("rtk_secret")
    listing = call(page, "List your edits")
    listing.get_by_label("q", exact=True).fill("it's red")
    listing.get_by_role("button", name="Copy as curl").click()
    root.is_told("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == (
        f"curl '{root.home}/v1/edits?q=it%27s+red' -H \"Authorization: Bearer $RETAKE_API_KEY\""
    )
