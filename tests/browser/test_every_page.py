"""Every page, in light and dark, on a desk and on a phone: axe finds nothing and nothing sticks out sideways."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pytest

from tests.browser.accessibility import assert_accessible
from tests.browser.backstage import Backstage
from tests.browser.conftest import Window
from tests.browser.people import assert_it_fits_the_width

WIDTHS = (1440, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
STRANGER = "stranger"


@dataclass(frozen=True)
class Visit:
    """One page in one state: who opens it, and what has to be there before."""

    page: str
    who: str
    path: str | Callable[[Backstage], str]
    state: str = ""
    status: int = 200

    def __str__(self) -> str:
        return f"{self.page} {self.state}".strip()


VISITS = [
    Visit("account_login", STRANGER, "/accounts/login/"),
    Visit("join", STRANGER, "/invitations/nonsense/", "closed", status=404),
    Visit("join", STRANGER, lambda backstage: backstage("invitation"), "leads to the account"),
]


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_it_keeps_nobody_out(visit: Visit, open_window: Window, backstage: Backstage) -> None:
    path = visit.path if isinstance(visit.path, str) else visit.path(backstage)
    person = open_window(visit.who, signed_in=visit.who != STRANGER).may_be_refused(visit.status)
    page = person.page
    assert (page.goto(person.home + path) or pytest.fail(path)).status == visit.status
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert_accessible(page)
        assert_it_fits_the_width(page)
