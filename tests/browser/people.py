"""Somebody before a screen: a browser window that notices what must never happen on any page."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, expect

PATIENCE_MS = 15_000
PLAIN_HOST = "retake.test"
"""This machine by a name in a local network: over plain http a browser takes such a page for insecure."""
PLAIN_ADDRESS = "192.0.2.7"
"""The same by an address, out of those for examples: that of loopback would be secure to a browser."""
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", PLAIN_HOST, PLAIN_ADDRESS}
PASSWORD = "open sesame 7"
expect.set_options(timeout=PATIENCE_MS)
REFUSED = re.compile(
    r"(?:Failed to load resource: the server responded with a status of|Response Status Error Code) (\d+)"
)
"""As the browser reports it, and as htmx repeats it."""
GIVEN_UP = re.compile(r"htmx:(afterRequest|sendAbort),")
"""What htmx says of a request that a newer one replaced or whose window closed; a failure always says more."""
BROKEN_OFF = re.compile(r"Failed to load resource: net::|htmx:sendError")
"""What the browser and htmx say of a request that has no answer."""
OVER_PLAIN_HTTP = "The Cross-Origin-Opener-Policy header has been ignored"
"""What the browser says of a header that counts over HTTPS only."""

ALL_PICTURES = """
() => Promise.all([...document.images].filter((image) => !image.closest("details:not([open])")).map((image) =>
  image.complete || new Promise((done) => {
  for (const end of ["load", "error"]) image.addEventListener(end, done, { once: true });
})))
"""


@dataclass
class Person:
    """A person of the cast at a browser window of their own.

    Console errors, uncaught exceptions, violations of the content policy (which are console errors), answers of
    5xx and calls to other machines are written down; ``assert_all_was_well`` ends every test.  A test in which
    the server is right to refuse says so beforehand: ``alice.may_be_refused(422)``.
    """

    name: str
    context: BrowserContext
    home: str
    troubles: list[str] = field(default_factory=list)
    _refusals: set[int] = field(default_factory=set)
    _breaks_off: bool = False

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("request", self._see_request)
        self.context.on("response", self._see_response)
        self.context.on("console", self._see_console)
        self.context.on("weberror", lambda error: self.troubles.append(f"exception: {error.error}"))
        self.page = self.context.new_page()

    def may_be_refused(self, *statuses: int) -> Self:
        """Answers of these statuses are part of the story."""
        self._refusals |= set(statuses)
        return self

    def may_break_off(self) -> None:
        """Requests without an answer are part of the story."""
        self._breaks_off = True

    def goes_to(self, path: str) -> Page:
        """Open a page by its path."""
        self.page.goto(self.home + path)
        return self.page

    def new_tab(self, path: str) -> Page:
        """Open another tab of the same browser; it is watched as well."""
        tab = self.context.new_page()
        tab.goto(self.home + path)
        return tab

    def signs_in(self, *, password: str = PASSWORD) -> None:
        """Fill in the sign-in page, which is open already."""
        self.page.get_by_label("Username or email").fill(self.name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def opens_account_menu(self) -> None:
        """Settings, trash, keys and the way out are in it."""
        self.page.locator(".top details.menu > summary").click()

    def has_all_pictures(self) -> None:
        """Every picture of the page has arrived, so what comes next leaves no request behind.

        Those of a closed menu come when it is opened.
        """
        self.page.evaluate(ALL_PICTURES)

    def is_told(self, words: str) -> None:
        """A toast says this."""
        expect(self.page.locator("#toasts").get_by_text(words)).to_be_visible()

    def keeps_screenshots(self, folder: Path) -> list[Path]:
        """What every open tab looks like now, as files."""
        kept = []
        for number, tab in enumerate(self.context.pages):
            path = folder / f"{self.name}-{number}.png"
            tab.screenshot(path=path, full_page=True)
            kept.append(path)
        return kept

    def assert_all_was_well(self) -> None:
        """Nothing of what must never happen happened in this window."""
        assert not self.troubles, f"in {self.name}'s browser: " + "; ".join(self.troubles)

    def _see_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname not in LOOPBACK:
            self.troubles.append(f"another machine was asked: {request.url}")

    def _see_response(self, response: Response) -> None:
        if response.status >= 500 and response.status not in self._refusals:
            self.troubles.append(f"{response.status} from {response.url}")

    def _see_console(self, message: ConsoleMessage) -> None:
        refused = REFUSED.match(message.text)
        if self._breaks_off and BROKEN_OFF.match(message.text):
            return
        if GIVEN_UP.match(message.text) or message.text.startswith(OVER_PLAIN_HTTP):
            return
        if message.type == "error" and not (refused and int(refused[1]) in self._refusals):
            self.troubles.append(f"console: {message.text} ({message.location['url']})")


def press(page: Page, key: str) -> None:
    """Press a key once the page listens: what a page shows is there before its scripts are."""
    page.wait_for_load_state()
    page.keyboard.press(key)


WIDEST = """
[...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
  .map((element) => element.outerHTML.slice(0, 120))
"""


def assert_it_fits_the_width(page: Page) -> None:
    """Nothing sticks out to the right: the page never scrolls sideways."""
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= seen, f"{page.url} is {wide} px wide in a window of {seen} px: {page.evaluate(WIDEST)}"
