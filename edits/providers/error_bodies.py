"""Reads the body of an error, whichever server's shape it has, also where a gateway wrapped one in another."""

import json
import re
from ast import literal_eval
from typing import Any, Literal

from edits.providers.answers import read_json
from edits.providers.errors import Unusable
from edits.providers.redaction import one_line

Meaning = Literal["", "filtered", "account"]
"""What a body may say beyond its status; "" where the status is all there is."""

_MOST_MESSAGE_CHARS = 300
_MOST_WRAPPED_CHARS = 20_000
_MOST_LAYERS = 4
_FILTER_KINDS = re.compile(r"censor|content_?(filter|policy|review)|moderation", re.IGNORECASE)
_FILTER_WORDS = re.compile(
    r"censor|content[ _-](filter|policy|review|moderation|safety)|moderation|sensitive content", re.IGNORECASE
)


class ErrorBody:
    """``message`` is the innermost text, at most 300 characters of one line; ``kinds`` are all types and codes.

    Takes {"error": {"message", "type", "code"}}, {"error": text}, {"detail": …}, plain text, and any of these
    inside the message of another one.
    """

    def __init__(self, body: bytes) -> None:
        self.message, self.kinds, self.texts = "", "", ""
        try:
            layer: Any = read_json(body)
        except Unusable:
            text = body[:4096].decode("utf-8", errors="replace")
            if "<" not in text[:200]:  # a page of HTML is for nobody to read
                self._take(text)
            return
        for _ in range(_MOST_LAYERS):
            if layer is None:
                return
            layer = self._take(layer)

    @property
    def kind_says_filter(self) -> bool:
        """The type or code names a content filter."""
        return _FILTER_KINDS.search(self.kinds) is not None

    @property
    def message_says_filter(self) -> bool:
        """The message speaks of a content filter."""
        return _FILTER_WORDS.search(self.message) is not None

    def _take(self, layer: Any) -> Any:
        """Keep what this layer says; returns the layer wrapped in its message, None where there is none."""
        if isinstance(layer, dict):
            error = layer.get("error") or layer.get("detail") or layer
            fields: dict[str, Any] = error if isinstance(error, dict) else {"message": error}
        else:
            fields = {"message": layer}
        kinds = " ".join(str(fields.get(name) or "") for name in ("type", "code"))
        self.kinds = f"{self.kinds} {kinds}".strip()[:_MOST_MESSAGE_CHARS]
        text = _text_of(fields.get("message"))
        self.texts = f"{self.texts}\n{text}"[:_MOST_WRAPPED_CHARS]
        wrapped = _wrapped_in(text)
        if wrapped is None or not self.message:
            self.message = one_line(text, most_chars=_MOST_MESSAGE_CHARS)
        return wrapped


def _text_of(found: object) -> str:
    if isinstance(found, list):  # FastAPI: [{"loc": …, "msg": …}]
        found = "; ".join(str(item["msg"]) for item in found if isinstance(item, dict) and "msg" in item)
    return found[:_MOST_WRAPPED_CHARS] if isinstance(found, str) else ""


def _wrapped_in(text: str) -> dict[str, Any] | None:
    """The object that a text quotes, as LiteLLM does: in JSON or as Python writes a dictionary."""
    begin, end = text.find("{"), text.rfind("}")
    if begin < 0 or end < begin:
        return None
    found: object = None
    try:
        found, _ = json.JSONDecoder().raw_decode(text, begin)
    except (ValueError, RecursionError):
        try:
            found = literal_eval(text[begin : end + 1])
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return None
    if isinstance(found, dict) and found.keys() & {"error", "message", "detail"}:
        return found
    return None
