"""Logs: every line says which request it belongs to, and a visitor cannot write into them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from editor_site import logs


@pytest.fixture
def json_log() -> Iterator[io.StringIO]:
    """What a program's log would hold in production."""
    stream = io.StringIO()
    formatter = logs.config(form="json", level="INFO")["formatters"]["structured"]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
        )
    )
    logger = logging.getLogger("edits.test")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def ask(request_id: str | None = None) -> HttpResponse:
    """The answer to a request that logs one line on its way."""

    def view(request: HttpRequest) -> HttpResponse:
        logging.getLogger("edits.test").warning("An edit was %s", "refused")
        return HttpResponse()

    headers = {"X-Request-Id": request_id} if request_id else {}
    return logs.RequestIdMiddleware(view)(RequestFactory().get("/", headers=headers))


def test_each_line_carries_the_id_of_its_request(json_log: io.StringIO) -> None:
    response = ask()
    line = json.loads(json_log.getvalue())
    assert line["request_id"] == response["X-Request-Id"]
    assert (line["event"], line["level"], line["logger"]) == ("An edit was refused", "warning", "edits.test")
    assert line["timestamp"].endswith("Z")


def test_a_harmless_id_of_a_proxy_is_kept() -> None:
    assert ask("0af7651916cd43dd-8448")["X-Request-Id"] == "0af7651916cd43dd-8448"


@pytest.mark.parametrize("hostile", ["short", "a" * 65, 'id"} {"level": "x', "id\nforged line", "größer-als"])
def test_an_id_that_could_forge_a_line_is_replaced(hostile: str) -> None:
    assert ask(hostile)["X-Request-Id"] != hostile


def test_one_request_does_not_lend_its_id_to_the_next(json_log: io.StringIO) -> None:
    ids = {ask()["X-Request-Id"], ask()["X-Request-Id"]}
    logged = {json.loads(line)["request_id"] for line in json_log.getvalue().splitlines()}
    assert len(ids) == 2
    assert logged == ids


def test_a_traceback_is_one_line_of_json(json_log: io.StringIO) -> None:
    try:
        raise OSError("disk full")
    except OSError:
        logging.getLogger("edits.test").exception("It could not be stored")
    lines = json_log.getvalue().splitlines()
    assert len(lines) == 1
    assert "disk full" in json.loads(lines[0])["exception"]
