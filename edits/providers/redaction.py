"""Makes texts from a server safe to store and show.  Does not interpret them."""

import json
import re
from collections.abc import Iterable

_LOOK_AT_BYTES = 64 * 1024
_MOST_DETAIL_CHARS = 2000
_ENCODED = re.compile(r"[A-Za-z0-9+/_=-]{100,}")
_CONTROL = re.compile(r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def redacted(body: bytes, *, secrets: Iterable[str]) -> str:
    """The beginning of an answer, at most 2,000 characters, without secrets and encoded pictures."""
    text = body[:_LOOK_AT_BYTES].decode("utf-8", errors="replace")
    for secret in secrets:
        text = without(text, secret)
    text = _ENCODED.sub(lambda found: f"[{len(found[0])} characters]", text)
    return _CONTROL.sub(" ", text)[:_MOST_DETAIL_CHARS]


def without(text: str, secret: str) -> str:
    """The text with a secret removed, also in the ways that JSON may escape it."""
    for spelling in {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}:
        if len(spelling) > 3:  # removing shorter ones would only damage words
            text = text.replace(spelling, "[…]")
    return text


def one_line(text: str, *, most_chars: int) -> str:
    """Plain text on one line without control characters, truncated to ``most_chars``."""
    return " ".join(_CONTROL.sub(" ", text).split())[:most_chars]
