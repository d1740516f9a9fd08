"""Parses a request according to StepFun's documentation page, or refuses it as StepFun would.

Fields that the page does not name (``n``, ``mask``, ``user`` …) are not parameters and are ignored.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from edits.model_specs import MAX_SEED, MODEL_SPECS, Bounds, ModelSpec

from .multipart import Part, read_parts
from .picture import check_picture
from .refusals import ContractError

ResponseFormat = Literal["b64_json", "url"]

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")


@dataclass(frozen=True)
class AskedEdit:
    """One request within the limits of its model.  A ``seed`` of 0 requests a random one."""

    spec: ModelSpec
    image: bytes
    prompt: str
    seed: int
    steps: int
    cfg_scale: float
    size: str
    response_format: ResponseFormat


def read_request(body: bytes, *, content_type: str) -> AskedEdit:
    """The request with defaults filled in.  Raises ContractError."""
    parts = read_parts(body, content_type=content_type)
    spec = _model(_text(parts, "model"))
    assert spec.steps
    assert spec.cfg_scale
    asked = AskedEdit(
        spec=spec,
        prompt=_prompt(_text(parts, "prompt"), most_chars=spec.max_prompt_chars),
        seed=_seed(_text(parts, "seed")),
        steps=_steps(_text(parts, "steps"), bounds=spec.steps),
        cfg_scale=_cfg_scale(_text(parts, "cfg_scale"), bounds=spec.cfg_scale),
        size=_size(_text(parts, "size"), spec=spec),
        response_format=_response_format(_text(parts, "response_format")),
        image=_image(parts),
    )
    check_picture(asked.image, spec=spec)
    return asked


def _text(parts: Sequence[Part], name: str) -> str | None:
    """The field's text; None if it was not sent."""
    found = [part for part in parts if part.name == name]
    if len(found) > 1:
        raise ContractError(f"{name} is given more than once")
    if not found:
        return None
    if found[0].is_file:
        raise ContractError(f"{name} must be text, not a file")
    try:
        return found[0].content.decode()
    except UnicodeDecodeError:
        raise ContractError(f"{name} is not valid UTF-8") from None


def _image(parts: Sequence[Part]) -> bytes:
    files = [part.content for part in parts if part.name == "image" and part.is_file]
    if len(files) != 1:
        raise ContractError("image must be one file" if files else "image is required")
    if not files[0]:
        raise ContractError("image is empty")
    return files[0]


def _model(name: str | None) -> ModelSpec:
    if not name:
        raise ContractError("model is required")
    if name not in MODEL_SPECS:
        raise ContractError(f"model {name[:64]} does not exist; there are {', '.join(MODEL_SPECS)}")
    return MODEL_SPECS[name]


def _prompt(prompt: str | None, *, most_chars: int) -> str:
    """The prompt as it was sent; its length is counted in code points."""
    if not prompt or not prompt.strip():
        raise ContractError("prompt is required")
    if len(prompt) > most_chars:
        raise ContractError(f"prompt has {len(prompt)} characters, at most {most_chars} are allowed")
    return prompt


def _seed(text: str | None) -> int:
    if text is None:
        return 0
    if not _WHOLE_NUMBER.fullmatch(text) or not 0 <= int(text) <= MAX_SEED:
        raise ContractError(f"seed must be a whole number from 0 to {MAX_SEED}")
    return int(text)


def _steps(text: str | None, *, bounds: Bounds) -> int:
    if text is None:
        return int(bounds.default)
    if not _WHOLE_NUMBER.fullmatch(text) or not bounds.least <= int(text) <= bounds.most:
        raise ContractError(f"steps must be a whole number from {bounds.least:g} to {bounds.most:g}")
    return int(text)


def _cfg_scale(text: str | None, *, bounds: Bounds) -> float:
    if text is None:
        return bounds.default
    if not _DECIMAL.fullmatch(text) or not bounds.least <= float(text) <= bounds.most:
        raise ContractError(f"cfg_scale must be a number from {bounds.least:g} to {bounds.most:g}")
    return float(text)


def _size(size: str | None, *, spec: ModelSpec) -> str:
    """A model without sizes ignores the field: its result has the size of the picture."""
    if not spec.sizes:
        return ""
    if size is None:
        return spec.default_size
    if size not in spec.sizes:
        raise ContractError(f"size must be one of {', '.join(spec.sizes)}")
    return size


def _response_format(name: str | None) -> ResponseFormat:
    if name is None or name == "url":
        return "url"
    if name == "b64_json":
        return "b64_json"
    raise ContractError("response_format must be b64_json or url")
