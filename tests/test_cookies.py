"""Cookies have names that no other site on the same host uses: browsers send them to every port of it."""

import re
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from editor_site.cookies import named
from editor_site.messages import Messages
from edits.models import User
from tests.installation import Installation, answers, eventually, installed
from tests.soak.plan import PASSWORD
from tests.test_signing_in import sign_in

KINDS = ("session", "csrf", "messages", "browser", "language")
OF_OTHERS = {"sessionid", "csrftoken", "messages"}
ADD_ALICE = f"""
from edits.models import User
User.objects.create_user("alice", "alice@example.com", {PASSWORD!r})
answer(True)
"""


def test_two_installations_have_different_names_and_one_always_the_same() -> None:
    names = {named(kind, key) for kind in ("session", "csrf") for key in ("a key", "another key")}
    assert len(names) == 4
    assert named("session", "a key") == named("session", "a key")
    assert not names & OF_OTHERS


def test_the_settings_say_all_of_them() -> None:
    names = {
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.MESSAGES_COOKIE_NAME,
        settings.BROWSER_COOKIE_NAME,
        settings.LANGUAGE_COOKIE_NAME,
    }
    assert names == {named(kind, settings.SECRET_KEY) for kind in KINDS}


def test_no_cookie_of_another_site_is_written_or_deleted(alice: User) -> None:
    client = Client()
    for name in OF_OTHERS:
        client.cookies[name] = "of another site"
    client.get(reverse("account_login"))
    sign_in(client, "alice")
    client.get(reverse("edits:settings"))
    client.post(reverse("account_logout"))
    client.get(reverse("account_login"))
    kept = {name: morsel.value for name, morsel in client.cookies.items()}
    assert {name: kept[name] for name in OF_OTHERS} == dict.fromkeys(OF_OTHERS, "of another site")
    assert {name.rpartition("_")[0] for name in kept.keys() - OF_OTHERS} <= {
        "retake_session",
        "retake_csrf",
        "retake_messages",
        "retake_browser",
    }


def test_sentences_for_the_next_page_wait_in_a_cookie_of_ours() -> None:
    request, response = RequestFactory().get("/"), HttpResponse()
    request.COOKIES["messages"] = "of another site"
    SessionMiddleware(lambda _: response).process_request(request)
    storage = Messages(request)
    storage.add(messages.SUCCESS, "Key revoked.")
    storage.update(response)
    assert list(response.cookies) == [settings.MESSAGES_COOKIE_NAME]


@pytest.mark.processes
def test_one_browser_is_signed_in_to_two_installations_on_one_host(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("practice", "real")]
    for folder in folders:
        folder.mkdir()
    with installed(folders[0]) as practice, installed(folders[1]) as real, requests.Session() as browser:
        first, second = serve(practice), serve(real)
        for url in (first, second):
            send(browser, url, "/accounts/login/", login="alice", password=PASSWORD)
        assert sees_settings(browser, first)
        assert sees_settings(browser, second)
        send(
            browser, first, "/accounts/logout/"
        )  # a form of the first one still works, and signs out of it alone
        assert not sees_settings(browser, first)
        assert sees_settings(browser, second)


def serve(place: Installation) -> str:
    """Its web server alone, with Alice's account; returns its address."""
    place.migrate()
    place.collect_static()
    place.python(ADD_ALICE)
    place.start("-m", "gunicorn", "-c", "python:editor_site.gunicorn_conf", log="web")
    eventually(lambda: answers(f"{place.url}/healthz"))
    return place.url


def send(browser: requests.Session, url: str, path: str, **fields: str) -> None:
    """Load a form and send it."""
    page = browser.get(f"{url}{path}", timeout=60).text
    (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page))
    answer = browser.post(
        f"{url}{path}", data=fields | {"csrfmiddlewaretoken": token}, timeout=60, allow_redirects=False
    )
    assert answer.status_code == 302


def sees_settings(browser: requests.Session, url: str) -> bool:
    """Whether the browser is signed in there."""
    return browser.get(f"{url}/settings/", timeout=60, allow_redirects=False).status_code == 200
