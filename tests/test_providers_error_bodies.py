"""Errors in each server's shape, wrapped by gateways, or made to harm their reader."""

import json
import time
from typing import Any

import pytest

from edits.providers.error_bodies import ErrorBody

INNER = {
    "error": {"message": "rejected by the safety system", "type": "user_error", "code": "moderation_blocked"}
}
MOST_SECONDS = 1.0
"""Far more than it takes, far less than a worker would be missed for."""


def read(document: Any) -> ErrorBody:
    """A body of JSON, read."""
    return ErrorBody(json.dumps(document).encode())


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"error": {"message": "wrong size"}}, "wrong size"),
        ({"error": "wrong size"}, "wrong size"),
        ({"detail": "wrong size"}, "wrong size"),
        (
            {"detail": [{"loc": ["body", "seed"], "msg": "not an integer"}, {"msg": "too big"}]},
            "not an integer; too big",
        ),
        ({"message": "wrong\nsize"}, "wrong size"),
        ({"error": {"message": {"error": {"message": "wrong size"}}}}, "wrong size"),
        ({"error": {"message": None}}, ""),
        ({"error": []}, ""),
        ({}, ""),
    ],
)
def test_each_servers_shape_is_read(document: dict[str, Any], message: str) -> None:
    assert read(document).message == message


@pytest.mark.parametrize(
    "wrapped",
    [
        f"litellm.BadRequestError: OpenAIException - {json.dumps(INNER)}. Received Model Group=x",
        f"litellm.BadRequestError: OpenAIException - {INNER}. Received Model Group=x",
        f"Error code: 400 - {INNER}",
        json.dumps({"error": {"message": f"again: {json.dumps(INNER)}", "code": "400"}}),
    ],
)
def test_the_innermost_message_is_shown_and_all_codes_are_known(wrapped: str) -> None:
    body = read({"error": {"message": wrapped, "type": "invalid_request_error", "code": "400"}})
    assert body.message == "rejected by the safety system"
    assert {"invalid_request_error", "400", "user_error", "moderation_blocked"} <= set(body.kinds.split())
    assert body.kind_says_filter


def test_what_only_looks_wrapped_is_shown_as_it_is() -> None:
    assert read({"error": {"message": "use {width} and {height}"}}).message == "use {width} and {height}"
    assert read({"error": {"message": 'got {"size": "1x1"}'}}).message == 'got {"size": "1x1"}'


def test_plain_text_is_shown_and_html_is_not() -> None:
    assert ErrorBody(b"upstream is away").message == "upstream is away"
    assert ErrorBody(b"<html><h1>502</h1>").message == ""
    assert ErrorBody(b"\xff\xfe\x00").message.isprintable()
    assert ErrorBody(b"").message == ""


def test_a_message_is_one_line_of_at_most_300_characters() -> None:
    message = read({"error": {"message": "a\u202eb\r\n" + "x" * 1_000_000}}).message
    assert len(message) == 300
    assert message.isprintable()
    assert "\u202e" not in message


HOSTILE = {
    "long": {"error": {"message": "x" * 1_000_000, "code": "y" * 1_000_000}},
    "braces": {"error": {"message": "{" * 1_000_000}},
    "pairs": {"error": {"message": "{" * 9000 + "}" * 9000}},
    "nested json": {"error": {"message": '{"error":' * 2000 + "1" + "}" * 2000}},
    "nested python": {"error": {"message": "{'error': " + "[" * 5000 + "]" * 5000 + "}"}},
    "operators": {"error": {"message": "{'error': " + "-" * 15_000 + "1}"}},
    "attributes": {"error": {"message": "{'error': a" + ".b" * 8000 + "}"}},
    "open strings": {"error": {"message": "{" + "'message': '" * 1700 + "}"}},
    "escapes": {"error": {"message": "{'message': '" + "\\" * 15_000 + "}"}},
    "list": {"detail": [{"msg": "z" * 100}] * 50_000},
    "code": {"error": {"message": "x", "code": [[1]] * 100_000, "type": {"a": [1] * 100_000}}},
    "layers": {"error": {"message": {"message": {"message": {"message": {"message": {"message": "deep"}}}}}}},
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_body_keeps_a_worker_busy(document: dict[str, Any]) -> None:
    began = time.process_time()
    body = read(document)
    assert time.process_time() - began < MOST_SECONDS
    assert len(body.message) <= 300
    assert len(body.kinds) <= 300
    assert len(body.texts) <= 20_000


@pytest.mark.parametrize("depth", [500, 900, 100_000])
def test_no_depth_ends_the_process(depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    body = ErrorBody(b'{"error": {"message": ' + nested + b', "code": ' + nested + b"}}")
    assert len(body.message) <= 300
    assert body.kinds == ""
