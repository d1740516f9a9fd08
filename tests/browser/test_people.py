"""How people come in and leave: invitations, signing in and out, and what an administrator does about them."""

import re

from playwright.sync_api import Page, expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import PASSWORD, Person

CAROLS_PASSWORD = "a harbor at dawn 9"


def more_for_bob(page: Page) -> None:
    """Open the menu with what an administrator can do about Bob."""
    page.locator("#people").get_by_label("More for bob").click()


def test_an_invitation_made_on_the_settings_page_lets_one_person_in(
    root: Person, open_window: Window, stranger: Person
) -> None:
    page = root.goes_to("/settings/")
    page.get_by_label("Note (optional)").fill("Carol")
    page.get_by_role("button", name="Create invitation").click()
    link = page.get_by_label("Link", exact=True).input_value()

    carol = open_window("carol", signed_in=False)
    carol.page.goto(link)
    carol.page.get_by_label("Username").fill("carol")
    carol.page.get_by_label("Password", exact=True).fill(CAROLS_PASSWORD)
    carol.page.get_by_role("button", name="Create account").click()
    expect(carol.page).to_have_url(f"{carol.home}/")
    expect(carol.page.get_by_role("heading", name="Studio")).to_be_attached()

    stranger.may_be_refused(404).page.goto(link)
    expect(stranger.page.get_by_text("This invitation has already been used.")).to_be_visible()
    page.reload()
    expect(page.locator("#people")).to_contain_text("carol")


def test_a_stranger_signs_in_and_arrives_where_they_were_going(
    stranger: Person, backstage: Backstage
) -> None:
    page = stranger.goes_to("/settings/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Username or email").fill("alice")
    page.get_by_label("Password").fill("a wrong guess")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".errorlist")).to_be_visible()
    expect(page.get_by_label("Username or email")).to_have_value("alice")

    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/settings/$"))


def test_who_signs_out_is_out_in_every_tab(alice: Person) -> None:
    page = alice.goes_to("/settings/")
    tab = alice.new_tab("/")
    alice.opens_account_menu()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    tab.reload()
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()


def test_who_is_deactivated_is_out_at_once(root: Person, bob: Person) -> None:
    bob.goes_to("/settings/")
    page = root.goes_to("/settings/")
    more_for_bob(page)
    page.get_by_role("link", name="Deactivate").click()
    expect(page.get_by_role("heading", name="Deactivate bob?")).to_be_visible()
    page.get_by_role("button", name="Deactivate bob").click()
    expect(page.locator("#people")).to_contain_text("deactivated")
    bob.page.reload()
    expect(bob.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_forgotten_password_is_set_anew_by_an_administrators_link(
    root: Person, open_window: Window
) -> None:
    page = root.goes_to("/settings/")
    more_for_bob(page)
    page.get_by_role("button", name="Create password link").click()
    link = page.get_by_label("Link", exact=True).input_value()

    bob = open_window("bob", signed_in=False)
    bob.page.goto(link)
    bob.page.get_by_label("New password", exact=True).fill(CAROLS_PASSWORD)
    again = bob.page.get_by_label(re.compile("again"))
    if again.count():
        again.fill(CAROLS_PASSWORD)
    bob.page.get_by_role("button", name=re.compile("password", re.IGNORECASE)).click()
    bob.goes_to("/accounts/login/")
    bob.signs_in(password=CAROLS_PASSWORD)
    expect(bob.page).to_have_url(f"{bob.home}/")


def test_a_members_settings_say_nothing_of_others(alice: Person) -> None:
    page = alice.goes_to("/settings/")
    expect(page.get_by_role("heading", name="People")).to_have_count(0)
    expect(page.get_by_role("heading", name="Invitations")).to_have_count(0)
    expect(page.get_by_text("bob")).to_have_count(0)
