"""Only here: a region of a photo is marked, edited by the practice engine, and put into the whole photo."""

import re

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Window
from tests.browser.people import Person, assert_it_fits_the_width
from tests.pictures import encoded, opened
from tests.synthetic_photos import photo_like

SIZE = (1600, 1200)


@pytest.fixture(scope="module")
def photo() -> bytes:
    return encoded(photo_like(5, size=SIZE), format="JPEG", quality=92)


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=str)
def alice(request: pytest.FixtureRequest, open_window: Window) -> Person:
    """At a desk and on a phone."""
    width, height = request.param
    return open_window("alice", width=width, height=height, has_touch=width < 760)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place of the marked picture to another, in shares of it."""
    area = page.locator(".marker-sheet").bounding_box()
    assert area
    points = [(area["x"] + x * area["width"], area["y"] + y * area["height"]) for x, y in (start, end)]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=6)
    page.mouse.up()


def test_a_marked_region_is_edited_and_the_rest_stays_as_it_was(alice: Person, photo: bytes) -> None:
    page = alice.goes_to("/")
    page.locator("#id_image").set_input_files(
        FilePayload(name="harbor.jpg", mimeType="image/jpeg", buffer=photo)
    )
    expect(page.locator("#only-here")).to_be_visible()
    page.get_by_text("Only here", exact=True).click()
    expect(page.locator(".marker-sheet img")).to_be_visible()
    drag(page, (0.35, 0.35), (0.6, 0.6))
    expect(page.locator("#here-words")).to_contain_text("is sent as")
    expect(page.locator("#id_region")).to_have_value(re.compile(r"^(55|56)\d, (41|42)\d, "))
    expect(page.locator(".marker-sent")).to_be_visible()
    edge = page.get_by_role("slider", name="Soft edge of the region, in pixels")
    expect(edge).to_have_value("8")  # by the region's size
    edge.fill("20")
    expect(page.locator("input[name=feather_px]")).to_have_value("20")
    assert_it_fits_the_width(page)
    assert_accessible(page)
    page.locator("#id_prompt").fill("make it black and white")
    page.locator("#send").click()
    expect(page.locator(".compare .tag.r")).to_have_text("In the original", timeout=30_000)
    alice.has_all_pictures()
    assert_it_fits_the_width(page)
    assert_accessible(page)
    expect(page.locator("#id_region")).to_have_value(re.compile("^55|^56"))  # to go on with
    page.locator("summary[aria-label=Download]").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="PNG").click()
    merged = Image.open(download.value.path()).convert("RGB")
    changed = ImageChops.difference(merged, opened(photo).convert("RGB")).getbbox()
    assert merged.size == SIZE
    assert changed is not None
    assert 0.3 * SIZE[0] < changed[0] < changed[2] < 0.65 * SIZE[0]
    page.get_by_role("link", name="Model’s answer").first.click()
    expect(page.locator(".compare .tag.r")).to_have_text("Model’s answer")
