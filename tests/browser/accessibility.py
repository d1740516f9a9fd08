"""Whether axe finds anything on a page that keeps somebody out."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

from tests.browser.people import assert_it_fits_the_width

WIDTHS = (1440, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
RUN = """
async ({ only, without }) => {
  const runOnly = only.length ? { runOnly: { type: "rule", values: only } } : {};
  const rules = Object.fromEntries(without.map((name) => [name, { enabled: false }]));
  const found = await axe.run({ resultTypes: ["violations"], rules, ...runOnly });
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\\n  ${html}\\n  ${failureSummary}`));
}
"""


OF_COLORS = ["color-contrast", "link-in-text-block"]
"""What can differ between light and dark, where nothing but colors does."""


@cache
def _axe() -> str:
    return AXE.read_text()


def assert_accessible(page: Page, *only: str, without: Sequence[str] = ()) -> None:
    """No violation of ``only`` these of axe's rules, or of any, best practices included, as the page is now."""
    page.evaluate("document.fonts.ready")
    # Evaluated from outside, for the page's own policy refuses a script that somebody adds.
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate(RUN, {"only": only, "without": without})
    assert not found, f"{page.url}\n" + "\n".join(found)


def assert_accessible_everywhere(page: Page) -> None:
    """The same in light and dark, on a desk and on a phone, where nothing sticks out sideways either."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert_accessible(page, *(OF_COLORS if scheme == "dark" else ()))
        assert_it_fits_the_width(page)
