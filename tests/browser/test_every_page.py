"""Every page, light and dark, on a desk and a phone, in both languages: axe finds nothing and all fits the width."""

from collections.abc import Iterable, Iterator

import pytest
from django.urls import URLPattern, URLResolver
from playwright.sync_api import expect

from editor_site import account_urls
from edits import urls
from tests.browser.accessibility import OF_COLORS, assert_accessible, assert_accessible_everywhere
from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import assert_it_fits_the_width
from tests.browser.visits import ENGLISH, NOT_PAGES, SCANNED_ELSEWHERE, STRANGER, VISITS, Visit


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_it_keeps_nobody_out(visit: Visit, open_window: Window, backstage: Backstage) -> None:
    filled = backstage(visit.scene, **visit.given) if visit.scene else ""
    person = open_window(visit.who, signed_in=visit.who != STRANGER).may_be_refused(visit.status, 409, 422)
    page = person.page
    answer = page.goto(person.home + visit.path.format(filled))
    assert answer
    assert answer.status == visit.status
    visit.then(page)
    assert_accessible_everywhere(page)
    page.set_extra_http_headers({"Accept-Language": "zh-CN"})
    page.goto(person.home + visit.path.format(filled).partition("#")[0])
    expect(page.locator("html")).to_have_attribute("lang", "en" if visit.page in ENGLISH else "zh-hans")
    assert_accessible(page, without=OF_COLORS)  # they are those of the page in English
    assert_it_fits_the_width(page)


def named(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    """The names of all addresses, those of included lists too; the API's also end with a slash, under no name."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from named(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def test_no_page_is_left_out() -> None:
    names = set(named([*urls.urlpatterns, *account_urls.urlpatterns]))
    looked_at = {visit.page for visit in VISITS} | set(SCANNED_ELSEWHERE)
    assert names == looked_at | set().union(*NOT_PAGES.values())
    assert not looked_at & set().union(*NOT_PAGES.values())
