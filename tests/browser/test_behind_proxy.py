"""A browser and a program reach Retake through a real nginx with HTTPS: a host of its own, or a path of one."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.browser.pages import Studio
from tests.browser.people import PASSWORD, Person
from tests.browser.test_api_docs import call, send
from tests.installation import Installation, installed
from tests.nginx import NAME, Nginx
from tests.pictures import photo
from tests.receiver import Receiver, receiver
from tests.servers import Missing, steady_port

PATH = "/retake"
MODES = {
    "a host of its own": {"under_path": False},
    "a path that is passed on": {"under_path": True},
    "a path that is taken off": {"under_path": True, "takes_path_off": True},
}
HOOK = """
from django.utils import timezone
from edits.models import User
from edits.services.webhooks import make_webhook
make_webhook(owner=User.objects.get(username="root"), url="{url}", api_key=None, now=timezone.now())
answer(True)
"""


@dataclass
class Site:
    """An installation and what stands in front of it."""

    place: Installation
    proxy: Nginx
    path: str
    there: Receiver

    @property
    def home(self) -> str:
        """The address of the studio, without a slash at its end."""
        return f"{self.proxy.url}{self.path}"

    def ask(self, method: str, path: str, **sent: Any) -> requests.Response:
        """A call of a program."""
        trusted = f"{self.proxy.folder}/{NAME}.pem"
        return requests.request(
            method, self.home + path, verify=trusted, timeout=60, allow_redirects=False, **sent
        )


@contextmanager
def nginx(**how: Any) -> Iterator[Nginx]:
    """Started, and removed afterwards.  Without nginx CI fails, and elsewhere the test is skipped with the reason."""
    try:
        proxy = Nginx(**how)
    except Missing as missing:
        pytest.fail(str(missing)) if os.environ.get("CI") == "true" else pytest.skip(str(missing))
    try:
        proxy.start()
        yield proxy
    finally:
        proxy.remove()


@pytest.fixture(params=list(MODES.values()), ids=list(MODES))
def site(
    request: pytest.FixtureRequest, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A fresh installation that nobody has opened yet, behind the proxy that the papers describe."""
    port, path = steady_port(), PATH if request.param["under_path"] else ""
    with nginx(behind=port, **request.param) as proxy, receiver(204) as there:
        settings = {
            "HTTPS": "1",
            "TRUSTED_PROXIES": "1",
            "ALLOWED_HOSTS": NAME,
            "SITE_URL": proxy.url,
            "BASE_PATH": path,
            "WEBHOOK_PRIVATE_HOSTS": there.host,
        }
        with installed(tmp_path_factory.mktemp("proxied"), **settings) as place:
            place.port = port
            place.migrate()
            place.start_all()
            yield Site(place, proxy, path, there)


@pytest.fixture
def fresh(site: Site) -> Installation:
    """Whose last words are shown when a test fails."""
    return site.place


@pytest.fixture
def root(chromium: Browser, site: Site, fresh: Installation, windows: list[Person]) -> Iterator[Person]:
    """The administrator who set it up."""
    windows.append(Person("root", chromium.new_context(ignore_https_errors=True), site.home))
    yield windows[-1]
    windows[-1].context.close()
    windows[-1].assert_all_was_well()


def test_everything_is_reached_through_the_proxy(root: Person, site: Site) -> None:
    asked: list[str] = []
    root.context.on("request", lambda request: asked.append(request.url))

    sets_it_up(root, site)
    studio = Studio(root)
    studio.makes_an_edit("black and white")
    the_manifest_leads_home(root, site)
    comes_and_goes(root, site)
    monitors_ask_by_address(site)
    if (
        site.path and not site.proxy.takes_path_off
    ):  # the other proxies differ in nothing that these would show
        key = a_program_edits(site)
        a_webhook_is_told(root, site)
        the_reference_of_the_api_calls_it(root, site, key=key)

    elsewhere = [url for url in asked if not url.startswith((f"{site.home}/", "data:", "blob:"))]
    assert [url for url in elsewhere if url != site.home] == []
    assert {cookie.get("path") for cookie in root.context.cookies()} == {site.path or "/"}
    assert all(cookie.get("secure") for cookie in root.context.cookies())


