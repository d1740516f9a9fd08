"""A picture is downloaded in a chosen format, dropped on the studio again, and fills the form."""

import pytest
from playwright.sync_api import FilePayload, expect

from edits.images.containers import xmp_of
from edits.images.xmp_reading import read_packet
from tests.browser.accessibility import assert_accessible
from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import Person, assert_it_fits_the_width


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=str)
def alice(request: pytest.FixtureRequest, open_window: Window) -> Person:
    """At a desk and on a phone."""
    width, height = request.param
    return open_window("alice", width=width, height=height, has_touch=width < 760)


def test_a_downloaded_file_fills_the_form_again(alice: Person, backstage: Backstage) -> None:
    [edit] = backstage("finished_edits", owner="alice")
    page = alice.goes_to(f"/edits/{edit}/")
    page.locator("summary[aria-label=Download]").click()
    page.get_by_label("Format").select_option("jpg")
    assert_it_fits_the_width(page)
    assert_accessible(page)
    with page.expect_download() as download:
        page.locator(".download-form").get_by_role("button", name="Download").click()
    data = download.value.path().read_bytes()
    recipe = read_packet(xmp_of(data)).recipe
    page = alice.goes_to("/")
    page.locator("#id_image").set_input_files(FilePayload(name="x.jpg", mimeType="image/jpeg", buffer=data))
    expect(page.locator(".source-marks")).to_contain_text("Made with Retake")
    assert_it_fits_the_width(page)
    assert_accessible(page)
    page.get_by_role("link", name="Use its settings").click()
    expect(page.locator("#id_prompt")).to_have_value(recipe["prompt"])
    expect(page.locator("#id_seed")).to_have_value(str(recipe["seed"]))
    assert page.url.endswith("/"), "nothing is sent, and no page is loaded"
    expect(page.get_by_role("link", name="Open the edit")).to_have_attribute("href", f"/edits/{edit}/")


def test_another_format_follows_at_once(alice: Person, backstage: Backstage) -> None:
    [edit] = backstage("finished_edits", owner="alice")
    page = alice.goes_to(f"/edits/{edit}/")
    page.locator("summary[aria-label=Download]").click()
    for name in ("jpg", "webp"):
        page.get_by_label("Format").select_option(name)
        with page.expect_download() as download:
            page.locator(".download-form").get_by_role("button", name="Download").click()
        assert download.value.suggested_filename.endswith(f".{name}")
