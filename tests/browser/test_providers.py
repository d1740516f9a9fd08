"""Settings > Providers in a browser: the panel beside the list, its keys and focus, phones, and without script."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible_everywhere
from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import Person, assert_it_fits_the_width, press
from tests.model_lists import CHAT, KLEIN, QWEN, model_list

PAGE = "/settings/providers/"
KEY = "sk-browser-0123456789"
TITLE = QWEN.rpartition("/")[2]
"""What people read of the id."""


def enters_a_server(page: Page, base_url: str, *, key: str = KEY) -> None:
    """A server of the team's own, up to the test of the connection."""
    form = page.locator("#adding")
    form.get_by_text("vLLM-Omni").click()
    form.get_by_label("Name", exact=True).fill("Second GPU")
    form.get_by_label("URL", exact=True).fill(base_url)
    form.get_by_label("This is my own server").check()
    form.get_by_label("Key", exact=False).first.fill(key)
    form.get_by_role("button", name="Test connection").click()


def test_a_provider_is_added_in_the_panel_beside_the_list(root: Person) -> None:
    page = root.goes_to(PAGE)
    page.get_by_role("link", name="Add provider").click()
    expect(page.get_by_role("heading", name="Add provider")).to_be_focused()
    expect(page.get_by_label("URL", exact=True)).to_have_value("https://api.openai.com/v1")
    with model_list(QWEN, KLEIN, CHAT, key=KEY) as server:
        enters_a_server(page, server.base_url)
        expect(page.get_by_text("Connected in")).to_be_visible()
        expect(page.get_by_label(CHAT)).to_be_disabled()
        expect(page.get_by_label("Key", exact=False).first).to_have_value("")
        page.get_by_label(KLEIN, exact=False).first.uncheck()
        expect(page.get_by_role("button", name="Add with 1 model")).to_be_visible()
        page.get_by_label(f"Price per edit with {QWEN}").fill("0.02")
        page.get_by_role("button", name="Add with 1 model").click()
        expect(page.get_by_role("heading", name="Second GPU")).to_be_visible()
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()
    expect(page.get_by_text("$0.02 per edit")).to_be_visible()
    assert KEY not in page.content()


def test_escape_closes_the_panel_and_the_focus_goes_back(root: Person) -> None:
    page = root.goes_to(PAGE)
    opener = page.get_by_role("link", name="Add provider")
    opener.press("Enter")
    expect(page.get_by_role("heading", name="Add provider")).to_be_focused()
    press(page, "Escape")
    expect(page.locator("#adding")).to_have_count(0)
    expect(opener).to_be_focused()
    opener.press("Enter")
    page.get_by_role("button", name="Close").click()
    expect(opener).to_be_focused()


def test_the_focus_goes_to_what_is_wrong(root: Person) -> None:
    page = root.may_be_refused(422).goes_to(PAGE)
    page.get_by_role("link", name="Add provider").click()
    enters_a_server(page, "http://127.0.0.1:1/v1")
    expect(page.get_by_label("URL", exact=True)).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Second GPU")


def test_another_kind_brings_its_url_and_forgets_the_models(root: Person) -> None:
    page = root.goes_to(PAGE)
    page.get_by_role("link", name="Add provider").click()
    with model_list() as server:
        enters_a_server(page, server.base_url)
        expect(page.locator("#found")).to_be_visible()
    page.get_by_label("URL", exact=True).fill("")
    page.locator("#adding").get_by_text("StepFun").click()
    expect(page.get_by_label("URL", exact=True)).to_have_value("https://api.stepfun.ai/v1")
    expect(page.locator("#found")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390)])
def test_on_a_phone_it_is_a_page_of_its_own(open_window: Window, width: int, height: int) -> None:
    root = open_window("root", width=width, height=height)
    page = root.goes_to(PAGE)
    page.get_by_role("link", name="Add provider").click()
    expect(page).to_have_url(f"{root.home}{PAGE}add/")
    with model_list() as server:
        enters_a_server(page, server.base_url)
        expect(page.get_by_text("Connected in")).to_be_visible()
        assert_it_fits_the_width(page)
        page.get_by_role("button", name="Add with 2 models").click()
        expect(page.get_by_role("heading", name="Second GPU")).to_be_visible()
    assert_it_fits_the_width(page)


def test_without_script_it_works_as_well(open_window: Window) -> None:
    root = open_window("root", java_script_enabled=False)
    page = root.goes_to(PAGE)
    page.get_by_role("link", name="Add provider").click()
    with model_list(QWEN, KLEIN, CHAT, key=KEY) as server:
        enters_a_server(page, server.base_url)
        page.get_by_role("button", name="Add with 2 models").click()
        expect(page.get_by_role("heading", name="Second GPU")).to_be_visible()
    page.get_by_role("link", name=TITLE).click()
    page.get_by_label("Name for members").fill("Qwen")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Qwen", exact=True)).to_be_visible()


def test_the_pages_keep_nobody_out(root: Person, backstage: Backstage) -> None:
    backstage("provider_is", state="held", owner="alice")
    page = root.goes_to(PAGE)
    page.get_by_role("link", name="Add provider").click()
    with model_list() as server:
        enters_a_server(page, server.base_url)
        expect(page.get_by_text("Connected in")).to_be_visible()
        assert_accessible_everywhere(page)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_role("button", name="Add with 2 models").click()
        expect(page.get_by_role("heading", name="Second GPU")).to_be_visible()
    assert_accessible_everywhere(page)
    for path in (
        "",
        "second-gpu/change/",
        "second-gpu/key/",
        "second-gpu/remove/",
        "second-gpu/models/",
        "add/",
    ):
        root.goes_to(f"{PAGE}{path}")
        assert_accessible_everywhere(page)
    page.goto(f"{root.home}{PAGE}second-gpu/")
    page.get_by_role("link", name=TITLE).click()
    assert_accessible_everywhere(page)
