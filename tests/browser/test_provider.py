"""The page Provider in a browser: a test of the connection in place, stop and resume, and figures that stay fresh."""

from playwright.sync_api import expect

from tests.browser.backstage import Backstage
from tests.browser.people import Person

PAGE = "/settings/provider/"


def test_a_test_of_the_connection_opens_a_held_queue(root: Person, backstage: Backstage) -> None:
    backstage("provider_is", state="held", owner="alice")
    page = root.goes_to(PAGE)
    expect(page.get_by_role("heading", name="Held since")).to_be_visible()
    page.get_by_role("button", name="Test the connection").click()
    expect(page.get_by_text("The queue was held and goes on now.")).to_be_visible()
    expect(page.get_by_role("heading", name="Open")).to_be_visible()
    expect(page.get_by_role("button", name="Test the connection")).to_be_focused()


def test_what_root_stops_alice_reads_until_it_is_resumed(root: Person, alice: Person) -> None:
    page = root.goes_to(PAGE)
    page.get_by_role("button", name="Stop sending").click()
    expect(page.get_by_role("heading", name="Stopped by root")).to_be_visible()
    alice.goes_to("/history/")
    expect(alice.page.get_by_text("An administrator stopped it.")).to_be_visible()
    page.get_by_role("button", name="Resume sending").click()
    expect(page.get_by_role("heading", name="Open")).to_be_visible()
    alice.page.reload()
    expect(alice.page.get_by_text("Editing is paused")).to_have_count(0)


def test_an_open_page_notices_what_another_administrator_did(root: Person, backstage: Backstage) -> None:
    page = root.goes_to(PAGE)
    expect(page.get_by_role("heading", name="Open")).to_be_visible()
    backstage("provider_is", state="stopped", owner="alice")
    expect(page.get_by_role("button", name="Resume sending")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("trace-1", exact=True)).to_be_visible()
