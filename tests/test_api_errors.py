"""Every answer under /v1/ is JSON in one shape with a request id, from Django, a database or an unknown path."""

from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.test import Client

from edits.models import User
from tests.api_calls import ADDRESS, ask, error_of, nothing_is_kept
from tests.callers import caller_of
from tests.conftest import signed_in

GIGABYTE = str(2**30)


def failing(*_: object, **__: object) -> None:
    """A database that is away."""
    raise OperationalError("away secret")


@pytest.fixture
def program(alice: User) -> Client:
    """A script of Alice's, to whom a crash is an answer."""
    client = caller_of(alice)
    client.raise_request_exception = False
    return client


class TestDjangosOwnErrors:
    @pytest.mark.parametrize(
        "address", ["/v1", "/v1/", "/v1/nothing", "/v1/images/edits/x", "/v1/images/generations"]
    )
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
    def test_an_unknown_address(self, stranger: Client, root: User, address: str, method: str) -> None:
        response = stranger.generic(method, address)
        assert (response.status_code, error_of(response)["code"]) == (404, "not_found")

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
    def test_another_method(self, program: Client, method: str) -> None:
        response = program.generic(method, ADDRESS)
        assert response.status_code == 405
        assert response.headers["Allow"] == "POST"
        assert response.headers["Content-Type"] == "application/json"

    def test_another_host(self, program: Client) -> None:
        response = program.post(ADDRESS, headers={"host": "evil.example"})
        assert (response.status_code, error_of(response)["code"]) == (400, "unknown_host")

    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [(SuspiciousOperation("secret"), 400, "bad_request"), (PermissionDenied("secret"), 403, "forbidden"),
         (RuntimeError("secret"), 500, "internal_error"), (OperationalError("secret"), 503, "unavailable")],
    )  # fmt: skip
    def test_what_a_view_raises(
        self, program: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr("edits.api.images_edits.submit_edits", fail)
        response = ask(program)
        assert (response.status_code, error_of(response)["code"]) == (status, code)
        assert b"secret" not in response.content
        nothing_is_kept()

    def test_a_database_that_is_away_before_the_key_is_known_is_no_wrong_key(
        self, program: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("edits.api.access.find_api_key", failing)
        response = ask(program)
        assert (response.status_code, error_of(response)["code"]) == (503, "unavailable")
        assert response.headers["Retry-After"]


class TestWhoCalls:
    @pytest.mark.parametrize(
        "headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}]
    )
    def test_nothing_of_a_strangers_body_is_read(
        self, stranger: Client, root: User, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django.http.HttpRequest.read", failing)
        response = ask(stranger, headers=headers)
        assert (response.status_code, error_of(response)["code"]) == (401, "invalid_api_key")

    def test_a_key_in_the_address_opens_nothing(self, stranger: Client, root: User) -> None:
        assert stranger.post(f"{ADDRESS}?token=rtk_x").status_code == 401

    def test_who_is_signed_in_to_the_pages_is_a_stranger_here(self, alice: User) -> None:
        response = ask(signed_in(alice))
        assert response.status_code == 401
        nothing_is_kept()

    def test_before_anybody_has_an_account_it_is_no_other(self, stranger: Client) -> None:
        assert error_of(ask(stranger))["code"] == "invalid_api_key"

    def test_a_body_that_claims_a_gigabyte_is_not_waited_for(self, stranger: Client, root: User) -> None:
        response = stranger.generic("POST", ADDRESS, b"x", CONTENT_LENGTH=GIGABYTE)
        assert (response.status_code, error_of(response)["code"]) == (401, "invalid_api_key")

    @pytest.mark.parametrize("address", [ADDRESS, "/v1/models", f"/v1/edits/{UUID(int=7)}/rerun"])
    def test_nor_is_that_of_a_known_caller(self, alice: User, address: str) -> None:
        method = "GET" if address == "/v1/models" else "POST"
        response = caller_of(alice).generic(method, address, b"x", CONTENT_LENGTH=GIGABYTE)
        assert (response.status_code, error_of(response)["code"]) == (413, "too_large")

    def test_nor_that_of_what_takes_no_key(self, root: User) -> None:
        response = signed_in(root).generic("POST", "/v1/docs", b"x", CONTENT_LENGTH=GIGABYTE)
        assert (response.status_code, error_of(response)["code"]) == (413, "too_large")


class TestWithoutTls:
    @pytest.fixture(autouse=True)
    def _https(self, settings: Any) -> None:
        settings.SECURE_SSL_REDIRECT = True
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    @pytest.mark.parametrize("address", [ADDRESS, "/v1/edits", "/v1/nothing"])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_a_program_is_told_and_not_redirected(self, program: Client, method: str, address: str) -> None:
        response = program.generic(method, address)
        assert (response.status_code, error_of(response)["code"]) == (400, "https_required")
        nothing_is_kept()

    def test_with_tls_it_is_served(self, program: Client) -> None:
        assert ask(program, headers={"X-Forwarded-Proto": "https"}).status_code == 202

    def test_a_browser_is_led_to_it_as_everywhere(self, program: Client) -> None:
        response = program.get("/v1/docs", headers={"Accept": "text/html,*/*;q=0.8"})
        assert (response.status_code, response.headers["Location"]) == (301, "https://testserver/v1/docs")
        assert program.get("/history/").status_code == 301
