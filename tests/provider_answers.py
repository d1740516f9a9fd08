"""The misbehaving provider's answers of 200: whole, and odd in what they hold."""

import json
from collections.abc import Callable

from tests.provider_calls import MISSING, Call, Fault, encoded
from tests.provider_pictures import PICTURES, tagged


def _body(body: bytes | Callable[[Call], bytes]) -> Fault:
    return Fault(lambda call: call.send(body if isinstance(body, bytes) else body(call)))


def _whole(call: Call) -> bytes:
    return json.dumps(call.document()).encode()


def _result(**changes: object) -> Fault:
    return Fault(lambda call: call.json(call.document(**changes)))


def _spelled(spelling: Callable[[str], str]) -> Fault:
    return Fault(lambda call: call.json(call.document(b64_json=spelling(encoded(call.picture())))))


def _data(data: object) -> Fault:
    return _body(json.dumps({"created": 1, "data": data}).encode())


def _picture(draw: Callable[[], bytes]) -> Fault:
    return Fault(lambda call: call.json(call.document(b64_json=encoded(draw()))))


def _two(call: Call) -> None:
    document = call.document()
    other = document["data"][0] | {"b64_json": encoded(tagged("the second"))}
    call.json(document | {"data": [*document["data"], other]})


def _without_created(call: Call) -> None:
    call.json({name: value for name, value in call.document().items() if name != "created"})


def _good_link(call: Call) -> str:
    return call.link(f"/files/ok/{call.number}.png")


_BODIES = {
    "html_200": Fault(lambda call: call.send(b"<html>hello</html>", headers={"Content-Type": "text/html"})),
    "invalid_json": _body(b'{"data": [}'),
    "truncated_json": _body(lambda call: _whole(call)[:-30]),
    "empty_body": _body(b""),
    "json_string": _body(b'"done"'),
    "json_null": _body(b"null"),
    "json_number": _body(b"7"),
    "json_list": _body(b"[]"),
    "bom_json": _body(lambda call: b"\xef\xbb\xbf" + _whole(call)),
    "utf16_json": _body(lambda call: _whole(call).decode().encode("utf-16")),
    "latin1_json": _body('{"created": 1, "data": [], "note": "é"}'.encode("latin-1")),
    "nan_json": _body(lambda call: _whole(call).replace(b"1589478378", b"NaN")),
    "deep_json": _body(b"[" * 200_000 + b"]" * 200_000),
    "no_data": _body(b'{"created": 1}'),
    "data_null": _data(None),
    "empty_data": _data([]),
    "data_object": _data({"b64_json": "AAAA", "finish_reason": "success"}),
    "data_strings": _data(["AAAA"]),
    "error_in_200": _body(b'{"error": {"message": "busy", "type": "busy"}}'),
    "wrong_types": _body(b'{"created": [], "data": [{"b64_json": ["x"], "finish_reason": {}, "seed": {}}]}'),
}
_RESULTS = {
    "ok": _result(),
    "ok_url": Fault(lambda call: call.json(call.document(b64_json=MISSING, url=_good_link(call)))),
    "url_when_b64": Fault(lambda call: call.json(call.document(b64_json=MISSING, url=_good_link(call)))),
    "b64_when_url": _result(),
    "both": Fault(lambda call: call.json(call.document(url=_good_link(call)))),
    "neither": _result(b64_json=MISSING),
    "two_data": Fault(_two),
    "b64_number": _result(b64_json=12345),
    "url_number": _result(b64_json=MISSING, url=12345),
    "url_null": _result(b64_json=MISSING, url=None),
    "b64_empty": _result(b64_json=""),
    "b64_null": _result(b64_json=None),
    "bad_b64": _spelled(lambda text: "!" + text[1:40] + "*" + text[41:]),
    "b64_nopad": _spelled(lambda text: text.rstrip("=")),
    "b64_urlsafe": _spelled(lambda text: text.replace("+", "-").replace("/", "_")),
    "b64_data_uri": _spelled(lambda text: "data:image/png;base64," + text),
    "b64_newlines": _spelled(lambda text: "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))),
    "filtered_image": _result(finish_reason="content_filtered"),
    "filtered_noimage": _result(finish_reason="content_filtered", b64_json=MISSING),
    "filtered_null": _result(finish_reason="content_filtered", b64_json=None),
    "filtered_empty": _result(finish_reason="content_filtered", b64_json=""),
    "moderated": _result(respect_moderation=False),
    "moderated_empty": _body(b'{"created": 1, "respect_moderation": false, "data": []}'),
    "nsfw": Fault(lambda call: call.json(call.document() | {"has_nsfw_concepts": [True]})),
    "gateway_null": _result(b64_json=None, url=None, finish_reason=MISSING, seed=MISSING),
    "relative_link": Fault(
        lambda call: call.json(call.document(b64_json=MISSING, url=f"/files/ok/{call.number}.png"))
    ),
    "finish_unknown": _result(finish_reason="partly"),
    "finish_missing": _result(finish_reason=MISSING),
    "finish_null": _result(finish_reason=None),
    "seed_missing": _result(seed=MISSING),
    "seed_null": _result(seed=None),
    "seed_string": _result(seed="abc"),
    "seed_float": _result(seed=1.5),
    "seed_negative": _result(seed=-7),
    "seed_huge": _result(seed=2**70),
    "seed_other": _result(seed=124),
    "no_created": Fault(_without_created),
    "created_string": _body(lambda call: _whole(call).replace(b"1589478378", b'"yesterday"')),
}

ANSWERS: dict[str, Fault] = {
    **_BODIES,
    **_RESULTS,
    **{name: _picture(draw) for name, draw in PICTURES.items()},
}