def sets_it_up(root: Person, site: Site) -> None:
    """Every page leads to the set-up, with the link that the start printed, and from there to the studio."""
    page = root.goes_to("/history/")
    expect(page).to_have_url(f"{site.home}/setup/")
    found = re.search(r"Set up +(\S+\?code=\S+)", site.place.log("up"))
    link = found[1] if found else ""
    assert link.startswith(f"{site.home}/setup/")
    page.goto(link)
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create administrator account").click()
    expect(page).to_have_url(f"{site.home}/")


def the_manifest_leads_home(root: Person, site: Site) -> None:
    """As an app on a phone it starts in the studio."""
    address = root.page.locator("link[rel=manifest]").evaluate("link => link.href")
    answer = root.context.request.get(address)
    assert urljoin(address, answer.json()["start_url"]) == f"{site.home}/"
    for icon in answer.json()["icons"]:
        assert root.context.request.get(urljoin(address, icon["src"])).ok
    assert urljoin(address, answer.json()["share_target"]["action"]) == f"{site.home}/share/"


def a_program_edits(site: Site) -> str:
    """All that it loads or polls is under the same address.  Returns the key."""
    key = site.place.manage("create_api_key", "root").split()[-1]
    bearer = {"Authorization": f"Bearer {key}"}
    edit = {"prompt": "sepia", "response_format": "url", "model": "step-1x-edit"}
    answer = site.ask("POST", "/v1/images/edits", data=edit, files={"image": photo()}, headers=bearer)
    assert answer.status_code == 200, answer.text
    link = answer.json()["data"][0]["url"]
    assert link.startswith(f"{site.home}/v1/results/")
    assert site.ask("GET", link.removeprefix(site.home)).headers["Content-Type"].startswith("image/")

    later = site.ask(
        "POST", "/v1/images/edits", data=edit, files={"image": photo()}, headers=bearer | {"Prefer": "respond-async"}
    )  # fmt: skip
    assert later.status_code == 202
    assert later.headers["Location"].startswith(f"{site.path}/v1/edits/")
    found = site.ask("GET", later.headers["Location"].removeprefix(site.path), headers=bearer)
    assert found.json()["page"].startswith(f"{site.home}/edits/")
    assert site.ask("GET", "/v1/nothing", headers=bearer).json()["error"]["code"] == "not_found"
    assert site.ask("GET", "/metrics").status_code == 403
    return key


def a_webhook_is_told(root: Person, site: Site) -> None:
    """By the worker, who was asked by nobody under any name."""
    site.place.python(HOOK.format(url=site.there.url))
    Studio(root).makes_an_edit("sepia")
    site.there.wait_for_posts()
    edit = site.there.posts[0].event["data"]["edit"]
    assert edit["page"].startswith(f"{site.home}/edits/")
    assert edit["result"]["url"].startswith(f"{site.home}/v1/results/")


def the_reference_of_the_api_calls_it(root: Person, site: Site, *, key: str) -> None:
    """From the page itself, where its script makes the address."""
    page = root.goes_to("/v1/docs")
    expect(page.get_by_text(f"{site.home}/v1", exact=True)).to_be_visible()
    page.get_by_label("API key").fill(key)
    expect(send(call(page, "List the models")).get_by_text('"object": "list"')).to_be_visible()


def comes_and_goes(root: Person, site: Site) -> None:
    """Out, and in again to the page that was asked for, which may be the bare path."""
    root.goes_to("/")
    root.opens_account_menu()
    root.page.get_by_role("button", name="Sign out").click()
    expect(root.page).to_have_url(re.compile(f"{site.home}/accounts/login/"))
    root.goes_to("/history/?q=white")
    root.signs_in()
    expect(root.page).to_have_url(f"{site.home}/history/?q=white")
    expect(root.page.locator(".card").first).to_be_visible()
    root.may_be_refused(404).goes_to("/nothing/")
    root.page.get_by_role("link", name="Go to the studio").click()
    expect(root.page).to_have_url(f"{site.home}/")


def monitors_ask_by_address(site: Site) -> None:
    """Past the proxy, under a name that the site does not answer to, and without HTTPS."""
    for path in {"", site.path}:
        for probe, statuses in (("/healthz", {200}), ("/readyz", {200, 503}), ("/metrics", {404})):
            answer = requests.get(f"{site.place.url}{path}{probe}", timeout=60, allow_redirects=False)
            assert answer.status_code in statuses, path + probe
