"""Every page, in light and dark, on a desk and on a phone: axe finds nothing and nothing sticks out sideways."""

from collections.abc import Iterable, Iterator

import pytest
from django.urls import URLPattern, URLResolver

from editor_site import account_urls
from edits import urls
from tests.browser.accessibility import assert_accessible_everywhere
from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.visits import NOT_PAGES, SCANNED_ELSEWHERE, STRANGER, VISITS, Visit


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_it_keeps_nobody_out(visit: Visit, open_window: Window, backstage: Backstage) -> None:
    filled = backstage(visit.scene, **visit.given) if visit.scene else ""
    person = open_window(visit.who, signed_in=visit.who != STRANGER).may_be_refused(visit.status, 422)
    page = person.page
    answer = page.goto(person.home + visit.path.format(filled))
    assert answer
    assert answer.status == visit.status
    visit.then(page)
    assert_accessible_everywhere(page)


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
