"""Whether axe finds anything on a page that keeps somebody out."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
RUN = """
async () => {
  const found = await axe.run({ resultTypes: ["violations"] });
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\\n  ${html}\\n  ${failureSummary}`));
}
"""


@cache
def _axe() -> str:
    return AXE.read_text()


def assert_accessible(page: Page) -> None:
    """No violation of any of axe's rules, best practices included, as the page stands now."""
    page.evaluate("document.fonts.ready")
    # Evaluated from outside, for the page's own policy refuses a script that somebody adds.
    page.evaluate(_axe())
    found = page.evaluate(RUN)
    assert not found, f"{page.url}\n" + "\n".join(found)
