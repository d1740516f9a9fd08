"""Looking closely: by wheel, keys, double click, drag and fingers, with before and after in step."""

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import Person, assert_it_fits_the_width, press
from tests.installation import eventually

MATRIX = "sheet => { const m = new DOMMatrix(getComputedStyle(sheet).transform); return [m.a, m.e, m.f]; }"


@pytest.fixture
def edit(backstage: Backstage) -> str:
    """A result of Alice's that is larger than the stage, with its renditions."""
    public_id: str = backstage("large_edit", owner="alice")
    return public_id


@pytest.fixture
def page(alice: Person, edit: str) -> Page:
    """It, in the viewer."""
    page = alice.goes_to(f"/edits/{edit}/")
    alice.has_all_pictures()
    return page


def zoom(page: Page) -> str:
    """What the buttons say."""
    return page.locator("[data-zoom-now]").inner_text()


def places(page: Page) -> list[list[float]]:
    """How large and where each picture is; after what moved by itself has come to rest."""
    page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finished))")
    found: list[list[float]] = page.locator("[data-zoom-sheet]").evaluate_all(
        f"sheets => sheets.map({MATRIX})"
    )
    return found


def middle(page: Page) -> tuple[float, float]:
    box = page.locator("[data-zoom]").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_keys_show_all_of_it_or_each_pixel(page: Page) -> None:
    at_fit = zoom(page)
    press(page, "1")
    assert zoom(page) == "100 %"
    expect(page.get_by_role("button", name="100 %", exact=True).last).to_have_attribute(
        "aria-pressed", "true"
    )
    press(page, "4")
    assert zoom(page) == "400 %"
    image = page.locator("img.after")
    expect(image).to_have_css("image-rendering", "pixelated")
    press(page, "0")
    assert zoom(page) == at_fit
    press(page, "+")
    press(page, "-")
    assert zoom(page) == at_fit
    press(page, "z")
    assert zoom(page) != at_fit
    press(page, "z")
    assert zoom(page) == at_fit


def test_both_pictures_move_in_step_in_every_mode(page: Page) -> None:
    for _ in range(4):
        press(page, "4")
        press(page, "ArrowRight")
        press(page, "Shift+ArrowDown")
        before, after = places(page)
        assert before == after
        assert before[0] > 1
        press(page, "Escape")
        assert places(page) == [[1, 0, 0], [1, 0, 0]]
        press(page, "m")


def test_arrows_and_escape_belong_to_the_picture_only_while_it_is_zoomed(page: Page) -> None:
    here = page.url
    press(page, "4")
    first = places(page)[0]
    press(page, "ArrowRight")
    assert places(page)[0][1] < first[1]
    press(page, "Escape")
    expect(page.locator(".zoomed")).to_have_count(0)
    assert page.url == here
    press(page, "Escape")
    expect(page.locator(".gallery")).to_be_visible()


def test_the_wheel_zooms_to_the_point_below_the_pointer(page: Page) -> None:
    x, y = middle(page)
    page.mouse.move(x + 200, y)
    for _ in range(3):
        page.mouse.wheel(0, -100)
    scale, right, _ = places(page)[0]
    assert scale > 1.5
    assert right == pytest.approx(-200 * (scale - 1), rel=0.02)
    for _ in range(6):
        page.mouse.wheel(0, 100)
    assert places(page)[0] == [1, 0, 0]


def test_what_is_zoomed_is_dragged_and_the_handle_still_slides(page: Page) -> None:
    x, y = middle(page)
    press(page, "4")
    before = places(page)[0]
    page.mouse.move(x + 150, y + 100)
    page.mouse.down()
    page.mouse.move(x + 90, y + 60, steps=4)
    page.mouse.up()
    after = places(page)[0]
    assert [after[1] - before[1], after[2] - before[2]] == pytest.approx([-60, -40], abs=1)
    slider = page.get_by_role("slider", name="How much of the original to show")
    expect(slider).to_have_value("50")
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 150, y, steps=4)
    page.mouse.up()
    assert float(slider.input_value()) < 45
    assert places(page)[0] == after


def test_a_double_click_goes_closer_and_back_and_leaves_the_slider(page: Page) -> None:
    x, y = middle(page)
    page.mouse.dblclick(x + 150, y + 50)
    expect(page.locator(".zoomed")).to_have_count(1)
    expect(page.get_by_role("slider", name="How much of the original to show")).to_have_value("50")
    page.mouse.dblclick(x + 150, y + 50)
    expect(page.locator(".zoomed")).to_have_count(0)


def test_the_whole_picture_comes_only_for_a_close_look(page: Page, edit: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("/edits/")[-1]))
    after = page.locator("img.after")
    assert (after.get_attribute("src") or "").endswith("/result/1024/")
    page.evaluate("document.fonts.ready")
    assert asked == []
    press(page, "+")
    expect(after).to_have_attribute("src", f"/edits/{edit}/result/")
    expect(page.locator("img.before")).to_have_attribute("src", f"/edits/{edit}/source/")
    assert sorted(asked) == [f"{edit}/result/", f"{edit}/source/"]


def test_the_buttons_are_reached_by_tab_and_a_screen_reader_hears_the_level(page: Page) -> None:
    group = page.get_by_role("group", name="Zoom")
    closer = group.get_by_role("button", name="Zoom in", exact=True)
    page.locator(".compare > input").focus()
    for _ in range(3):
        press(page, "Tab")
    expect(closer).to_be_focused()
    press(page, "Enter")
    expect(group.get_by_role("status")).to_contain_text("percent")
    assert_accessible(page)
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts on this page")
    for words in ("Show the whole picture", "Zoom to 400 %", "Move the picture while it is zoomed"):
        expect(dialog).to_contain_text(words)


