"""Logs: every line says which request it belongs to, and a visitor cannot write into them."""

import logging
from collections.abc import Iterator

import pytest
import structlog
from django.core.exceptions import DisallowedHost, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from editor_site import logs
from tests.log_lines import Lines, logged


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What a program's log would hold in production."""
    with logged("edits.test") as found:
        yield found


def ask(request_id: str | None = None) -> HttpResponse:
    """The answer to a request that logs one line on its way."""

    def view(request: HttpRequest) -> HttpResponse:
        logging.getLogger("edits.test").warning("An edit was %s", "refused")
        return HttpResponse()

    headers = {"X-Request-Id": request_id} if request_id else {}
    return logs.RequestIdMiddleware(view)(RequestFactory().get("/", headers=headers))


def test_each_line_carries_the_id_of_its_request(lines: Lines) -> None:
    response = ask()
    (line,) = lines.all
    assert line["request_id"] == response["X-Request-Id"]
    assert (line["event"], line["level"], line["logger"]) == ("An edit was refused", "warning", "edits.test")
    assert line["timestamp"].endswith("Z")


def test_a_harmless_id_of_a_proxy_is_kept() -> None:
    assert ask("0af7651916cd43dd-8448")["X-Request-Id"] == "0af7651916cd43dd-8448"


@pytest.mark.parametrize("hostile", ["short", "a" * 65, 'id"} {"level": "x', "id\nforged line", "größer-als"])
def test_an_id_that_could_forge_a_line_is_replaced(hostile: str) -> None:
    assert ask(hostile)["X-Request-Id"] != hostile


def test_one_request_does_not_lend_its_id_to_the_next(lines: Lines) -> None:
    ids = {ask()["X-Request-Id"], ask()["X-Request-Id"]}
    assert len(ids) == 2
    assert {line["request_id"] for line in lines.all} == ids


def test_a_traceback_is_one_line_of_json(lines: Lines) -> None:
    try:
        raise OSError("disk full")
    except OSError:
        logging.getLogger("edits.test").exception("It could not be stored")
    (line,) = lines.all
    assert "disk full" in line["exception"]


@pytest.mark.parametrize("refusal", [PermissionDenied, DisallowedHost])
def test_a_refusal_is_a_line_without_a_traceback(lines: Lines, refusal: type[Exception]) -> None:
    try:
        raise refusal
    except refusal:
        logging.getLogger("edits.test").warning("Forbidden: %s", "/admin/", exc_info=True)
    (line,) = lines.all
    assert "exception" not in line
    assert line["event"] == "Forbidden: /admin/"


@pytest.mark.parametrize(
    ("path", "secret"),
    [
        ("/invitations/Zm9vYmFy-secret/", "Zm9vYmFy-secret"),
        ("/accounts/password/reset/key/1-set-password-8f2a/", "8f2a"),
    ],
)
def test_a_link_that_lets_somebody_in_is_not_repeated(path: str, secret: str, lines: Lines) -> None:
    logging.getLogger("edits.test").warning("Forbidden (%s): %s", "CSRF token missing.", path)
    (line,) = lines.all
    assert secret not in lines.text
    assert line["event"].startswith("Forbidden (CSRF token missing.): /")


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_row_that_the_database_refused_is_not_repeated(form: str) -> None:
    refused = 'null value in column "x"\nDETAIL:  Failing row contains (1, my prompt\nof two lines, 77120).'
    with logged("edits.test", form=form) as lines:
        try:
            try:
                raise ValueError(refused)
            except ValueError as error:
                raise OSError(refused) from error
        except OSError:
            logging.getLogger("edits.test").exception("It could not be recorded")
    assert "my prompt" not in lines.text
    assert "two lines" not in lines.text
    assert "null value in column" in lines.text
    assert "direct cause" in lines.text


KEY = "rtk_abcdVery-secret_0123456789"


@pytest.mark.parametrize(
    ("said", "kept", "secret"),
    [
        (f"Refused: {KEY}", "Refused: rtk_abcd[…]", "Very-secret"),
        (f"Authorization: Bearer {KEY}", "Authorization: Bearer rtk_abcd[…]", "Very-secret"),
        (f"{{'Authorization': 'bearer {KEY}'}}", "{'Authorization': 'bearer rtk_abcd[…]'}", "Very-secret"),
        (f"Bearer {KEY},Bearer {KEY}", "Bearer rtk_abcd[…],Bearer rtk_abcd[…]", "Very-secret"),
        ("{'Authorization': 'Bearer sk-provider'}", "{'Authorization': 'Bearer […]'}", "sk-provider"),
        ("signed with whsec_5e4d+3c/2b=.", "signed with whsec_[…].", "5e4d"),
        ("authorization: Basic YWxpY2U6b3Blbg==", "authorization:[…]", "YWxpY2U6b3Blbg"),
        (
            "Not Found: /v1/results/1f?expires=17&signature=5e4d3c",
            "Not Found: /v1/results/1f?expires=17&signature=[…]",
            "5e4d3c",
        ),
        (
            "/v1/results/1f?signature=5e4d3c&expires=17",
            "/v1/results/1f?signature=[…]&expires=17",
            "5e4d3c",
        ),
    ],
)
def test_what_lets_a_program_in_is_not_repeated(said: str, kept: str, secret: str, lines: Lines) -> None:
    log = logging.getLogger("edits.test")
    log.warning("%s", said)
    try:
        raise ValueError(said)
    except ValueError:
        log.exception("It broke")
    structlog.get_logger("edits.test").warning("It broke", path=said)
    assert secret not in lines.text
    said_so, broke, with_field = lines.all
    assert said_so["event"] == kept
    assert kept in broke["exception"]
    assert with_field["path"] == kept


@pytest.mark.parametrize(
    "words", ["the bearer of news", "authorization failed for alice", "rtk_abcd… was made"]
)
def test_words_that_open_nothing_stay(words: str, lines: Lines) -> None:
    logging.getLogger("edits.test").warning("%s", words)
    assert lines.all[0]["event"] == words
