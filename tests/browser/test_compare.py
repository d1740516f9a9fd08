"""Before and after: the slider by mouse and by keys, and the other ways to look."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.backstage import Backstage
from tests.browser.pages import Studio
from tests.browser.people import Person, press


@pytest.fixture
def page(alice: Person) -> Page:
    """A result on Alice's stage."""
    Studio(alice).makes_an_edit("turn it black and white")
    return alice.page


@pytest.fixture
def figure(page: Page) -> Locator:
    """Both pictures."""
    return page.locator("figure.compare")


def visible_share(figure: Locator, name: str) -> float:
    """How much of a picture's width is not clipped away, from 0 to 1."""
    share: float = figure.locator(f"img.{name}").evaluate(
        """image => {
            const clip = getComputedStyle(image.closest("[data-pane]")).clipPath;
            const sides = clip.match(/[\\d.]+(?=%)/g) ?? [];
            return 1 - sides.reduce((sum, side) => sum + Number(side), 0) / 100;
        }"""
    )
    return share


def test_the_slider_follows_keys(page: Page, figure: Locator) -> None:
    slider = page.get_by_role("slider", name="How much of the original to show")
    expect(slider).to_have_value("50")
    slider.focus()
    press(page, "Home")
    expect(slider).to_have_value("0")
    expect(slider).to_have_attribute("aria-valuetext", "0 percent original")
    assert visible_share(figure, "before") == pytest.approx(0)
    press(page, "End")
    assert visible_share(figure, "before") == pytest.approx(1)
    assert visible_share(figure, "after") == pytest.approx(0)


def test_the_slider_follows_the_mouse(page: Page, figure: Locator) -> None:
    box = figure.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, middle, steps=5)
    page.mouse.up()
    assert visible_share(figure, "before") == pytest.approx(0.25, abs=0.05)


def test_m_goes_through_the_ways_to_look(page: Page, figure: Locator) -> None:
    modes = []
    for _ in range(4):
        press(page, "m")
        modes.append(figure.get_attribute("data-mode"))
    assert modes == ["side", "hold", "map", "slider"]


def test_side_by_side_shows_both_pictures_whole(page: Page, figure: Locator) -> None:
    page.get_by_role("button", name="Side by side").click()
    expect(page.get_by_role("button", name="Side by side")).to_have_attribute("aria-pressed", "true")
    first, second = figure.locator("img.before").bounding_box(), figure.locator("img.after").bounding_box()
    assert first
    assert second
    assert first["x"] + first["width"] <= second["x"]


def test_the_original_shows_while_it_is_held(page: Page, figure: Locator) -> None:
    page.keyboard.down("o")
    expect(figure.locator("img.after")).to_be_hidden()
    page.keyboard.up("o")
    expect(figure.locator("img.after")).to_be_visible()


def test_the_change_map_is_asked_for_only_when_looked_at(page: Page, figure: Locator) -> None:
    change_map = figure.locator("img.map")
    assert change_map.get_attribute("src") is None
    page.get_by_role("button", name="Changes").click()
    expect(change_map).to_be_visible()
    assert change_map.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_swapping_puts_the_result_first(page: Page, figure: Locator, backstage: Backstage) -> None:
    press(page, "c")
    slider = page.get_by_role("slider", name="How much of the original to show")
    slider.focus()
    press(page, "Home")
    assert visible_share(figure, "before") == pytest.approx(1)


def test_the_change_map_says_what_its_colors_mean_and_how_much_changed(page: Page, figure: Locator) -> None:
    legend = figure.locator(".legend")
    expect(legend).to_be_hidden()
    page.get_by_role("button", name="Changes").click()
    expect(legend).to_be_visible()
    expect(legend).to_contain_text("% of the picture differs")
    expect(legend).to_contain_text("strongly")


def test_a_half_is_never_empty_while_its_picture_loads(alice: Person) -> None:
    Studio(alice).makes_an_edit("turn it black and white")
    alice.has_all_pictures()
    held: list[Route] = []
    alice.page.route("**/1024/", lambda route: held.append(route))
    alice.page.reload(wait_until="domcontentloaded")
    for side in ("before", "after"):
        small = alice.page.locator(f"[data-pane={side}] .under")
        expect(small).to_be_visible()
        assert small.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    for route in held:
        route.continue_()
    alice.page.unroute("**/1024/")
    expect(alice.page.locator(".under")).to_have_count(0)
