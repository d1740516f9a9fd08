"""What pages cost: queries of the history on the server, bytes and requests in the browser (Chromium)."""

import shutil
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests
from playwright.sync_api import BrowserContext, sync_playwright

from bench.installation import Installation
from bench.report import Figure

QUERIES, BYTES, REQUESTS, SCRIPT_BYTES = 6, 150_000, 12, 40_000
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]


def measure(retake: Installation, visitor: requests.Session) -> list[Figure]:
    """The browser first, because counting queries fills the history with copies."""
    wire = on_the_wire(retake, dict(visitor.cookies.items()))
    counts = retake.inside("history_queries()")
    return [
        *(
            Figure(f"queries of the history page, {size}", count, "", QUERIES)
            for size, count in counts.items()
        ),
        *wire,
    ]


@dataclass
class Wire:
    """The loaded bytes and requests by kind, without pictures; ``bodies`` without the headers of HTTP/1.1."""

    kinds: dict[str, str] = field(default_factory=dict)
    octets: Counter[str] = field(default_factory=Counter)
    bodies: Counter[str] = field(default_factory=Counter)
    requests: int = 0

    def began(self, event: dict[str, Any]) -> None:
        """A request was sent."""
        url = event["request"]["url"]
        if not url.startswith("data:") and "/edits/" not in url:
            self.kinds[event["requestId"]] = event["type"]
            self.requests += 1

    def received(self, event: dict[str, Any]) -> None:
        """A part of a body arrived."""
        kind = self.kinds.get(event["requestId"])
        if kind:
            self.bodies[kind] += int(event["encodedDataLength"])

    def ended(self, event: dict[str, Any]) -> None:
        """A response is complete."""
        kind = self.kinds.get(event["requestId"])
        if kind:
            self.octets[kind] += int(event["encodedDataLength"])


def on_the_wire(retake: Installation, cookies: dict[str, str]) -> list[Figure]:
    """A first visit by a browser with an empty cache."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        return [Figure("first visit of the history page", None, "kB", BYTES / 1000, "no Chromium here")]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies(
            [{"name": name, "value": value, "url": retake.url} for name, value in cookies.items()]
        )
        wire, studio = (visited(context, f"{retake.url}{path}") for path in ("/history/", "/"))
        browser.close()
    octets, scripts = sum(wire.octets.values()), wire.octets["Script"]
    note = ", ".join(f"{kind.lower()} {count / 1000:.1f}" for kind, count in wire.octets.most_common())
    return [
        Figure("first visit of the history page, without pictures", octets / 1000, "kB", BYTES / 1000, note),
        Figure("requests of it, without pictures", wire.requests, "", REQUESTS),
        Figure("scripts of it", scripts / 1000, "kB", SCRIPT_BYTES / 1000),
        Figure(
            "scripts of the studio",
            studio.bodies["Script"] / 1000,
            "kB",
            SCRIPT_BYTES / 1000,
            f"{studio.octets['Script'] / 1000:.1f} with headers",
        ),
    ]


def visited(context: BrowserContext, url: str) -> Wire:
    """What the network carried for a page, with nothing kept from another one."""
    wire, page = Wire(), context.new_page()
    events = context.new_cdp_session(page)
    events.on("Network.requestWillBeSent", wire.began)
    events.on("Network.dataReceived", wire.received)
    events.on("Network.loadingFinished", wire.ended)
    events.send("Network.enable")
    events.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(url, wait_until="networkidle")
    page.close()
    return wire
