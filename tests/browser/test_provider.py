"""A provider's page in a browser: a test edit in place, switching off and on, and figures that stay fresh."""

from playwright.sync_api import expect

from tests.browser.backstage import Backstage
from tests.browser.people import Person

PAGE = "/settings/providers/stepfun/"


def test_a_test_edit_ends_a_hold(root: Person, backstage: Backstage) -> None:
    backstage("provider_is", state="held", owner="alice")
    page = root.goes_to(PAGE)
    expect(page.get_by_role("heading", name="On hold since")).to_be_visible()
    page.get_by_role("button", name="Send test edit").click()
    expect(page.get_by_text("The hold is over, and waiting edits are sent again.")).to_be_visible()
    expect(page.get_by_role("heading", name="Open")).to_be_visible()
    expect(page.get_by_role("button", name="Send test edit")).to_be_focused()


def test_what_root_switches_off_alice_reads_until_it_is_on_again(root: Person, alice: Person) -> None:
    page = root.goes_to(PAGE)
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("heading", name="Switched off by root")).to_be_visible()
    alice.goes_to("/history/")
    expect(alice.page.get_by_text("Practice engine is switched off.")).to_be_visible()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("heading", name="Open")).to_be_visible()
    alice.page.reload()
    expect(alice.page.get_by_text("is switched off")).to_have_count(0)


def test_an_open_page_notices_what_another_administrator_did(root: Person, backstage: Backstage) -> None:
    page = root.goes_to(PAGE)
    expect(page.get_by_role("heading", name="Open")).to_be_visible()
    backstage("provider_is", state="stopped", owner="alice")
    expect(page.get_by_role("button", name="Switch on")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("trace-1", exact=True)).to_be_visible()
