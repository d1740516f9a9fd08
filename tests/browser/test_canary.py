"""Canaries on a provider's page in a browser: switched on and off, read as a chart and a table, compared."""

import re

from playwright.sync_api import expect

from tests.browser.backstage import Backstage
from tests.browser.people import Person, press


def test_root_reads_what_changed_and_compares_the_pictures(root: Person, backstage: Backstage) -> None:
    page = root.goes_to(f"/settings/providers/{backstage('canary_of_thirty_days')}/")
    canary = page.locator(".canary").first
    expect(canary.get_by_role("img", name=re.compile("29 answered, 1 failed"))).to_be_visible()
    expect(canary.locator("rect.bar")).to_have_count(29)
    pictures = canary.locator(".canary-pair img")
    expect(pictures.first).to_be_hidden()
    canary.get_by_text("Compare").click()
    for picture in (pictures.first, pictures.last):
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.complete && image.naturalWidth > 0"), (
            "the policy lets it load"
        )
    canary.get_by_text("All runs of the last 30 days").click()
    expect(canary.get_by_role("row")).to_have_count(31)


def test_root_switches_one_on_by_keyboard_and_off_again(root: Person, backstage: Backstage) -> None:
    page = root.goes_to(f"/settings/providers/{backstage('canary_of_thirty_days')}/")
    switch = page.get_by_role("switch", name=re.compile("FLUX"))
    expect(switch).not_to_be_checked()
    switch.focus()
    press(page, "Enter")
    root.is_told("Canary of FLUX.2 klein 4B switched on.")
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
