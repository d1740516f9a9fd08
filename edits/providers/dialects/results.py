"""Extracts the picture from a 200 answer: base64 in any variant, or a link."""

import base64
from typing import Any

from edits.providers.answers import Fetch, looks_like_picture
from edits.providers.errors import ProviderError, Unusable


def first_result(document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The first entry of ``data``, and a list for notes.  Raises Unusable."""
    results = document.get("data")
    if not isinstance(results, list) or not results:
        raise Unusable("the answer is an error" if "error" in document else "the answer holds no results")
    if not isinstance(results[0], dict):
        raise Unusable(f"the result is no object but {type(results[0]).__name__}")
    return results[0], ["two_results"] if len(results) > 1 else []


def picture_of(result: dict[str, Any], fetch: Fetch, *, notes: list[str]) -> bytes:
    """The bytes of the picture.  Raises Unusable, and whatever ``fetch`` raises."""
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


def withheld_picture_of(result: dict[str, Any], fetch: Fetch, *, notes: list[str]) -> bytes | None:
    """The picture of a filtered edit, or None: a failure to read it does not change the outcome."""
    if not result.get("b64_json") and not result.get("url"):
        return None
    try:
        return picture_of(result, fetch, notes=notes)
    except ProviderError:
        notes.append("filtered_image_unreadable")
        return None


def _decoded(encoded: str) -> bytes:
    """Decodes base64 in any variant: with line ends, as a data: URI, URL-safe, without padding."""
    if encoded.startswith("data:"):
        encoded = encoded.partition(",")[2]
    try:
        data = base64.b64decode(encoded, validate=True)  # the usual variant: a single pass is enough
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
