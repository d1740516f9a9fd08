"""Tags by hand: many at once from the bar, and one by one beside the picture."""

from playwright.sync_api import expect

from tests.browser.backstage import Backstage
from tests.browser.people import Person


def test_selected_edits_are_tagged_with_enter_and_nothing_is_shared(
    alice: Person, backstage: Backstage
) -> None:
    backstage("finished_edits", owner="alice", count=2)
    page = alice.goes_to("/history/")
    alice.may_be_refused(422)
    page.locator(".card .pick input").nth(0).check()
    page.locator("#bulk summary").click()
    names = page.get_by_label("Tags, separated by commas")
    names.fill("harbor, a/b")
    names.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("“a/b” can't be a tag.")
    expect(names).to_have_value("harbor, a/b")
    names.fill("harbor")
    names.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Tagged 1 edit.")
    assert backstage("count_edits", tags__name="harbor") == 1
    assert backstage("count_edits", shared_at__isnull=False) == 0

    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("Undone.")
    assert backstage("count_edits", tags__name="harbor") == 0


def test_a_tag_is_put_beside_the_picture_and_leads_to_all_that_have_it(
    alice: Person, backstage: Backstage
) -> None:
    backstage("finished_edits", owner="alice", count=2)
    page = alice.goes_to("/history/")
    page.locator(".card > a").first.click()
    tags = page.locator("#tags")
    tags.get_by_label("Tags to add, separated by commas").fill("night shots")
    tags.get_by_role("button", name="Tag", exact=True).click()
    tags.get_by_role("link", name="night shots").click()
    expect(page.locator(".card")).to_have_count(1)


def test_on_a_phone_the_whole_bar_is_in_sight(alice: Person, backstage: Backstage) -> None:
    backstage("finished_edits", owner="alice", count=1)
    page = alice.goes_to("/history/")
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".card .pick input").first.check()
    expect(page.locator("#bulk").get_by_role("button", name="Done")).to_be_in_viewport(ratio=1)
    page.locator("#bulk summary").click()
    expect(page.get_by_label("Tags, separated by commas")).to_be_in_viewport(ratio=1)