def test_the_small_map_shows_where_one_is_and_leads_elsewhere(page: Page) -> None:
    chart = page.locator("[data-zoom-map]")
    expect(chart).to_be_hidden()
    press(page, "4")
    expect(chart).to_be_visible()
    box = chart.bounding_box()
    assert box
    page.mouse.click(box["x"] + 4, box["y"] + 4)
    _, right, down = places(page)[0]
    assert right > 0
    assert down > 0
    press(page, "0")
    expect(chart).to_be_hidden()


def test_another_way_to_compare_or_another_window_keeps_the_scale(page: Page) -> None:
    press(page, "1")
    for _ in range(4):
        press(page, "m")
        expect(page.locator("[data-zoom-now]")).to_have_text("100 %")
    page.set_viewport_size({"width": 1100, "height": 700})
    expect(page.locator("[data-zoom-now]")).to_have_text("100 %")


def test_nothing_glides_for_those_who_want_less_motion(open_window: Window, edit: str) -> None:
    page = open_window("alice", reduced_motion="reduce").goes_to(f"/edits/{edit}/")
    press(page, "4")
    assert page.locator("[data-zoom-sheet]").first.evaluate("sheet => sheet.getAnimations().length") == 0


def test_an_edit_without_its_source_is_zoomed_too(bob: Person, backstage: Backstage) -> None:
    edit = backstage("large_edit", owner="alice", shared=True)
    page = bob.goes_to(f"/edits/{edit}/")
    expect(page.locator("[data-compare]")).to_have_count(0)
    press(page, "1")
    assert zoom(page) == "100 %"
    assert len(places(page)) == 1


class TestByTouch:
    @pytest.fixture(params=[(390, 844), (844, 390)], ids=["upright", "sideways"])
    def page(
        self, request: pytest.FixtureRequest, open_window: Window, edit: str, backstage: Backstage
    ) -> Page:
        """A phone with the viewer upright, or with two edits sideways."""
        width, height = request.param
        path = (
            f"/edits/{edit}/"
            if width < height
            else f"/compare/{backstage('large_edit', owner='alice')}/{edit}/"
        )
        alice = open_window(
            "alice", width=width, height=height, has_touch=True, is_mobile=True, device_scale_factor=2
        )
        page = alice.goes_to(path)
        alice.has_all_pictures()
        return page

    @pytest.fixture
    def fingers(self, page: Page) -> CDPSession:
        return page.context.new_cdp_session(page)

    def touch(self, fingers: CDPSession, kind: str, *points: tuple[float, float]) -> None:
        touches: list[dict[str, Any]] = [
            {"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)
        ]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def test_two_fingers_zoom_the_picture_and_not_the_page(self, page: Page, fingers: CDPSession) -> None:
        x, y = middle(page)
        self.touch(fingers, "touchStart", (x - 20, y + 60), (x + 20, y + 60))
        for step in range(1, 6):
            self.touch(fingers, "touchMove", (x - 20 - 10 * step, y + 60), (x + 20 + 10 * step, y + 60))
        self.touch(fingers, "touchEnd")
        before, after = places(page)
        assert before == after
        assert before[0] > 2
        assert page.evaluate("visualViewport.scale") == 1
        assert_it_fits_the_width(page)

        self.touch(fingers, "touchStart", (x - 40, y - 30))
        self.touch(fingers, "touchMove", (x - 70, y - 40))
        self.touch(fingers, "touchEnd")
        moved = places(page)[0]
        assert moved[1] - before[1] == pytest.approx(-30, abs=2)
        assert page.url.endswith("/")  # no swipe to the next edit

    def test_two_taps_go_closer_and_back(self, page: Page) -> None:
        x, y = middle(page)
        for number in (1, 0):
            page.touchscreen.tap(x - 70, y - 40)
            page.touchscreen.tap(x - 70, y - 40)
            expect(page.locator(".zoomed")).to_have_count(number)

    def test_at_fit_one_finger_is_the_page_s_and_the_slider_s(self, page: Page) -> None:
        slider = page.locator(".compare > input")
        assert (
            touch_action(slider) == touch_action(page.locator("[data-zoom-pane]").first) == "pan-y pinch-zoom"
        )
        buttons = page.locator(".zoom button:visible")
        expect(buttons).to_have_count(1)
        box = buttons.first.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44
        buttons.first.tap()
        assert touch_action(page.locator("[data-zoom-pane]").first) == "none"


def touch_action(element: Locator) -> str:
    """The gestures that are left to the browser, in a fixed order."""
    actions: str = element.evaluate("element => getComputedStyle(element).touchAction")
    return " ".join(sorted(actions.split()))


def test_a_reviewer_zooms_what_was_granted_and_asks_for_no_more(rita: Person, backstage: Backstage) -> None:
    case = backstage("edit_in_state", owner="alice", status="filtered")
    page = rita.goes_to(f"/review/{case}/")
    page.get_by_role("button", name="Open case").click()
    expect(page.get_by_text("yours until")).to_be_visible()
    rita.has_all_pictures()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/picture/" in request.url else None)
    press(page, "+")
    press(page, "+")
    before, after = places(page)
    assert before == after
    assert before[0] > 2
    assert asked == []
    press(page, "1")  # still a decision
    assert places(page)[0] == before
    press(page, "v")
    expect(page.locator("#figure-result img")).to_have_attribute("data-step", "1")
    eventually(lambda: places(page)[1] == before)  # the next step is looked at from where one was
