"""Multipart /v1/images/edits, as accepted by OpenAI and the servers in ``accents``.

A result without ``finish_reason`` is a success, because none of these servers sends that field.  Some of them
return 200 without any picture if a filter stopped it, so that is an error of its own.
"""

import json
import re
import struct
from collections.abc import Iterator
from typing import Any

from edits.edit_call import EditCall, EditOptions
from edits.model_specs import AUTO
from edits.providers.answers import Answer, Fetch, number_in, provider_id, read_json, usage_in
from edits.providers.dialects.accents import Accent
from edits.providers.dialects.results import first_result, picture_of, withheld_picture_of
from edits.providers.dialects.wire import Wire, number
from edits.providers.error_bodies import ErrorBody, Meaning
from edits.providers.errors import NoPicture, ResultLost

_FILTER = re.compile(
    r"censor|content[ _-]?(filter|policy|review|safety)|moderation|safety[ _-]system|sensitive content"
    r"|data[ _]?inspection[ _]?failed",
    re.IGNORECASE,
)
_STOPPED = re.compile(r"filter|safety|moderat|block", re.IGNORECASE)
_SEED = re.compile(r"\bSeed: ([0-9]{1,19})\b")
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANGES = ("revised_prompt", "size", "quality", "background", "output_format")
_MOST_CHANGE_CHARS = 2000


class OpenAIDialect:
    """The dialect in one accent."""

    def __init__(self, accent: Accent) -> None:
        self.accent = accent
        self.trace_headers = accent.trace_headers
        self.retry_after_headers = accent.retry_after_headers

    def wire(self, call: EditCall) -> Wire:
        """The options that the accent has a name for; unset options are not sent."""
        accent, options = self.accent, call.options
        fields = {"model": call.model, "prompt": self._prompt(options)}
        fields |= {
            field: value for name, field in accent.fields.items() if (value := _written(options, name))
        }
        fields["size"] = accent.auto_size if options.size == AUTO else options.size
        fields["response_format"] = accent.response_format
        name = accent.picture_field if len(call.pictures) == 1 else accent.pictures_field
        files = [(name, picture) for picture in call.pictures]
        if call.mask:
            files.append((accent.mask_field, call.mask))
        return Wire(tuple((name, value) for name, value in fields.items() if value), tuple(files))

    def _prompt(self, options: EditOptions) -> str:
        """The prompt with the options it carries; removes a typed tag, because that would set options too."""
        tag = self.accent.prompt_tag
        if not tag:
            return options.prompt
        typed = _without_tag(options.prompt, tag)
        carried: dict[str, Any] = {}
        for name, path in self.accent.prompt_paths.items():
            value = getattr(options, name)
            if value is not None and value != "":
                _put(carried, path, value)
        # Escape "<", so that no value can close the tag.
        text = json.dumps(carried).replace("<", "\\u003c")
        return f"{typed} <{tag}>{text}</{tag}>" if carried else typed

    def read(self, body: bytes, *, status: int, trace_id: str, fetch: Fetch) -> Answer:
        """Raises NoPicture, Unusable, and whatever ``fetch`` raises."""
        document = read_json(body)
        result, notes = _result(document)
        filtered = _is_stopped(document) or _is_stopped(result)
        if filtered:
            image = withheld_picture_of(result, fetch, notes=notes)
        elif not result.get("b64_json") and not result.get("url"):
            raise NoPicture("the answer of 200 holds no picture")
        else:
            try:
                image = picture_of(result, fetch, notes=notes)
            except ResultLost as lost:
                lost.seed = number_in(result.get("seed"))
                raise
        return Answer(
            image=image,
            finish_reason="content_filtered" if filtered else "success",
            filtered_at="result" if filtered else "",
            seed=self._seed(result, image),
            provider_id=provider_id(document),
            trace_id=trace_id,
            status=status,
            created=number_in(document.get("created")),
            notes=tuple(notes),
            answer_bytes=len(body),
            usage=usage_in(document),
            reported=_reported(document, result),
        )

    def _seed(self, result: dict[str, Any], image: bytes | None) -> int | None:
        seed = number_in(result.get("seed"))
        if seed is None and image and self.accent.seed_in_png:
            return _seed_in_png(image)
        return seed

    def meaning(self, status: int, body: ErrorBody) -> Meaning:
        """Recognizes filters by type, code or message, even if a gateway wrapped them in its own message."""
        if status == 451:
            return "filtered"
        said = f"{body.kinds}\n{body.texts}"
        if status in (400, 403) and _FILTER.search(said):
            return "filtered"
        blamed = (blames for words, blames in self.accent.account_words.items() if words in said)
        return next(blamed, "") if status in (400, 429) else ""


def _without_tag(prompt: str, tag: str) -> str:
    """The prompt without the tag, even if it is spaced out, not closed, or nested in itself."""
    letters = r"\s*".join(map(re.escape, tag))
    pattern = re.compile(rf"<[\s/]*{letters}(?:[^<>]*>)?", re.IGNORECASE)
    while (cleaned := pattern.sub(" ", prompt)) != prompt:
        prompt = cleaned
    return prompt.strip()


def _result(document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Raises NoPicture if there is none, which is how xAI answers when its filter stopped the picture."""
    data = document.get("data")
    is_empty = data is None or (isinstance(data, list) and not any(data))
    if _is_stopped(document) and (is_empty or not isinstance(data, list) or not isinstance(data[0], dict)):
        return {}, []
    if is_empty and "error" not in document:
        raise NoPicture("the answer of 200 holds no results")
    return first_result(document)


def _is_stopped(said: dict[str, Any]) -> bool:
    """Whether anything says that a filter stopped the picture."""
    nsfw, reason = said.get("has_nsfw_concepts"), said.get("finish_reason")
    return (
        (isinstance(reason, str) and _STOPPED.search(reason) is not None)
        or said.get("respect_moderation") is False
        or (isinstance(nsfw, list) and True in nsfw)
    )


def _reported(document: dict[str, Any], result: dict[str, Any]) -> dict[str, str]:
    """What the service reports as used or changed: short texts by field."""
    reported = {name: result.get(name) or document.get(name) for name in _CHANGES}
    return {name: value[:_MOST_CHANGE_CHARS] for name, value in reported.items() if isinstance(value, str)}


def _written(options: EditOptions, name: str) -> str:
    value = getattr(options, name)
    return value if isinstance(value, str) else number(value)


def _put(tree: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    *folders, last = path
    for folder in folders:
        tree = tree.setdefault(folder, {})
    tree[last] = value


def _seed_in_png(data: bytes) -> int | None:
    """Reads the last line of the text "parameters", because the prompt before it may name a seed too."""
    for keyword, text in _png_texts(data):
        if keyword == b"parameters":
            found = _SEED.findall(text.decode("latin-1").rpartition("\nSteps: ")[2])
            return number_in(int(found[0])) if found else None
    return None


def _png_texts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keyword and text of the plain text chunks before the pixels, without decoding or decompressing."""
    at = len(_PNG_SIGNATURE) if data.startswith(_PNG_SIGNATURE) else len(data)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            return
        if kind == b"tEXt":
            keyword, _, text = data[at + 8 : at + 8 + length].partition(b"\0")
            yield keyword, text
        at += 12 + length
