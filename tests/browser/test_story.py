"""The whole story of a fresh installation, from end to end, with all roles."""

import re

from playwright.sync_api import expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.pages import Studio, phone_photo
from tests.browser.people import Person
from tests.pictures import photo

PROMPT = "turn it black and white, add film grain"
REASON = "Fine for the first-aid leaflet."


def test_a_result_is_proven_shared_found_and_its_recipe_reused(
    alice: Person, root: Person, open_window: Window
) -> None:
    studio = Studio(alice)
    studio.makes_an_edit(PROMPT, data=phone_photo())
    studio.act("Re-run same seed")
    expect(studio.stage.get_by_text("identical to run 1")).to_be_visible()
    seed = studio.stage.locator(".edit-actions").get_attribute("data-seed")
    studio.share()
    alice.is_told("Shared with the team.")

    carol = open_window("carol", signed_in=False)
    carol.page.goto(invitation_by(root))
    carol.page.get_by_label("Username").fill("carol")
    carol.page.get_by_label("Password", exact=True).fill("a harbor at dawn 9")
    carol.page.get_by_role("button", name="Create account").click()

    carol.page.get_by_role("link", name="Team", exact=True).click()
    expect(carol.page.locator(".card")).to_have_count(1)
    carol.page.locator(".card > a").click()
    carol.page.get_by_role("link", name="Use all").click()
    own = Studio(carol)
    expect(own.prompt).to_have_value(PROMPT)
    own.add_picture(photo(seed=3), name="carols-cat.jpg")
    own.page.get_by_text("Options", exact=True).click()
    expect(own.page.get_by_label("Seed", exact=True)).to_have_value(seed or "")
    own.send()
    own.expect_result()
    expect(own.thumbs).to_have_count(1)


def invitation_by(root: Person) -> str:
    """A link that Root makes on the settings page."""
    page = root.goes_to("/settings/")
    page.get_by_role("button", name="Create invitation").click()
    return page.get_by_label("Link", exact=True).input_value()


def test_a_stopped_edit_is_told_plainly_decided_and_answered(
    alice: Person, rita: Person, bob: Person, backstage: Backstage
) -> None:
    studio = Studio(alice).open()
    studio.add_picture()
    studio.write("a bloody bandage on the hand")
    studio.send()
    stopped = studio.stage.locator(".stage-card.is-filtered")
    expect(stopped).to_contain_text("Stopped by the content filter")
    expect(stopped.get_by_role("img")).to_have_count(0)
    stopped.get_by_role("link", name="Ask for a review").click()
    alice.page.get_by_label("Note to the reviewer").fill("For the first-aid leaflet.")
    alice.page.get_by_role("button", name="Ask for a review").click()
    expect(alice.page.locator("#review")).to_contain_text("A reviewer will look")

    page = rita.goes_to("/")
    expect(page.get_by_role("link", name=re.compile("Review.*1"))).to_be_visible()
    page.get_by_role("link", name=re.compile("Review")).click()
    expect(page.locator(".case")).to_contain_text("For the first-aid leaflet.")
    page.get_by_role("button", name="Open case").click()
    page.get_by_role("radio", name="Release to the author").check()
    page.get_by_label("Reason", exact=True).fill(REASON)
    expect(page.locator("[data-preview]")).to_contain_text(REASON)
    page.get_by_role("button", name="Release").click()
    rita.is_told("alice")

    alice.goes_to("/settings/")
    alice.page.locator("#notices").get_by_role("link", name="Open").click()
    expect(alice.page.locator("#review")).to_contain_text(REASON)
    expect(alice.page.locator(".compare img.after")).to_be_visible()
    expect(bob.goes_to("/team/").locator(".card")).to_have_count(0)
