"""People in front of a soak: they sign in, send edits through the studio's form and look at pages meanwhile."""

import threading
import time
import uuid
from dataclasses import dataclass, field
from io import BytesIO
from itertools import cycle

import requests
from PIL import Image

from tests.installation import PATIENCE_SECONDS
from tests.soak.plan import PASSWORD, PEOPLE

TIMEOUT_SECONDS = 60
LOOKING_EVERY_SECONDS = 0.6
FOUND, BUSY = 302, 503


@dataclass(frozen=True)
class Look:
    """One page as somebody got it; status 0 while the web server was away."""

    page: str
    status: int
    seconds: float


@dataclass
class Person:
    """Somebody with a browser of their own."""

    name: str
    url: str
    web_is_up: threading.Event
    session: requests.Session = field(default_factory=requests.Session)
    latest: str = ""
    """The public id of the edit that they sent last."""
    sent_again: int = 0
    """Forms that were sent again because the web server went away under them or was busy."""

    def sign_in(self) -> None:
        """Through the page, password and all."""
        page = f"{self.url}/accounts/login/"
        self.session.get(page, timeout=TIMEOUT_SECONDS).raise_for_status()
        fields = self._signed({"login": self.name, "password": PASSWORD})
        answer = self.session.post(page, data=fields, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        assert answer.status_code == FOUND, f"{self.name} could not sign in: {answer.status_code}"

    def submit(self, prompt: str) -> None:
        """Send one edit; the same form again when the server is killed under it or asks to come back."""
        form = {"submission_key": str(uuid.uuid4()), "prompt": prompt, "size": "512x512"}
        form |= {"steps": "28", "cfg_scale": "6"}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._is_taken(form):
            assert time.monotonic() < deadline, f"{prompt!r} was not taken for {PATIENCE_SECONDS} s"
            self.sent_again += 1

    def look(self, page: str) -> Look:
        """Open a page."""
        began = time.monotonic()
        try:
            answer = self.session.get(f"{self.url}{page}", timeout=TIMEOUT_SECONDS, allow_redirects=False)
        except requests.ConnectionError:
            return Look(page, 0, time.monotonic() - began)
        return Look(page.partition("?")[0], answer.status_code, time.monotonic() - began)

    def _is_taken(self, form: dict[str, str]) -> bool:
        self.web_is_up.wait(PATIENCE_SECONDS)
        files = {"image": (f"{self.name}.png", source_of(self.name), "image/png")}
        fields = self._signed(form)
        try:
            answer = self.session.post(
                f"{self.url}/", data=fields, files=files, timeout=TIMEOUT_SECONDS, allow_redirects=False
            )
        except requests.ConnectionError:
            return False
        assert answer.status_code in (FOUND, BUSY), f"{form['prompt']!r} was answered {answer.status_code}"
        self.latest = answer.headers.get("Location", "").partition("?show=")[2] or self.latest
        return answer.status_code == FOUND

    def _signed(self, form: dict[str, str]) -> dict[str, str]:
        return form | {"csrfmiddlewaretoken": self.cookie("csrf")}

    def cookie(self, kind: str) -> str:
        """What the site has put there; the whole name is the installation's own."""
        (value,) = [
            value for name, value in self.session.cookies.items() if name.startswith(f"retake_{kind}_")
        ]
        return value


def source_of(name: str) -> bytes:
    """The picture that this person edits, always the same."""
    image = Image.linear_gradient("L").resize((96, 96)).convert("RGB")
    image.putpixel((PEOPLE.index(name), 0), (255, 0, 0))
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def keep_looking(people: list[Person], looks: list[Look], *, stop: threading.Event) -> None:
    """Everybody opens one page after the other, as long as the soak runs."""
    for person in cycle(people):
        for page in ("/", "/history/", "/team/", f"/status/?as=card&id={person.latest}&was=queued"):
            if stop.wait(LOOKING_EVERY_SECONDS):
                return
            looks.append(person.look(page))
