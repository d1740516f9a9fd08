"""The first run: an empty installation makes its administrator, and nobody else becomes one."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.accessibility import assert_accessible_everywhere
from tests.browser.people import PASSWORD, Person
from tests.installation import Installation, installed


@pytest.fixture
def fresh(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that was started a moment ago and that nobody has opened yet."""
    with installed(tmp_path_factory.mktemp("fresh")) as installation:
        installation.start_all()
        yield installation


@pytest.fixture
def root(chromium: Browser, fresh: Installation, windows: list[Person]) -> Iterator[Person]:
    """The person who started it."""
    windows.append(Person("root", chromium.new_context(), fresh.url))
    yield windows[-1]
    windows[-1].context.close()
    windows[-1].assert_all_was_well()


def ready_link(installation: Installation) -> str:
    """The link that the start printed, on the address under which the test's browser knows it."""
    found = re.search(r"Set up +http://[^/]+(/setup/\?code=\S+)", installation.log("up"))
    assert found, installation.log("up")
    return found[1]


def test_the_first_person_becomes_its_administrator(root: Person, fresh: Installation) -> None:
    root.may_be_refused(422, 404)

    page = root.goes_to("/history/?q=harbor")
    expect(page).to_have_url(re.compile(r"/setup/$"))
    page.get_by_label("One-time code").fill("0000-0000")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create administrator account").click()
    expect(page.get_by_text("Wrong code.")).to_be_visible()
    expect(page.get_by_label("Username")).to_have_value("root")
    assert_accessible_everywhere(page)

    link = ready_link(fresh)
    root.goes_to(link)
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create administrator account").click()
    expect(page).to_have_url(f"{fresh.url}/")
    root.opens_account_menu()
    expect(page.locator(".top .menu-list")).to_contain_text("Administrator")

    answer = page.goto(fresh.url + link)
    assert answer
    assert answer.status == 404
