"""Answers to requests that cannot be answered: plain pages for people, JSON for programs."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from editor_site import urls as site_urls
from edits.models import User
from edits.views import errors
from tests.conftest import signed_in

FAILURES = {
    "odd": SuspiciousOperation("odd secret"),
    "forbidden": PermissionDenied("forbidden secret"),
    "missing": Http404("missing secret"),
    "broken": RuntimeError("broken secret"),
    "away": OperationalError("away secret"),
    "cut": InterfaceError("cut secret"),
}


def fail(request: HttpRequest, kind: str) -> HttpResponse:
    """A view that fails."""
    raise FAILURES[kind]


handler400, handler403 = site_urls.handler400, site_urls.handler403
handler404, handler500 = site_urls.handler404, site_urls.handler500
urlpatterns: list[Any] = [
    path("v1/<str:kind>/", fail),
    path("fail/<str:kind>/", fail),
    *site_urls.urlpatterns,
]

EXPECTED = [
    ("odd", 400, "bad_request"),
    ("forbidden", 403, "forbidden"),
    ("missing", 404, "not_found"),
    ("broken", 500, "internal_error"),
    ("away", 503, "unavailable"),
    ("cut", 503, "unavailable"),
]


@pytest.fixture
def client(alice: User) -> Client:
    """Alice's browser, which takes an error page as an answer."""
    browser = signed_in(alice)
    browser.raise_request_exception = False
    return browser


@pytest.mark.urls(__name__)
class TestAnswers:
    @pytest.mark.parametrize(("kind", "status", "code"), EXPECTED)
    def test_people_get_a_page_that_says_what_to_do(
        self, client: Client, kind: str, status: int, code: str
    ) -> None:
        answer = client.get(f"/fail/{kind}/")
        assert answer.status_code == status
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "Go to the studio" in answer.content.decode()

    @pytest.mark.parametrize(("kind", "status", "code"), EXPECTED)
    @pytest.mark.parametrize(
        ("prefix", "accept"), [("v1", "*/*"), ("v1", "text/html"), ("fail", "application/json")]
    )
    def test_programs_get_json(
        self, client: Client, kind: str, status: int, code: str, prefix: str, accept: str
    ) -> None:
        answer = client.get(f"/{prefix}/{kind}/", headers={"accept": accept})
        assert answer.status_code == status
        error = answer.json()["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["code"] == code
        assert error["type"] == ("server_error" if status >= 500 else "invalid_request_error")

    @pytest.mark.parametrize("kind", FAILURES)
    @pytest.mark.parametrize("accept", ["text/html", "application/json"])
    def test_nobody_reads_what_the_exception_says(self, client: Client, kind: str, accept: str) -> None:
        answer = client.get(f"/fail/{kind}/", headers={"accept": accept})
        assert "secret" not in answer.content.decode()

    @pytest.mark.parametrize("accept", ["text/html", "application/json"])
    def test_it_is_said_when_to_ask_a_database_that_is_away_again(self, client: Client, accept: str) -> None:
        answer = client.get("/fail/away/", headers={"accept": accept})
        assert answer["Retry-After"] == "5"
        assert "Retry-After" not in client.get("/fail/broken/", headers={"accept": accept})

    @pytest.mark.parametrize("accept", ["text/html", "application/json"])
    @pytest.mark.parametrize("sql", ["SELECT * FROM edits_newer", "SELECT newer FROM edits_provider"])
    def test_a_database_that_was_not_migrated_is_not_said_to_be_away(
        self, client: Client, caplog: pytest.LogCaptureFixture, accept: str, sql: str
    ) -> None:
        with transaction.atomic():
            with pytest.raises(DatabaseError) as refused, connection.cursor() as cursor:
                cursor.execute(sql)
            transaction.set_rollback(True)
        FAILURES["unmigrated"] = refused.value
        answer = client.get("/fail/unmigrated/", headers={"accept": accept})
        assert answer.status_code == 503
        assert answer["Retry-After"] == "5"
        words = answer.content.decode()
        assert "cannot be reached" not in words
        assert "newer" not in words
        assert "administrator" in words
        assert "Migrations are not applied: run manage.py migrate" in caplog.text

    def test_a_database_that_is_away_before_the_view_is_reached_is_said_too(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: object) -> None:
            raise OperationalError("the session cannot be read")

        monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", away)
        assert client.get("/history/").status_code == 503

    def test_what_is_missing_and_what_is_hidden_look_the_same(self, client: Client) -> None:
        hidden, missing = client.get("/fail/missing/"), client.get("/never/was/")
        assert hidden.status_code == missing.status_code == 404
        assert _without_tokens(hidden) == _without_tokens(missing)


class TestCsrf:
    def test_a_form_without_its_token_says_load_it_again(self, root: User) -> None:
        client = Client(enforce_csrf_checks=True)
        assert "reload the page" in client.post("/accounts/login/").content.decode()

    def test_a_program_is_told_in_json(self, root: User) -> None:
        client = Client(enforce_csrf_checks=True)
        answer = client.post("/accounts/login/", headers={"accept": "application/json"})
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "csrf_failed"


class TestWantsJson:
    @pytest.mark.parametrize(
        ("accept", "expected"),
        [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
            ("*/*", False),
            ("image/png", False),
            ("application/json", True),
            ("application/json, text/html;q=0.5", True),
            ("nonsense", False),
        ],
    )
    def test_it_goes_by_what_is_preferred(self, accept: str, expected: bool) -> None:
        assert errors.wants_json(RequestFactory().get("/", headers={"accept": accept})) is expected

    def test_the_500_page_needs_neither_session_nor_database(self) -> None:
        answer = errors.server_error(RequestFactory().get("/"))
        assert answer.status_code == 500
        assert (
            json.loads(errors.server_error(RequestFactory().get("/v1/x")).content)["error"]["param"] is None
        )


def _without_tokens(answer: Any) -> str:
    return "\n".join(line for line in answer.content.decode().splitlines() if "csrf" not in line)
