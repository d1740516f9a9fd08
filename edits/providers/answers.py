"""The content of a 200 answer, and the parsing that all dialects share.

A paid picture is never discarded because of its metadata: an invalid seed, time or id is left out.  Whatever
says or may say that a filter stopped the picture is believed.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from edits.providers.errors import Unusable
from edits.providers.redaction import one_line

FinishReason = Literal["success", "content_filtered"]
FilteredAt = Literal["", "request", "result"]
Fetch = Callable[[str], bytes]

_MOST_NUMBER = 2**63 - 1
_MOST_USAGE_DEPTH = 2
MOST_ID_CHARS = 128
_MOST_MODEL_CHARS = 201
"""One more than can be stored, so that a longer id is detected instead of being truncated to another id."""
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")


@dataclass(frozen=True)
class Answer:
    """The result of an edit: a picture, or a content filter's decision."""

    image: bytes | None
    """Begins like a picture; callers must verify that it is one.  A filtered one is never shown."""
    finish_reason: FinishReason
    filtered_at: FilteredAt
    seed: int | None
    """The seed used, 0 to 2**63 - 1; None if the answer does not confirm one."""
    provider_id: str
    trace_id: str
    status: int
    created: int | None
    """Seconds since 1970 by the provider's clock."""
    notes: tuple[str, ...] = ()
    """Anomalies, as codes.

    two_results, finish_reason_missing, finish_reason_unknown, from_url, b64_unreadable,
    filtered_image_unreadable, maybe_repeated.
    """
    answer_bytes: int | None = None
    """Bytes read of the answer's body."""
    sent: Sequence[Sequence[str]] = ()
    """Names and values of the sent fields; for files, name, type and size."""
    usage: Mapping[str, float] = field(default_factory=dict)
    """The provider's figures for billing this call, such as input_tokens, by name."""
    reported: Mapping[str, str] = field(default_factory=dict)
    """What the provider reports as used or changed: revised_prompt, size, quality, background, output_format."""


def read_models(body: bytes) -> list[str]:
    """The names in an answer to GET /models.  Raises Unusable."""
    entries = read_json(body).get("data")
    if not isinstance(entries, list):
        raise Unusable("the answer lists no models")
    names = [entry.get("id") if isinstance(entry, dict) else entry for entry in entries]
    return [one_line(name, most_chars=_MOST_MODEL_CHARS) for name in names if isinstance(name, str)]


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object in a body.  A byte order mark and NaN are accepted.  Raises Unusable."""
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise Unusable(f"the answer is not JSON: {type(error).__name__}") from None
    if not isinstance(document, dict):
        raise Unusable(f"the answer is no JSON object but {type(document).__name__}")
    return document


def provider_id(document: dict[str, Any]) -> str:
    """The provider's id of the call, or "" if it sent none."""
    found = document.get("id")
    return one_line(found, most_chars=MOST_ID_CHARS) if isinstance(found, str) else ""


def looks_like_picture(data: bytes) -> bool:
    """Whether the bytes begin like one of the common picture formats.  Does not check the rest."""
    if data[:4] == b"RIFF":
        return data[8:12] == b"WEBP"
    if data[4:8] == b"ftyp":
        return data[8:12] in (b"avif", b"heic", b"mif1")
    return data.startswith(_PICTURES)


def number_in(value: object) -> int | None:
    """A whole number that a database can hold; None for booleans and for 1.0."""
    return value if type(value) is int and 0 <= value <= _MOST_NUMBER else None


def usage_in(document: dict[str, Any]) -> dict[str, float]:
    """The numbers under ``usage`` and ``cost``, nested ones by dotted names; at most 20."""
    found: dict[str, float] = {}
    _gather(document.get("usage"), prefix="", found=found, depth=0)
    _gather({"cost": document.get("cost")}, prefix="", found=found, depth=0)
    return dict(list(found.items())[:20])


def _gather(value: object, *, prefix: str, found: dict[str, float], depth: int) -> None:
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        path = one_line(f"{prefix}{name}", most_chars=60)
        if isinstance(inner, int | float) and not isinstance(inner, bool) and 0 <= inner < 10**15:
            found[path] = inner
        elif depth < _MOST_USAGE_DEPTH:
            _gather(inner, prefix=f"{path}.", found=found, depth=depth + 1)
