"""Who opens the site by a wrong address, or through a proxy that changes it, reads which setting fixes it."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from edits.models import User

LOGIN = "/accounts/login/"
PAGE = {"accept": "text/html"}


class Send:
    """Sends the sign-in form as a browser does that has just loaded it."""

    def __call__(
        self,
        *,
        origin: str,
        secure: bool = False,
        referer: str = "",
        token: str = "",
        accept: str = "text/html",
    ) -> Any:
        client = Client(enforce_csrf_checks=True)
        client.get(LOGIN, HTTP_HOST="localhost", secure=secure)
        headers = {"accept": accept, "origin": origin, "referer": referer}
        return client.post(
            LOGIN,
            {
                "login": "root",
                "password": "wrong",
                "csrfmiddlewaretoken": token or client.cookies[settings.CSRF_COOKIE_NAME].value,
            },
            headers={name: value for name, value in headers.items() if value},
            HTTP_HOST="localhost",
            secure=secure,
        )

    def refused(self, **sent: Any) -> str:
        """The page of a form that was not taken."""
        answer = self(**sent)
        assert answer.status_code == 403
        return str(answer.content.decode())


class TestHost:
    """The first visit from another computer, or through a proxy that sends its own name for ours."""

    def ask(self, host: str, **headers: str) -> tuple[int, str]:
        answer = Client(raise_request_exception=False).get("/", headers=PAGE | headers, HTTP_HOST=host)
        return answer.status_code, answer.content.decode()

    def test_an_unknown_name_is_named_with_its_setting(self) -> None:
        status, page = self.ask("studio.lan:8000")
        assert (status, reason_on(page)) == (400, "host")
        assert "Add studio.lan to ALLOWED_HOSTS" in page

    @pytest.mark.parametrize("host", ["retake_web:8000", "a b", "<i>x</i>"])
    def test_a_name_that_no_setting_allows_is_the_proxys_to_correct(self, host: str) -> None:
        status, page = self.ask(host)
        assert (status, reason_on(page)) == (400, "host")
        assert "proxy_set_header Host $http_host;" in page
        assert "to ALLOWED_HOSTS" not in page
        assert "<i>x</i>" not in page

    def test_nobody_reads_which_names_are_allowed(self, settings: Settings) -> None:
        settings.ALLOWED_HOSTS = ["secret.example"]
        assert "secret.example" not in self.ask("studio.lan")[1]

    def test_a_program_reads_it_too(self) -> None:
        answer = Client(raise_request_exception=False).get("/v1/models", HTTP_HOST="studio.lan")
        assert answer.json()["error"]["code"] == "unknown_host"
        assert "Add studio.lan to ALLOWED_HOSTS" in answer.json()["error"]["message"]


class TestForm:
    """A form with a good token, whose address is not the one that the browser shows."""

    @pytest.fixture
    def send(self, root: User) -> Send:
        return Send()

    def test_sent_from_the_address_that_arrives_it_is_taken(self, send: Send) -> None:
        assert send(origin="http://localhost").status_code == 200  # which says that the password is wrong

    @pytest.mark.parametrize("origin", ["null", ""])
    def test_a_hidden_origin(self, send: Send, origin: str) -> None:
        page = send.refused(origin=origin, secure=not origin)
        assert reason_on(page) == "origin_hidden"
        assert "Referrer-Policy: no-referrer" in page

    def test_https_that_ends_at_the_proxy(self, send: Send) -> None:
        page = send.refused(origin="https://localhost")
        assert reason_on(page) == "https"
        assert "Set HTTPS=1" in page
        assert "X-Forwarded-Proto: https" in page

    def test_a_proxy_that_claims_https(self, send: Send) -> None:
        page = send.refused(origin="http://localhost", secure=True)
        assert reason_on(page) == "https"
        assert "Set HTTPS=1" not in page
        assert "X-Forwarded-Proto $scheme" in page

    @pytest.mark.parametrize("origin", ["http://localhost:8443", "https://retake.example.com"])
    def test_another_port_or_name(self, send: Send, origin: str) -> None:
        page = send.refused(origin=origin)
        assert reason_on(page) == "origin"
        assert "proxy_set_header Host $http_host;" in page
        assert f"CSRF_TRUSTED_ORIGINS={origin} " in page

    def test_the_setting_that_is_named_helps(self, send: Send, settings: Settings) -> None:
        settings.CSRF_TRUSTED_ORIGINS = ["https://retake.example.com"]
        assert send(origin="https://retake.example.com").status_code == 200

    def test_the_page_before_says_it_where_there_is_no_origin(self, send: Send) -> None:
        page = send.refused(origin="", referer="https://retake.example.com/accounts/login/", secure=True)
        assert "CSRF_TRUSTED_ORIGINS=https://retake.example.com " in page

    def test_no_cookie(self, root: User) -> None:
        answer = Client(enforce_csrf_checks=True).post(LOGIN, headers=PAGE)
        assert reason_on(answer.content.decode()) == "no_cookie"

    def test_a_page_that_was_open_over_an_upgrade_is_too_old(self, root: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.cookies["csrftoken"] = "x" * 32  # its name before installations had their own
        assert reason_on(client.post(LOGIN, headers=PAGE).content.decode()) == "token"

    def test_an_old_token(self, send: Send) -> None:
        assert reason_on(send.refused(origin="http://localhost", token="x" * 64)) == "token"

    def test_a_program_reads_one_code_and_the_remedy(self, send: Send) -> None:
        error = send(origin="https://localhost", accept="application/json").json()["error"]
        assert error["code"] == "csrf_failed"
        assert "Set HTTPS=1" in error["message"]

    def test_the_log_has_the_reason(self, send: Send, caplog: pytest.LogCaptureFixture) -> None:
        send.refused(origin="https://retake.example.com")
        assert "https://retake.example.com does not match any trusted origins" in caplog.text


class TestMissingHttps:
    """HTTPS=1, and the proxy does not say that the browser uses it."""

    @pytest.fixture(autouse=True)
    def _https(self, settings: Settings) -> None:
        settings.SECURE_SSL_REDIRECT = True
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    @pytest.mark.parametrize("header", ["x-forwarded-for", "via", "forwarded", "sec-fetch-site"])
    def test_a_browser_is_not_redirected_to_where_it_is(self, stranger: Client, header: str) -> None:
        answer = stranger.get(LOGIN, headers=PAGE | {header: "10.0.0.9"})
        assert (answer.status_code, reason_on(answer.content.decode())) == (400, "https_unknown")
        assert "X-Forwarded-Proto: https" in answer.content.decode()

    def test_it_is_redirected_where_the_proxy_says_that_it_was_called_without(self, stranger: Client) -> None:
        said = {"x-forwarded-for": "10.0.0.9", "x-forwarded-proto": "http"}
        answer = stranger.get(LOGIN, headers=PAGE | said)
        assert (answer.status_code, answer["Location"]) == (301, f"https://testserver{LOGIN}")

    def test_without_a_proxy_it_is_redirected(self, stranger: Client) -> None:
        assert stranger.get(LOGIN, headers=PAGE).status_code == 301

    def test_an_unknown_host_is_not_redirected_but_named(self) -> None:
        answer = Client().get(LOGIN, headers=PAGE, HTTP_HOST="studio.lan")
        assert (answer.status_code, reason_on(answer.content.decode())) == (400, "host")

    def test_with_https_the_page_is_there(self, root: User, stranger: Client) -> None:
        said = {"x-forwarded-for": "10.0.0.9", "x-forwarded-proto": "https"}
        assert stranger.get(LOGIN, headers=PAGE | said).status_code == 200


def reason_on(page: str) -> str:
    """Which refusal a page shows."""
    found = re.search(r'data-reason="(\w+)"', page)
    return found[1] if found else ""
