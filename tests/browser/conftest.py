"""Starts Retake as its users do, a real Chromium, and gives each of the cast a window."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.backstage import Backstage
from tests.browser.people import PLAIN_ADDRESS, PLAIN_HOST, Person
from tests.installation import Installation, answers, eventually, installed

Window = Callable[..., Person]
LAST_WORDS = 3000
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first that is installed.  The headless shell renders the same with a third less CPU, as it has no window."""
HERE = Path(__file__).parent
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Whatever a page may ask for, nothing leaves this machine.
    f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1, MAP {PLAIN_ADDRESS} 127.0.0.1, MAP * ~NOTFOUND, "
    "EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests in this folder need the browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """What the windows showed when a test failed, as files named in the report."""
    report: pytest.TestReport = yield
    given: dict[str, Any] = getattr(item, "funcargs", {})
    if report.failed and report.when == "call" and "windows" in given:
        folder = Path(tempfile.mkdtemp(prefix="retake-screenshots-"))
        kept = [str(path) for person in given["windows"] for path in person.keeps_screenshots(folder)]
        report.sections.append(("Screenshots", "\n".join(kept)))
        running: Installation = given.get("fresh") or given["retake"]
        report.sections.append(("The server's last words", running.log("up")[-LAST_WORDS:]))
    return report


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver.  Its event loop rests in this thread, which Django would take for async code."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        yield driver
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The browser that this machine has.  Without one CI fails, and elsewhere the test is skipped with the reason."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        missing = "Chromium is missing, so nothing was tested in a browser"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def retake(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation; its tables are emptied by ``backstage`` before each test."""
    hosts = f"localhost,127.0.0.1,{PLAIN_HOST}"
    with installed(tmp_path_factory.mktemp("retake"), ALLOWED_HOSTS=hosts) as installation:
        installation.migrate()
        installation.start_all()
        eventually(lambda: answers(f"http://127.0.0.1:{installation.engine_port}/v1/models"))
        yield installation


@pytest.fixture(scope="session")
def _backstage_door(retake: Installation) -> Iterator[Backstage]:
    door = Backstage(retake.environment)
    yield door
    door.close()


@pytest.fixture
def backstage(_backstage_door: Backstage) -> Backstage:
    """The way behind the pages, with the cast there and nothing else."""
    _backstage_door("cast")
    return _backstage_door


@pytest.fixture
def windows() -> list[Person]:
    """Every window that the test opened."""
    return []


@pytest.fixture
def open_window(
    chromium: Browser, retake: Installation, backstage: Backstage, windows: list[Person]
) -> Iterator[Window]:
    """Gives somebody a window, signed in unless they are a stranger."""

    def opened(
        name: str,
        *,
        width: int = 1440,
        height: int = 900,
        signed_in: bool = True,
        home: str = "",
        **settings: Any,
    ) -> Person:
        context = chromium.new_context(viewport={"width": width, "height": height}, **settings)
        if signed_in:
            cookie, key = backstage("session", name=name)
            context.add_cookies([{"name": cookie, "value": key, "url": home or retake.url}])
        windows.append(Person(name, context, home or retake.url))
        return windows[-1]

    yield opened
    for person in windows:
        person.context.close()
    for person in windows:
        person.assert_all_was_well()


@pytest.fixture
def alice(open_window: Window) -> Person:
    """Edits."""
    return open_window("alice")


@pytest.fixture
def bob(open_window: Window) -> Person:
    """A colleague of Alice."""
    return open_window("bob")


@pytest.fixture
def rita(open_window: Window) -> Person:
    """Reviews."""
    return open_window("rita")


@pytest.fixture
def root(open_window: Window) -> Person:
    """Administers."""
    return open_window("root")


@pytest.fixture
def stranger(open_window: Window) -> Person:
    """Somebody who is not signed in."""
    return open_window("stranger", signed_in=False)
