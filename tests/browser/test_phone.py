"""On a phone of 390 pixels: the main job by thumb, and no page that scrolls sideways."""

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.pages import Studio, phone_photo
from tests.browser.people import Person, assert_it_fits_the_width
from tests.pictures import photo

THUMB_PX = 44
ACTIONS = 7
WIDTH_PX = 390
HALF_PX = 150
MOST_OF_THE_HEIGHT_PX = 360
ENDS = "(controls) => controls.map((control) => control.getBoundingClientRect().right)"


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


def test_no_action_hides_behind_a_swipe(alice: Person, backstage: Backstage) -> None:
    done = backstage("one_of_each", owner="alice")
    for path in (f"/?show={done}", f"/edits/{done}/"):
        page = alice.goes_to(path)
        ends = page.locator(".edit-actions :is(a, button, summary):visible").evaluate_all(ENDS)
        assert len(ends) == ACTIONS
        assert max(ends) <= WIDTH_PX
        page.locator(".edit-actions [aria-label=More]").tap()
        for item in ("Use prompt", "Move to the trash"):
            expect(
                page.locator(".edit-actions [aria-label=More] + .menu-list").get_by_text(item)
            ).to_be_in_viewport(ratio=1)


def test_while_one_writes_the_picture_and_the_bar_have_the_window(
    alice: Person, backstage: Backstage
) -> None:
    backstage("finished_edits", owner="alice", count=2)
    studio = Studio(alice).open()
    studio.prompt.tap()
    studio.page.set_viewport_size({"width": 390, "height": 480})  # as its keyboard leaves it
    expect(studio.send_button).to_be_in_viewport(ratio=1)
    expect(studio.prompt).to_be_in_viewport(ratio=1)
    picture, bar = (
        studio.stage.locator(".compare").bounding_box(),
        studio.page.locator(".rail").bounding_box(),
    )
    assert picture
    assert bar
    assert picture["height"] > HALF_PX
    assert picture["y"] + picture["height"] <= bar["y"]
    expect(studio.thumbs.first).to_be_hidden()


def test_what_the_share_sheet_sends_is_in_the_form(alice: Person) -> None:
    alice.goes_to("/history/")
    picture = FilePayload(name="IMG_1.jpg", mimeType="image/jpeg", buffer=phone_photo())
    shared: dict[str, str | float | bool | bytes | FilePayload] = {
        "image": picture,
        "text": "make it a sketch",
    }
    answer = alice.context.request.post(
        alice.home + "/share/", multipart=shared, headers={"Sec-Fetch-Site": "none"}
    )
    studio = Studio(alice).open(answer.url.removeprefix(alice.home + "/"))
    expect(studio.source).to_contain_text("Will be sent as")
    expect(studio.prompt).to_have_value("make it a sketch")
    studio.send_button.tap()
    studio.expect_result()


class TestSideways:
    """The same phone on its side: 844 by 390 pixels."""

    @pytest.fixture
    def alice(self, open_window: Window) -> Person:
        return open_window(
            "alice", width=844, height=390, has_touch=True, is_mobile=True, device_scale_factor=2
        )

    def test_the_picture_has_the_height_of_the_studio(self, alice: Person) -> None:
        studio = Studio(alice).open()
        studio.add_picture(photo(width=600, height=600))
        expect(studio.source).to_contain_text("Will be sent as")
        studio.write("turn it black and white")
        expect(studio.send_button).to_be_in_viewport(ratio=1)
        studio.send_button.tap()
        studio.expect_result()
        box = studio.stage.locator(".compare").bounding_box()
        assert box
        assert box["height"] >= MOST_OF_THE_HEIGHT_PX
        assert_it_fits_the_width(alice.page)
        studio.stage.get_by_role("button", name="Re-run same seed").tap()
        expect(studio.stage.get_by_text("identical to run 1")).to_be_visible()
        assert_it_fits_the_width(alice.page)

    def test_the_picture_has_all_the_height_of_the_viewer(self, alice: Person, backstage: Backstage) -> None:
        done = backstage("finished_edits", owner="alice")[0]
        page = alice.goes_to(f"/edits/{done}/")
        stage = page.locator(".viewer-stage").bounding_box()
        assert stage
        assert (stage["y"], stage["height"]) == (0, 390)
        for name in ("Re-run same seed", "Star"):
            expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
        page.get_by_role("link", name="Team").scroll_into_view_if_needed()
        expect(page.get_by_role("link", name="Team")).to_be_in_viewport()
        assert_it_fits_the_width(page)

    @pytest.mark.parametrize("path", ["/", "/history/", "/settings/"])
    def test_nothing_sticks_out(self, alice: Person, backstage: Backstage, path: str) -> None:
        backstage("one_of_each", owner="alice")
        assert_it_fits_the_width(alice.goes_to(path))


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
