"""From ``make run`` to a shared result on a host like those of people who install Retake, not of its tests.

Another account with the usual umask, a proxy in front, a path of a host that is shared, the site by its address over
plain HTTP, pictures in a bucket that knows no checksums, and a browser whose clock is not the server's.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from tests.accounts import as_stranger
from tests.browser.pages import Studio
from tests.browser.people import PASSWORD, PLAIN_ADDRESS, Person
from tests.browser.test_behind_proxy import nginx
from tests.browser.test_copying import pasted
from tests.browser.test_dropping import carry
from tests.bucket_settings import settings_of
from tests.fresh_host import FreshHost, fresh_host
from tests.nginx import Nginx
from tests.servers import steady_port
from tests.strict_bucket import StrictBucket, strict_bucket

pytestmark = pytest.mark.processes
PATH = "/retake"
BOBS_PASSWORD = "a harbor at dawn 9"
CLOCK = "Asia/Shanghai"
Joins = Callable[[str], Person]


@dataclass
class Site:
    """The host with all that surrounds it."""

    host: FreshHost
    proxy: Nginx
    bucket: StrictBucket

    @property
    def home(self) -> str:
        """The address of the studio, without a slash at its end."""
        return f"{self.proxy.url}{PATH}"


@pytest.fixture
def site(chromium: Browser) -> Iterator[Site]:
    """Started a moment ago; nobody has opened it yet."""
    port = steady_port()
    with nginx(behind=port, under_path=True, plain_name=PLAIN_ADDRESS) as proxy, strict_bucket() as bucket:
        settings = {
            "BASE_PATH": PATH,
            "ALLOWED_HOSTS": PLAIN_ADDRESS,
            "SITE_URL": proxy.url,
            "TRUSTED_PROXIES": "1",
            **settings_of(bucket.url, "pictures"),
        }
        with fresh_host(**settings) as host:
            host.port = port
            host.run()
            yield Site(host, proxy, bucket)


@pytest.fixture
def fresh(site: Site) -> FreshHost:
    """Whose last words are shown when a test fails."""
    return site.host


@pytest.fixture
def opens(chromium: Browser, site: Site, fresh: FreshHost, windows: list[Person]) -> Iterator[Joins]:
    """Gives somebody a window in Shanghai."""

    def opened(name: str) -> Person:
        windows.append(Person(name, chromium.new_context(timezone_id=CLOCK), site.home))
        return windows[-1]

    yield opened
    for person in windows:
        person.context.close()
        person.assert_all_was_well()


def test_from_make_run_to_a_shared_result(site: Site, opens: Joins) -> None:
    root, bob = opens("root"), opens("bob")
    sets_it_up(root, site)
    makes_and_shares_an_edit(root, site)
    bob_joins_by_a_copied_link(root, bob, site)
    bob_sees_the_result(bob)
    everything_of_it_is_private(site)


def sets_it_up(root: Person, site: Site) -> None:
    """By the link that the start printed, at the address by which browsers reach it."""
    found = re.search(r"Set up +(\S+\?code=\S+)", site.host.log("up"))
    link = found[1] if found else ""
    assert link.startswith(f"{site.home}/setup/"), site.host.log("up")
    page = root.page
    page.goto(link)
    assert not page.evaluate("isSecureContext")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create administrator account").click()
    expect(page).to_have_url(f"{site.home}/")


def makes_and_shares_an_edit(root: Person, site: Site) -> None:
    """With the practice engine; its pictures lie in the bucket and are loaded from there."""
    studio = Studio(root)
    studio.makes_an_edit("turn it black and white")
    studio.share()
    expect(studio.stage.locator(".edit-actions")).to_contain_text("Shared")
    assert len(site.bucket.files) >= 2
    carry(studio, studio.thumbs.first.get_by_role("img"), to=studio.source)
    expect(studio.source).to_contain_text("an earlier result")


def bob_joins_by_a_copied_link(root: Person, bob: Person, site: Site) -> None:
    """The copy button works although the browser hands out no clipboard over plain HTTP."""
    page = root.goes_to("/settings/")
    page.get_by_label("Note (optional)").fill("Bob")
    page.get_by_role("button", name="Create invitation").click()
    page.get_by_role("button", name="Copy the link").click()
    root.is_told("Copied.")
    link = pasted(page)
    assert link.startswith(f"{site.home}/invitations/")
    bob.page.goto(link)
    bob.page.get_by_label("Username").fill("bob")
    bob.page.get_by_label("Password", exact=True).fill(BOBS_PASSWORD)
    bob.page.get_by_role("button", name="Create account").click()
    expect(bob.page).to_have_url(f"{site.home}/")


def bob_sees_the_result(bob: Person) -> None:
    """On the team's page and by itself, as a picture that was loaded."""
    page = bob.goes_to("/team/")
    page.locator(".card a").first.click()
    picture = (
        page.locator(".stage-view, .viewer-stage").locator("[data-zoom-sheet] img:not(.under, .map)").last
    )
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    time = page.locator(".viewer .hint time").first
    made_at = datetime.fromisoformat(time.get_attribute("datetime") or "")
    assert datetime.now(UTC) - made_at < timedelta(minutes=10)
    expect(time).to_contain_text(f"{made_at.astimezone(ZoneInfo(CLOCK)):%H:%M}")


def everything_of_it_is_private(site: Site) -> None:
    """To others than the account that runs it, whatever the umask; only root can look as somebody else."""
    assert site.host.data.stat().st_mode & 0o077 == 0
    if site.host.account is None:
        return
    assert site.host.data.stat().st_uid == site.host.account
    assert as_stranger("ls", str(site.host.folder)).returncode == 0
    for name in ("", "secret_key", "retake.sqlite3"):
        assert (site.host.data / name).exists()
        assert as_stranger("cat", str(site.host.data / name)).returncode != 0
    assert as_stranger("ls", str(site.host.data)).returncode != 0
