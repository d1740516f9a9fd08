"""On a phone of 390 pixels: the main job by thumb, and no page that scrolls sideways."""

import pytest
from playwright.sync_api import expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.pages import Studio, phone_photo
from tests.browser.people import Person, assert_it_fits_the_width

THUMB_PX = 44


@pytest.fixture
def alice(open_window: Window) -> Person:
    """Alice with her phone in hand."""
    return open_window("alice", width=390, height=844, has_touch=True, is_mobile=True, device_scale_factor=2)


def test_a_photo_is_edited_and_seen(alice: Person) -> None:
    studio = Studio(alice).open()
    studio.add_picture(phone_photo())
    expect(studio.source).to_contain_text("Will be sent as")
    studio.write("turn it black and white")
    expect(studio.send_button).to_be_in_viewport()
    studio.send_button.tap()
    studio.expect_result()
    expect(studio.stage.locator(".compare img.after")).to_be_in_viewport()
    assert_it_fits_the_width(alice.page)

    studio.stage.get_by_role("button", name="Re-run same seed").tap()
    expect(studio.stage.get_by_text("identical to run 1")).to_be_visible()
    assert_it_fits_the_width(alice.page)


def test_the_options_are_a_sheet_that_shuts(alice: Person) -> None:
    studio = Studio(alice).open()
    studio.page.get_by_text("Options", exact=True).tap()
    steps = studio.page.get_by_role("spinbutton", name="Steps")
    expect(steps).to_be_in_viewport()
    studio.page.get_by_role("button", name="Done").tap()
    expect(steps).to_be_hidden()


@pytest.mark.parametrize("path", ["/", "/history/", "/team/", "/trash/", "/settings/"])
def test_what_one_touches_is_large_enough_for_a_thumb(alice: Person, backstage: Backstage, path: str) -> None:
    backstage("finished_edits", owner="alice", count=2, shared=True)
    page = alice.goes_to(path)
    small = page.locator(".btn:visible, nav[aria-label=Main] a:visible, summary:visible").evaluate_all(
        """(controls, least) => controls.filter((control) => control.getBoundingClientRect().height < least)
          .map((control) => `${control.getBoundingClientRect().height} px: ${control.outerHTML.slice(0, 120)}`)""",
        THUMB_PX,
    )
    assert small == []
