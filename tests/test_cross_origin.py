"""Pages of other sites that call the API from a browser: only those that were named, and never with cookies."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from edits.models import User
from tests.callers import caller_of
from tests.conftest import signed_in
from tests.test_settings import run

PANEL, STRANGE = "https://panel.example.com", "https://strange.example.com"
ALLOW = "Access-Control-Allow-Origin"
ASKED = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
}


@pytest.fixture
def named(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [PANEL]


def preflight(origin: str, path: str = "/v1/images/edits") -> Any:
    """What a browser asks before it lets a page send a key."""
    return Client().options(path, headers=ASKED | {"origin": origin})


def words(answer: Any, header: str) -> set[str]:
    return {word.strip().lower() for word in answer.headers[header].split(",")}


class TestByDefault:
    def test_no_other_site_is_allowed(self, db: None) -> None:
        assert ALLOW not in preflight(PANEL).headers

    def test_an_answer_cannot_be_read_elsewhere(self, alice: User) -> None:
        assert ALLOW not in caller_of(alice).get("/v1/models", headers={"origin": PANEL}).headers


@pytest.mark.usefixtures("named", "db")
class TestNamed:
    def test_its_pages_may_send_a_key_and_read_about_their_edit(self, alice: User) -> None:
        answer = preflight(PANEL)
        assert (answer.status_code, answer.headers[ALLOW]) == (200, PANEL)
        assert {"authorization", "content-type", "idempotency-key", "x-stainless-lang"} <= words(
            answer, "Access-Control-Allow-Headers"
        )
        read = caller_of(alice).get("/v1/models", headers={"origin": PANEL})
        assert (read.status_code, read.headers[ALLOW]) == (200, PANEL)
        assert {"x-edit-id", "retry-after"} <= words(read, "Access-Control-Expose-Headers")

    def test_they_read_refusals_too(self) -> None:
        answer = Client().get("/v1/models", headers={"origin": PANEL})
        assert (answer.status_code, answer.headers[ALLOW]) == (401, PANEL)

    def test_another_site_is_not_allowed(self) -> None:
        assert ALLOW not in preflight(STRANGE).headers
        assert ALLOW not in preflight(f"{PANEL}.example.net").headers

    def test_cookies_do_not_count(self, alice: User) -> None:
        answer = signed_in(alice).get("/v1/edits", headers={"origin": PANEL})
        assert answer.status_code == 401
        assert "Access-Control-Allow-Credentials" not in answer.headers

    @pytest.mark.parametrize("path", ["/", "/history/", "/settings/", "/accounts/login/"])
    def test_only_the_api_is_open_to_them(self, alice: User, path: str) -> None:
        assert ALLOW not in signed_in(alice).get(path, headers={"origin": PANEL}).headers
        assert ALLOW not in preflight(PANEL, path).headers


def test_a_star_means_every_site(settings: Settings, db: None) -> None:
    settings.CORS_ALLOW_ALL_ORIGINS = True
    assert preflight(STRANGE).headers[ALLOW] == "*"


@pytest.mark.processes
@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("*", (True, [])),
        (f"{PANEL}/, http://localhost:3000", (False, [PANEL, "http://localhost:3000"])),
        ("", (False, [])),
    ],
)
def test_the_setting_is_read(tmp_path: Path, given: str, read: tuple[bool, list[str]]) -> None:
    code = "from django.conf import settings; print((settings.CORS_ALLOW_ALL_ORIGINS, settings.CORS_ALLOWED_ORIGINS))"
    assert run(
        tmp_path, "shell", "--no-imports", "-c", code, API_ALLOWED_ORIGINS=given
    ).stdout.strip() == str(read)
