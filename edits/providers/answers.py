"""Reads an answer of 200 leniently: StepFun's own and those of other servers with its shape.

Nothing that came with a paid picture is a reason to lose it: a seed, a time or an id that makes no
sense is left out.  What says or might say that a filter stopped the picture is believed.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from edits.providers.errors import ProviderError, ResultLost, Unusable
from edits.providers.redaction import one_line

FinishReason = Literal["success", "content_filtered"]
FilteredAt = Literal["", "request", "result"]
Fetch = Callable[[str], bytes]

_MOST_NUMBER = 2**63 - 1
MOST_ID_CHARS = 128
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")


@dataclass(frozen=True)
class Answer:
    """What came of an edit: a picture, or the word of a content filter."""

    image: bytes | None
    """Begins like a picture; whether it is one is for others to check.  A filtered one is never shown."""
    finish_reason: FinishReason
    filtered_at: FilteredAt
    seed: int | None
    """The seed used, 0 to 2**63 - 1, or None where the answer does not confirm one."""
    provider_id: str
    trace_id: str
    status: int
    created: int | None
    """Seconds since 1970 by the provider's clock."""
    notes: tuple[str, ...] = ()
    """What was odd, as codes: two_results, finish_reason_missing, finish_reason_unknown, from_url,
    b64_unreadable, filtered_image_unreadable."""
    answer_bytes: int | None = None
    """Read of the answer's body."""


def read_edit(body: bytes, *, status: int, trace_id: str, fetch: Fetch) -> Answer:
    """The answer in a body of JSON; ``fetch`` gets the picture where only a link to it came.

    Raises Unusable where there is no picture to be had, and whatever ``fetch`` raises.
    """
    document = read_json(body)
    result, notes = _first_result(document)
    reason = result.get("finish_reason")
    filtered = reason != "success"
    if reason == "content_filtered":
        image = _withheld_image(result, fetch, notes=notes)
    else:
        try:
            image = _image(result, fetch, notes=notes)
        except ResultLost as lost:
            lost.seed, lost.may_come = _number(result.get("seed")), lost.may_come and not filtered
            raise
        if filtered:
            notes.append("finish_reason_missing" if reason is None else "finish_reason_unknown")
    return Answer(
        image=image,
        finish_reason="content_filtered" if filtered else "success",
        filtered_at="result" if filtered else "",
        seed=_number(result.get("seed")),
        provider_id=provider_id(document),
        trace_id=trace_id,
        status=status,
        created=_number(document.get("created")),
        notes=tuple(notes),
        answer_bytes=len(body),
    )


def read_models(body: bytes) -> list[str]:
    """The names in an answer to GET /models.  Raises Unusable."""
    entries = read_json(body).get("data")
    if not isinstance(entries, list):
        raise Unusable("the answer lists no models")
    names = [entry.get("id") if isinstance(entry, dict) else entry for entry in entries]
    return [one_line(name, most_chars=MOST_ID_CHARS) for name in names if isinstance(name, str)]


def read_json(body: bytes) -> dict[str, Any]:
    """The object in a body.  A byte order mark and NaN are let through.  Raises Unusable."""
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise Unusable(f"the answer is not JSON: {type(error).__name__}") from None
    if not isinstance(document, dict):
        raise Unusable(f"the answer is no JSON object but {type(document).__name__}")
    return document


def provider_id(document: dict[str, Any]) -> str:
    """The provider's id of the call, or "" where it named none."""
    found = document.get("id")
    return one_line(found, most_chars=MOST_ID_CHARS) if isinstance(found, str) else ""


def looks_like_picture(data: bytes) -> bool:
    """Whether bytes begin as one of the common formats of pictures.  Says nothing of the rest."""
    if data[:4] == b"RIFF":
        return data[8:12] == b"WEBP"
    if data[4:8] == b"ftyp":
        return data[8:12] in (b"avif", b"heic", b"mif1")
    return data.startswith(_PICTURES)


def _first_result(document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    results = document.get("data")
    if not isinstance(results, list) or not results:
        raise Unusable("the answer is an error" if "error" in document else "the answer holds no results")
    if not isinstance(results[0], dict):
        raise Unusable(f"the result is no object but {type(results[0]).__name__}")
    return results[0], ["two_results"] if len(results) > 1 else []


def _image(result: dict[str, Any], fetch: Fetch, *, notes: list[str]) -> bytes:
    encoded, link = result.get("b64_json"), result.get("url")
    if isinstance(encoded, str) and encoded:
        try:
            return _decoded(encoded)
        except Unusable:
            if not isinstance(link, str) or not link:
                raise
            notes.append("b64_unreadable")
    if not isinstance(link, str) or not link:
        raise Unusable("the result has neither a picture nor a link to one")
    notes.append("from_url")
    return fetch(link)


def _withheld_image(result: dict[str, Any], fetch: Fetch, *, notes: list[str]) -> bytes | None:
    """A filtered edit is an outcome with or without its picture, so no trouble with that may change it."""
    if not result.get("b64_json") and not result.get("url"):
        return None
    try:
        return _image(result, fetch, notes=notes)
    except ProviderError:
        notes.append("filtered_image_unreadable")
        return None


def _decoded(encoded: str) -> bytes:
    """Base64 in any of its spellings: with line ends, as a data: URI, URL-safe, without padding."""
    if encoded.startswith("data:"):
        encoded = encoded.partition(",")[2]
    try:
        data = base64.b64decode(encoded, validate=True)  # as nearly all spell it: one look is enough
    except ValueError:
        data = _spelled_otherwise(encoded)
    if not looks_like_picture(data):
        raise Unusable("what came as a picture does not begin like one")
    return data


def _spelled_otherwise(encoded: str) -> bytes:
    text = "".join(encoded.split()).translate({ord("-"): "+", ord("_"): "/"})
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise Unusable("the picture is not valid base64") from None


def _number(value: object) -> int | None:
    """A whole number that a database can hold; a flag is none, nor is 1.0."""
    return value if type(value) is int and 0 <= value <= _MOST_NUMBER else None
