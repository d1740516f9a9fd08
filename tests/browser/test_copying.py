"""Copying in a real browser: over plain http, where a page has no clipboard, and where the browser refuses it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import PLAIN_HOST, Person, press
from tests.installation import Installation, eventually

SELECTED = "field => field.value.slice(field.selectionStart, field.selectionEnd)"
NO_COMMAND = "document.execCommand = () => false"
REFUSING = (
    "void (navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError')))"
)
SETTINGS = "/settings/"


@pytest.fixture
def alice(open_window: Window, retake: Installation) -> Person:
    """At the site by a name over plain http, as most people first see theirs."""
    return open_window("alice", home=f"http://{PLAIN_HOST}:{retake.port}")


def pasted(page: Page) -> str:
    """What the clipboard holds: put into a field by the keyboard, for the page itself may not read it."""
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'pasted'}))")
    page.locator("#pasted").press("ControlOrMeta+V")
    text = page.locator("#pasted").input_value()
    page.locator("#pasted").evaluate("field => field.remove()")
    return text


def makes_key(person: Person) -> Page:
    """A new API key is shown, this once."""
    page = person.goes_to(SETTINGS)
    assert not page.evaluate("isSecureContext || 'clipboard' in navigator")
    page.get_by_text("Create an API key").click()
    page.get_by_label("Name", exact=True).fill("nightly")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_label("New API key", exact=True)).to_be_visible()
    return page


def test_alice_copies_a_key_that_is_shown_once_and_hears_of_it(alice: Person) -> None:
    page = makes_key(alice)
    page.get_by_role("button", name="Copy the key").click()
    alice.is_told("Copied.")
    expect(page.locator("#toasts")).to_have_attribute("aria-live", "polite")
    assert pasted(page) == page.get_by_label("New API key", exact=True).input_value()
    page.get_by_role("button", name="Copy the example").click()
    eventually(lambda: pasted(page).startswith("curl "))
    expect(page.locator("#toasts").get_by_text("Copied.")).to_have_count(1)  # the same again does not pile up


def test_where_the_browser_does_not_copy_it_selects_the_key_and_names_the_keys_to_press(
    alice: Person,
) -> None:
    alice.page.add_init_script(NO_COMMAND)
    page = makes_key(alice)
    key = page.get_by_label("New API key", exact=True)
    page.get_by_role("button", name="Copy the key").click()
    alice.is_told("Press Ctrl+C")
    expect(key).to_be_focused()
    assert key.evaluate(SELECTED) == key.input_value()
    press(page, "Control+C")
    assert pasted(page) == key.input_value()


def test_text_without_a_field_is_shown_in_one_to_copy_by_hand(alice: Person) -> None:
    alice.page.add_init_script(NO_COMMAND)
    page = makes_key(alice)
    page.get_by_role("button", name="Copy the example").press("Enter")
    shown = page.get_by_label("The text to copy")
    expect(shown).to_be_focused()
    assert shown.evaluate(SELECTED).startswith("curl ")
    assert shown.evaluate(SELECTED) == shown.input_value()


def test_a_key_can_always_be_selected_by_the_keyboard(alice: Person) -> None:
    page = makes_key(alice)
    key = page.get_by_label("New API key", exact=True)
    page.get_by_role("button", name="Copy the key").focus()
    press(page, "Shift+Tab")
    expect(key).to_be_focused()
    assert key.evaluate(SELECTED) == key.input_value()


def test_the_link_to_an_edit_and_what_is_known_of_it_are_copied(alice: Person, backstage: Backstage) -> None:
    edit = backstage("finished_edits", owner="alice")[0]
    page = alice.goes_to(f"/edits/{edit}/?from=history")
    page.get_by_role("button", name="Copy edit ID").click()
    alice.is_told("Copied.")
    assert pasted(page) == edit
    page.locator(".menu > summary[aria-label=More]").click()
    page.get_by_role("button", name="Copy link").click()
    alice.is_told("It works for everyone who can see this edit.")
    assert pasted(page) == f"{alice.home}/edits/{edit}/"


def test_a_browser_that_refuses_its_clipboard_copies_all_the_same(open_window: Window) -> None:
    root = open_window("root")
    page = root.goes_to("/v1/docs")
    assert page.evaluate("isSecureContext")
    page.evaluate(REFUSING)
    page.get_by_role("button", name="Copy the base URL").click()
    root.is_told("Copied.")
    assert pasted(page) == f"{root.home}/v1"
