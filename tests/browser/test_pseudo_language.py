"""Pages in a language of brackets: nothing visible bypasses gettext, and longer sentences have room."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.accessibility import WIDTHS
from tests.browser.backstage import Backstage
from tests.browser.people import Person, assert_it_fits_the_width
from tests.browser.visits import ENGLISH, STRANGER, VISITS, Visit
from tests.installation import Installation, answers, eventually, installed
from tests.pseudo_language import CLOSE, CODE, OPEN, make_catalog

OF_NOBODY = {"Retake", "Pseudo", "English", "简体中文", "URL", "MB", "JPEG", "PNG", "WEBP"}
OF_PEOPLE = {"alice", "al", "bob", "bo", "rita", "ri", "root", "ro"}
"""What pages show as it was entered."""

OWN = (
    "turn it black and white",
    "make the sky darker",
    "Practice engine",
    "Old photo",
    "Studio GPU",
    "step-1x-edit",
    "Qwen-Image-Edit-2511",
    "The service refused the key (HTTP 401).",
    "Keeps faces and text.",
    "Follows long instructions.",
    "https://api.openai.com/v1",
    "http://gpu.example.org:8091/v1",
)
"""Prompts, names of recipes, models and providers, addresses and stored reasons."""

ALIKE = {
    *(
        f"studio {state}"
        for state in ("queued", "running", "failed", "filtered", "canceled", "sharing", "keys")
    ),
    *(f"studio {state}" for state in ("waiting for another try", "past pictures")),
    *(f"viewer {state}" for state in ("queued", "failed", "in the trash", "a colleague's")),
    *(f"history {state}" for state in ("selecting", "choosing dates")),
    *(f"settings with {what}" for what in ("a new link", "a key that is refused", "keys of others")),
    *(f"{page} {state}" for page in ("provider", "providers") for state in ("stopped", "held")),
    "viewer zoomed",
    *("webhook working", "webhook gone", "account_login", "account_signup", "review_case open"),
    *("team while it is stopped", "team while it is waiting"),
}
"""Looks whose sentences another look has as well."""
LOOKS = [visit for visit in VISITS if visit.page not in ENGLISH and str(visit) not in ALIKE]

SAID = """
() => {
  const own = "script, style, template, noscript, code, kbd, samp, time, svg, option, textarea, [data-own]";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const { parentElement } = node;
    if (parentElement.closest(own) || !parentElement.getClientRects().length) continue;
    texts.push(node.data);
  }
  const names = ["aria-label", "title", "placeholder", "alt", "data-key-label"];
  const labels = [...document.querySelectorAll(names.map((name) => `[${name}]`).join())]
    .filter((element) => !element.closest("time, [data-own]"))
    .flatMap((element) => names.map((name) => element.getAttribute(name) ?? ""));
  return [texts.join(" "), document.title, ...labels];
}
"""


def bare_words(text: str) -> list[str]:
    """Words outside the brackets, which may lie in each other."""
    for own in OWN:
        text = text.replace(own, "")
    depth, outside = 0, []
    for char in text:
        depth += (char == OPEN) - (char == CLOSE)
        outside.append(char if depth == 0 and char != CLOSE else " ")
    assert depth == 0, text
    words = re.findall(r"[^\W\d_][\w.@'’-]*", "".join(outside))
    return [word for word in words if word not in OF_NOBODY | OF_PEOPLE]


def assert_all_is_translated(page: Page) -> None:
    found = {text.strip(): words for text in page.evaluate(SAID) if (words := bare_words(text))}
    assert not found, f"{page.url}: {found}"


@pytest.fixture(scope="module")
def retake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that speaks the language as well."""
    locale = tmp_path_factory.mktemp("locale")
    make_catalog(locale)
    settings = {
        "DJANGO_SETTINGS_MODULE": "tests.pseudo_settings",
        "PSEUDO_LANGUAGE": CODE,
        "PSEUDO_LOCALE": str(locale),
    }
    with installed(tmp_path_factory.mktemp("pseudo"), **settings) as installation:
        installation.migrate()
        installation.start_all()
        eventually(lambda: answers(f"http://127.0.0.1:{installation.engine_port}/v1/models"))
        yield installation


@pytest.fixture(scope="module")
def door(retake: Installation) -> Iterator[Backstage]:
    backstage = Backstage(retake.environment)
    yield backstage
    backstage.close()


@pytest.mark.parametrize("visit", LOOKS, ids=str)
def test_it_is_translated_and_has_room(
    visit: Visit, chromium: Browser, retake: Installation, door: Backstage
) -> None:
    door("cast")
    filled = door(visit.scene, **visit.given) if visit.scene else ""
    context = chromium.new_context(extra_http_headers={"Accept-Language": CODE})
    if visit.who != STRANGER:
        cookie, session = door("session", name=visit.who)
        context.add_cookies([{"name": cookie, "value": session, "url": retake.url}])
    person = Person(visit.who, context, retake.url).may_be_refused(visit.status, 409, 422)
    try:
        page = person.page
        page.goto(retake.url + visit.path.format(filled))
        visit.then(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert_all_is_translated(page)
            assert_it_fits_the_width(page)
        person.assert_all_was_well()
    finally:
        context.close()
