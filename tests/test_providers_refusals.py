"""What statuses, error bodies and Retry-After mean, and what must not stay in a text."""

import json
from datetime import UTC, datetime

import pytest

from edits.providers import GatewayFailed, ProviderError, Rejected, Unexpected
from edits.providers.dialects.stepfun import StepFunDialect
from edits.providers.error_bodies import ErrorBody
from edits.providers.redaction import one_line, redacted
from edits.providers.refusals import error_for, retry_after_seconds

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def error_of(status: int, body: bytes = b"") -> ProviderError:
    """The failure that a status and a body make."""
    return error_for(status, body=ErrorBody(body), headers={}, now=NOW)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        (" 3 ", 3.0),
        ("1.5", 1.5),
        ("86400", 86_400.0),
        ("Sun, 22 Nov 2026 12:00:05 GMT", 5.0),
        ("Sunday, 22-Nov-26 12:00:05 GMT", 5.0),
        ("Sun, 22 Nov 2026 12:00:05 -0000", 5.0),
        ("Sun, 22 Nov 2026 13:00:05 +0100", 5.0),
        ("9" * 300, 366 * 86_400.0),
    ],
)
def test_a_wait_comes_in_seconds_or_as_a_date(value: str, seconds: float) -> None:
    assert retry_after_seconds(value, now=NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0",
        "0.0",
        "-5",
        "soon",
        "inf",
        "nan",
        "1e9",
        "٣",
        "3, 4",
        "Sun, 22 Nov 2026 11:59:59 GMT",
        "Sun, 99",
        "Sun, 22 Nov 999999 11:59:59 GMT",
        "9" * 301,
        "\0",
    ],
)
def test_garbage_zero_and_the_past_are_no_wait(value: str) -> None:
    assert retry_after_seconds(value, now=NOW) is None


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "size: bad", "type": "request_params_invalid"}},
        {"error": "size: bad"},
        {"detail": "size: bad"},
        {"detail": [{"loc": ["body", "size"], "msg": "size: bad"}]},
        {"message": "size: bad"},
        {"error": {"message": " size:\r\n\tbad\0 "}},
    ],
)
def test_the_message_is_found_in_every_servers_shape(body: object) -> None:
    assert ErrorBody(json.dumps(body).encode()).message == "size: bad"


@pytest.mark.parametrize(
    "body", [b"", b"<html>size</html>", b"\n\n<!DOCTYPE html>", b"[]", b'{"error": {"message": 7}}']
)
def test_a_body_without_a_message_has_none(body: bytes) -> None:
    assert "size" not in ErrorBody(body).message
    assert "<" not in ErrorBody(body).message


def test_plain_text_is_a_message_of_at_most_300_characters() -> None:
    assert ErrorBody(b"404 page not found\n").message == "404 page not found"
    assert len(ErrorBody(b"x" * 5000).message) == 300


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (451, {}, True),
        (403, {"error": {"message": "no", "type": "censorship_blocked"}}, True),
        (403, {"error": {"message": "Blocked by our content policy", "type": "forbidden"}}, True),
        (403, {"error": {"message": "no permission for this model", "type": "forbidden"}}, False),
        (400, {"error": {"message": "no", "code": "content_policy_violation"}}, True),
        (400, {"error": {"message": "moderation is no parameter", "type": "request_params_invalid"}}, False),
        (500, {"error": {"message": "no", "type": "censorship_blocked"}}, False),
    ],
)
def test_it_tells_the_content_filter_from_other_refusals(status: int, body: object, verdict: bool) -> None:
    meaning = StepFunDialect().meaning(status, ErrorBody(json.dumps(body).encode()))
    assert (meaning == "filtered") is verdict


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (410, Rejected),
        (499, Rejected),
        (524, GatewayFailed),
        (505, Unexpected),
        (103, Unexpected),
        (700, Unexpected),
    ],
)
def test_unlisted_statuses_err_on_the_side_of_not_paying_twice(
    status: int, kind: type[ProviderError]
) -> None:
    assert type(error_of(status)) is kind


def test_every_status_has_an_error() -> None:
    for status in range(100, 1000):
        error = error_of(status)
        assert error.status == status
        assert error.fault


def test_secrets_and_encoded_pictures_are_taken_out_however_json_spells_them() -> None:
    body = json.dumps({"key": "sk-1234", "echo": "mach ü\nbunt", "b64_json": "iVBOR" * 100}).encode()
    kept = redacted(body, secrets=("sk-1234", "mach ü\nbunt"))
    assert kept == '{"key": "[…]", "echo": "[…]", "b64_json": "[500 characters]"}'


def test_what_is_kept_is_short_and_has_nothing_that_a_database_refuses() -> None:
    kept = redacted(b"\0\xff\x1b[31m " + b"word " * 20_000, secrets=("", "a"))
    assert len(kept) == 2000
    assert "\0" not in kept
    assert "\x1b" not in kept


def test_one_line_has_no_marks_that_turn_text_around() -> None:
    assert one_line("a\u202eb\u2066c\nd", most_chars=9) == "a b c d"
