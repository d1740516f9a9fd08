"""The site under a path of a host that it shares: what a real proxy and a browser do not show by themselves."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory
from django.test.utils import override_script_prefix
from django.urls import reverse
from pytest_django import Settings

from editor_site.site_address import site_url
from editor_site.sub_path import base_path, below
from edits.models import User
from edits.services.site_links import absolute
from edits.views import errors
from tests.test_settings import run

PATH = "/retake"


@pytest.fixture
def _under_path(settings: Settings) -> Iterator[None]:
    """As a web server's threads have it, and as the settings make it of BASE_PATH."""
    settings.BASE_PATH = settings.FORCE_SCRIPT_NAME = PATH
    settings.SESSION_COOKIE_PATH = settings.CSRF_COOKIE_PATH = PATH
    settings.SITE_URL = f"https://example.com{PATH}"
    with override_script_prefix(f"{PATH}/"):
        yield


@pytest.mark.parametrize(
    ("given", "path"),
    [("", ""), ("/", ""), ("retake", PATH), ("/retake", PATH), ("/retake/", PATH), ("/a/b-c_d.e~1", "/a/b-c_d.e~1")],
)  # fmt: skip
def test_the_setting_may_have_slashes_or_not(given: str, path: str) -> None:
    assert base_path(given) == path


@pytest.mark.parametrize(
    "given", ["https://a.example/x", "/a b", "/a//b", "/../x", "/.", "/a?b", "/é", "/a;b", "/(a)"]
)
def test_what_is_no_path_is_refused(given: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="BASE_PATH must be a path such as /retake"):
        base_path(given)


@pytest.mark.parametrize(
    ("asked", "found"),
    [("/retake/", "/"), ("/retake", ""), ("/retake/v1/edits", "/v1/edits"), ("/", "/"), ("/v1/edits", "/v1/edits"),
     ("/retakes/", "/retakes/")],
)  # fmt: skip
def test_a_proxy_may_pass_the_path_on_or_take_it_off(asked: str, found: str) -> None:
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ)
        return []

    below(PATH, application)({"PATH_INFO": asked}, None)
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == (PATH, found)
    assert below("", application) is application


@pytest.mark.processes
def test_all_that_depends_on_it_follows_the_one_setting(tmp_path: Path) -> None:
    code = (
        "from django.conf import settings as s; from django.urls import reverse;"
        "print(s.STATIC_URL, s.SESSION_COOKIE_PATH, s.CSRF_COOKIE_PATH, s.SITE_URL, reverse('edits:history'))"
    )
    shown = ("shell", "-v0", "--no-imports", "-c", code)
    done = run(tmp_path, *shown, BASE_PATH="retake/", ALLOWED_HOSTS="a.example", HTTPS="1")
    expected = "/retake/static/ /retake /retake https://a.example/retake /retake/history/"
    assert done.stdout.strip() == expected, done.stderr
    whole = run(tmp_path, *shown)
    assert whole.stdout.strip() == "/static/ / / http://localhost:8000 /history/", whole.stderr


@pytest.mark.parametrize("given", ["https://a.example", "https://a.example/", "https://a.example/retake/"])
def test_the_address_of_the_site_may_name_the_path_or_not(given: str) -> None:
    found = site_url(given, origins=[], hosts=[], https=True, port=8000, path=PATH)
    assert found == "https://a.example/retake"


@pytest.mark.usefixtures("_under_path")
class TestUnderPath:
    def test_links_of_workers_have_it_once(self) -> None:
        """Django tells only threads that serve requests where the site is."""
        links = [absolute(reverse("edits:history"))]
        worker = threading.Thread(target=lambda: links.append(absolute(reverse("edits:history"))))
        worker.start()
        worker.join()
        assert links == ["https://example.com/retake/history/"] * 2

    def test_cookies_keep_to_it(self, alice: User) -> None:
        client = Client()
        client.post("/accounts/login/", {"login": "alice", "password": "open sesame 7"})
        client.get("/settings/")
        assert {name: cookie["path"] for name, cookie in client.cookies.items()} == dict.fromkeys(
            client.cookies, PATH
        )
        assert len(client.cookies) >= 2

    def test_messages_do_not_show_on_a_neighbors_pages(self, alice: User, settings: Settings) -> None:
        User.objects.filter(pk=alice.pk).update(is_active=False)
        client = Client()
        client.post("/accounts/login/", {"login": "alice", "password": "open sesame 7"})
        name = settings.MESSAGES_COOKIE_NAME
        assert client.cookies[name].value
        assert client.cookies[name]["path"] == PATH
        client.get("/accounts/login/")
        assert (client.cookies[name].value, client.cookies[name]["path"]) == ("", PATH)

    def test_errors_of_the_api_stay_json(self, stranger: Client) -> None:
        assert stranger.get("/v1/nothing").json()["error"]["code"] == "not_found"
        assert stranger.get("/nothing", headers={"accept": "text/html"})["Content-Type"].startswith(
            "text/html"
        )

    def test_a_large_call_of_a_program_is_refused_as_such(self, stranger: Client) -> None:
        answer = stranger.post(
            "/v1/images/edits",
            b"x",
            content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(2**30),
        )
        assert answer.json()["error"]["code"] in {"invalid_api_key", "too_large"}

    @pytest.mark.parametrize("fault", [RuntimeError(), errors.OperationalError()])
    def test_the_barest_pages_find_their_styles_and_the_way_back(self, fault: Exception) -> None:
        try:
            raise fault
        except Exception:  # noqa: BLE001  as Django handles it
            page = errors.server_error(RequestFactory().get("/")).content.decode()
        assert 'href="/retake/static/css/base.css"' in page
        assert 'href="/retake/"' in page
        assert 'href="/"' not in page

    def test_health_is_told_before_there_is_an_account(self, stranger: Client) -> None:
        assert stranger.get("/healthz").status_code == 200
        assert stranger.get("/history/")["Location"] == "/retake/setup/"


@pytest.mark.processes
@pytest.mark.parametrize("path", ["", "/a/b"])
def test_health_needs_no_https(tmp_path: Path, path: str) -> None:
    code = (
        "import re; from django.conf import settings as s; found = re.compile(s.SECURE_REDIRECT_EXEMPT[0]).search;"
        f"print([bool(found('{path}'[1:] + p)) for p in ('{path and '/'}healthz', '/x/healthz', '')])"
    )
    done = run(tmp_path, "shell", "-v0", "--no-imports", "-c", code, BASE_PATH=path)
    assert done.stdout.strip() == "[True, False, False]", done.stderr
