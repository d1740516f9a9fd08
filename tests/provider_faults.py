"""What the misbehaving provider can do instead of a proper answer, by name: statuses and connections."""

import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from time import time

from tests.provider_answers import ANSWERS
from tests.provider_calls import Call, Fault
from tests.provider_links import LINKS

SAFETY = "Your request was rejected by the safety system. safety_violations=[violence]"
NESTED = {"error": {"message": SAFETY, "type": "image_generation_user_error", "code": "moderation_blocked"}}
WRAPPED = {"error": {"message": "the size is wrong", "type": "invalid_request_error", "code": "invalid_size"}}


def _whole(call: Call) -> bytes:
    return json.dumps(call.document()).encode()


def _head(length: int | str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode()


def _refuse(status: int, *, kind: str = "", message: str = "") -> Fault:
    document = {
        "error": {"message": message or f"provider says {status}", "type": kind or "request_params_invalid"}
    }
    return Fault(lambda call: call.json(document, status=status), charged=False)


def _refuse_in_html(status: int) -> Fault:
    return Fault(
        lambda call: call.send(
            b"<html><h1>Bad day</h1></html>", status=status, headers={"Content-Type": "text/html"}
        ),
        charged=False,
    )


def _busy(retry_after: Callable[[Call], str]) -> Fault:
    def play(call: Call) -> None:
        document = {"error": {"message": "current: 16, limit: 15", "type": "rate_limited"}}
        wait = retry_after(call)
        call.json(document, status=429, headers={"Retry-After": wait} if wait else {})

    return Fault(play, charged=False)


def _redirect(status: int, location: Callable[[Call], str]) -> Fault:
    return Fault(
        lambda call: call.send(b"", status=status, headers={"Location": location(call)}), charged=False
    )


def _cut(call: Call, *, end: str) -> None:
    whole = _whole(call)
    call.write(_head(len(whole)) + whole[: len(whole) // 2])
    getattr(call if end == "hang" else call.handler, end)()


def _hang_no_length(call: Call) -> None:
    call.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + _whole(call)[:-30])
    call.hang()


def _endless(call: Call, *, most_bytes: float = float("inf")) -> None:
    call.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b'{"data": "')
    sent = 0
    with suppress(OSError):
        while sent < most_bytes and not call.provider.closing.is_set():
            call.write(b"A" * 65_536)
            sent += 65_536
    call.handler.close()


def _chunked_cut(call: Call) -> None:
    call.finish(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1000\r\n" + _whole(call)[:100])


def _slow_headers(call: Call) -> None:
    call.drip(b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 5000)


def _slow_drip(call: Call) -> None:
    whole = _whole(call)
    call.write(_head(len(whole)))
    call.drip(whole)


def _early(call: Call) -> None:
    call.send(b'{"error": {"message": "too large"}}', status=413, headers={"Connection": "close"})
    call.handler.close()


def _gzipped(call: Call, *, body: bytes) -> None:
    call.send(body, headers={"Content-Encoding": "gzip"})


_STATUSES = {
    **{str(status): _refuse(status) for status in (400, 404, 405, 408, 409, 413, 415, 418, 422, 425)},
    **{str(status): _refuse(status) for status in (500, 501, 502, 503, 504, 520, 529)},
    "401": _refuse(401, kind="invalid_api_key", message="Incorrect API key provided"),
    "402": _refuse(402, kind="quota_exceeded"),
    "403": _refuse(403, kind="permission_denied"),
    "403_content": _refuse(403, kind="censorship_block", message="The content was blocked"),
    "400_moderation": _refuse(400, kind="moderation_blocked", message=SAFETY),
    "400_nested": _refuse(400, message=f"litellm.BadRequestError: OpenAIException - {json.dumps(NESTED)}. x"),
    "400_python": _refuse(400, message=f"Error code: 400 - {NESTED}"),
    "403_inspected": _refuse(403, kind="DataInspectionFailed", message="no"),
    "400_wrapped": _refuse(
        400, message=f"litellm.BadRequestError: OpenAIException - {json.dumps(WRAPPED)}. x"
    ),
    "429_quota": _refuse(429, kind="insufficient_quota", message="You exceeded your current quota"),
    "429_gateway": Fault(
        lambda call: call.json({}, status=429, headers={"llm_provider-retry-after": "9"}), charged=False
    ),
    "400_no_db": _refuse(400, kind="no_db_connection", message="No connected db."),
    "400_no_model": _refuse(400, message="/images/edits: Invalid model name passed in model=x"),
    "451": _refuse(451, kind="censorship_blocked", message="The content was blocked"),
    **{f"{status}_html": _refuse_in_html(status) for status in (400, 500, 502, 503)},
    **{status: Fault(lambda call: call.send(b"", status=int(call.name))) for status in ("204", "206", "299")},
    "429": _busy(lambda call: call.argument),
    "429_date": _busy(lambda call: formatdate(time() + call.number_argument(5), usegmt=True)),
    "429_bad": _busy(lambda call: "soon"),
    "429_zero": _busy(lambda call: "0"),
    "429_negative": _busy(lambda call: "-5"),
    "429_huge": _busy(lambda call: "86400"),
    "503_retry": Fault(lambda call: call.json({}, status=503, headers={"Retry-After": "7"}), charged=False),
    "307_canary": _redirect(307, lambda call: f"http://{call.provider.elsewhere}/v1/images/edits"),
    "302_canary": _redirect(302, lambda call: f"http://{call.provider.elsewhere}/v1/images/edits"),
    "301_self": _redirect(301, lambda call: "/v1/images/edits/"),
}

_CONNECTIONS = {
    "reset_before": Fault(lambda call: call.handler.reset(), reads_body=False, charged=False),
    "close_before": Fault(lambda call: call.handler.close(), reads_body=False, charged=False),
    "early_413": Fault(_early, reads_body=False, charged=False),
    "no_read": Fault(lambda call: call.hang(), reads_body=False, charged=False),
    "reset_after_body": Fault(lambda call: call.handler.reset()),
    "close_no_response": Fault(lambda call: call.handler.close()),
    "hang": Fault(lambda call: call.hang(), holds=True),
    "hang_while_held": Fault(lambda call: call.hang_while_held(), holds=True),
    "reset_mid_body": Fault(lambda call: _cut(call, end="reset")),
    "close_mid_body": Fault(lambda call: _cut(call, end="close")),
    "hang_mid_body": Fault(lambda call: _cut(call, end="hang")),
    "hang_no_length": Fault(_hang_no_length),
    "chunked_cut": Fault(_chunked_cut),
    "length_too_long": Fault(lambda call: call.finish(_head(9_999_999) + _whole(call))),
    "slow_drip": Fault(_slow_drip),
    "slow_headers": Fault(_slow_headers),
    "bad_http": Fault(lambda call: call.finish(b"SSH-2.0-OpenSSH_9.2\r\n")),
    "huge_header": Fault(lambda call: call.finish(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2_000_000)),
    "huge_body": Fault(lambda call: _endless(call, most_bytes=call.number_argument(200) * 1_000_000)),
    "endless_body": Fault(_endless),
    "gzip_bomb": Fault(
        lambda call: _gzipped(call, body=gzip.compress(bytes(int(call.number_argument(1)) * 1_000_000)))
    ),
    "gzip_broken": Fault(lambda call: _gzipped(call, body=b"\x1f\x8bbroken")),
}

FAULTS: dict[str, Fault] = {**_STATUSES, **_CONNECTIONS, **ANSWERS, **LINKS}
