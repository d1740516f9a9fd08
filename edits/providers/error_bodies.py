"""Reads the body of an error in any server's format, even if a gateway wrapped one error in another."""

import json
import re
from itertools import islice
from typing import Any, Literal

from edits.providers.answers import read_json
from edits.providers.errors import Blames, Unusable
from edits.providers.redaction import one_line

Meaning = Blames | Literal["filtered"]
"""What a body can say beyond its status; "" if only the status counts."""

_MOST_MESSAGE_CHARS = 300
_MOST_KIND_CHARS = 80
_MOST_WRAPPED_CHARS = 20_000
_MOST_LAYERS = 4
_MOST_DETAILS = 20
_PYTHON_FIELD = re.compile(
    r"""(?P<mark>['"])(?P<name>message|detail|error|type|code)(?P=mark): """
    r"""(?P<quote>['"])(?P<text>(?:\\.|(?!(?P=quote))[^\\]){0,2000})(?P=quote)""",
    re.DOTALL,
)
_FILTER_KINDS = re.compile(r"censor|content_?(filter|policy|review)|moderation", re.IGNORECASE)
_FILTER_WORDS = re.compile(
    r"censor|content[ _-](filter|policy|review|moderation|safety)|moderation|sensitive content", re.IGNORECASE
)


class ErrorBody:
    """``message`` is the innermost text, at most 300 characters on one line; ``kinds`` are all types and codes.

    Accepts {"error": {"message", "type", "code"}}, {"error": text}, {"detail": …}, plain text, and any of these
    inside the message of another one.
    """

    def __init__(self, body: bytes) -> None:
        self.message, self.kinds, self.texts = "", "", ""
        try:
            layer: Any = read_json(body)
        except Unusable:
            text = body[:4096].decode("utf-8", errors="replace")
            if "<" not in text[:200]:  # an HTML page is of no use to anyone
                self._take(text)
            return
        for _ in range(_MOST_LAYERS):
            if layer is None:
                return
            layer = self._take(layer)

    @property
    def kind_says_filter(self) -> bool:
        """Whether the type or code names a content filter."""
        return _FILTER_KINDS.search(self.kinds) is not None

    @property
    def message_says_filter(self) -> bool:
        """Whether the message mentions a content filter."""
        return _FILTER_WORDS.search(self.message) is not None

    def _take(self, layer: Any) -> Any:
        """Record the fields of this layer; returns the layer wrapped in its message, or None."""
        if isinstance(layer, dict):
            error = layer.get("error") or layer.get("detail") or layer
            fields: dict[str, Any] = error if isinstance(error, dict) else {"message": error}
        else:
            fields = {"message": layer}
        said = (fields.get(name) for name in ("type", "code"))
        kinds = " ".join(str(word)[:_MOST_KIND_CHARS] for word in said if isinstance(word, str | int))
        self.kinds = f"{self.kinds} {kinds}".strip()[:_MOST_MESSAGE_CHARS]
        message = fields.get("message")
        if isinstance(message, dict):
            return message
        text = _text_of(message)
        self.texts = f"{self.texts}\n{text}"[:_MOST_WRAPPED_CHARS]
        wrapped = _wrapped_in(text)
        if wrapped is None or not self.message:
            self.message = one_line(text, most_chars=_MOST_MESSAGE_CHARS)
        return wrapped


def _text_of(found: object) -> str:
    if isinstance(found, list):  # FastAPI: [{"loc": …, "msg": …}]
        messages = [item.get("msg") for item in found[:_MOST_DETAILS] if isinstance(item, dict)]
        found = "; ".join(message[:_MOST_MESSAGE_CHARS] for message in messages if isinstance(message, str))
    return found[:_MOST_WRAPPED_CHARS] if isinstance(found, str) else ""


def _wrapped_in(text: str) -> dict[str, Any] | None:
    """The object quoted in a text, as LiteLLM does: as JSON or as a Python dictionary."""
    begin, end = text.find("{"), text.rfind("}")
    if begin < 0 or end < begin:
        return None
    try:
        found, _ = json.JSONDecoder().raw_decode(text, begin)
    except (ValueError, RecursionError):
        found = _in_python(text[begin : end + 1])
    if isinstance(found, dict) and found.keys() & {"error", "message", "detail"}:
        return found
    return None


def _in_python(text: str) -> dict[str, Any]:
    """The strings in a Python dictionary's repr, the last one for each name.

    Does not use Python's own parser, because deeply nested text can crash the process.
    """
    fields = islice(_PYTHON_FIELD.finditer(text), _MOST_DETAILS)
    return {field["name"]: re.sub(r"\\(.)", _unescaped, field["text"], flags=re.DOTALL) for field in fields}


def _unescaped(escape: re.Match[str]) -> str:
    return " " if escape[1] in "nrt" else escape[1]
