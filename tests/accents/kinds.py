"""What each kind of server takes, refuses and answers, as its source or its documentation says.

OpenAI's image API, vLLM-Omni 0.30, SGLang 0.5.23, stable-diffusion.cpp 0.4.7, Xinference 4.1, LiteLLM 1.108 and
DeepInfra, in November 2026.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Self

from PIL import Image

from tests.accents.answers import (
    CREATED,
    Refusal,
    drawn,
    in_detail,
    in_error,
    in_gateway,
    in_text,
)

STOPPED_WORD = "gore"
SIZE = re.compile(r"([1-9][0-9]*)x([1-9][0-9]*)")
TAG = re.compile(r"<sd_cpp_extra_args>(.*?)</sd_cpp_extra_args>", re.DOTALL)
SAFETY = (
    "Your request was rejected by the safety system. If you believe this is an error, contact us. "
    "safety_violations=[violence]"
)
SizePx = tuple[int, int]


@dataclass
class Asked:
    """A call: text fields and files as they came, and what the server made of them."""

    fields: dict[str, str]
    files: list[tuple[str, bytes]]
    size_px: SizePx = (0, 0)
    ignored: tuple[str, ...] = ()
    """Names that the server does not know and passes over."""

    @classmethod
    def of(cls, texts: list[tuple[str, str]], files: list[tuple[str, bytes]]) -> Self:
        """Raises ValueError where a field came twice."""
        if len(dict(texts)) < len(texts):
            raise ValueError("a field came twice")
        return cls(dict(texts), files)

    @property
    def extra(self) -> dict[str, Any]:
        """What sd-server reads out of the first tag in the prompt."""
        found = TAG.search(self.fields.get("prompt", ""))
        return json.loads(found[1]) if found else {}

    def pictures(self, kind: "Kind") -> list[bytes]:
        """The files that are pictures to edit."""
        return [data for name, data in self.files if name in kind.picture_fields]


@dataclass(frozen=True)
class Kind:
    """One kind of server."""

    models: tuple[str, ...]
    fields: frozenset[str]
    """The text fields that it understands beside model, prompt, n and size."""
    size_of: Callable[[str, SizePx], SizePx]
    """The size of the result by the field and the first picture.  Raises Refusal."""
    error: Callable[[Refusal], Any]
    document: Callable[[Asked], Any]
    picture_fields: tuple[str, ...] = ("image", "image[]")
    mask_field: str = "mask"
    model_rule: str = "match"
    """``match``: one of its own; ``free``: anything, or nothing."""
    refuses_unknown: bool = False
    skips_unreadable: bool = False
    needs_key: bool = False
    wrong_key: Refusal = field(default_factory=lambda: Refusal(401, "Unauthorized"))
    unknown_model: Callable[[str], Refusal] = lambda name: Refusal(400, f"Model mismatch: {name}")
    refuses: Callable[[Asked], None] = lambda asked: None
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Pictures behind links, by path."""

    def judge(self, asked: Asked) -> None:
        """Decide on a call as the server does.  Raises Refusal."""
        if self.model_rule == "match" and asked.fields.get("model") not in self.models:
            raise self.unknown_model(asked.fields.get("model", ""))
        known = {"model", "prompt", "n", "size", *self.fields}
        names = [*asked.fields, *(name for name, _ in asked.files)]
        unknown = [name for name in names if name not in (*known, *self.picture_fields, self.mask_field)]
        if unknown and self.refuses_unknown:
            raise Refusal(400, f"Unknown parameter: '{unknown[0]}'.", code="unknown_parameter")
        asked.ignored = tuple(unknown)
        self.refuses(asked)
        sizes = [size for data in asked.pictures(self) if (size := _size_px(data))]
        if not sizes and not self.skips_unreadable:
            raise Refusal(400, "image is required")
        asked.size_px = self.size_of(asked.fields.get("size", ""), sizes[0]) if sizes else (512, 512)


def _size_px(data: bytes) -> SizePx | None:
    try:
        return Image.open(BytesIO(data)).size
    except OSError:
        return None


def _written(size: str) -> SizePx | None:
    found = SIZE.fullmatch(size)
    return (int(found[1]), int(found[2])) if found else None


def _up(size_px: SizePx, step: int) -> SizePx:
    width, height = (-(-side // step) * step for side in size_px)
    return width, height


def _openai_size(size: str, source_px: SizePx) -> SizePx:
    if size in ("", "auto"):
        return _up(source_px, 16)
    wanted = _written(size)
    if not wanted or any(side % 16 for side in wanted) or max(wanted) > 3 * min(wanted):
        raise Refusal(400, f"Invalid value: '{size}'.", code="invalid_value")
    return wanted


def _auto_or_written(size: str, source_px: SizePx) -> SizePx:
    wanted = source_px if size in ("", "auto") else _written(size)
    if not wanted:
        raise Refusal(400, "Invalid size format")
    return wanted


def _sglang_size(size: str, source_px: SizePx) -> SizePx:
    if not size:
        return source_px
    wanted = _written(size)
    if not wanted:
        raise Refusal(400, "size must be formatted as positive WIDTHxHEIGHT")
    return wanted


def _sd_size(size: str, source_px: SizePx) -> SizePx:
    return _up(_written(size) or source_px, 64)


def _xinference_size(size: str, source_px: SizePx) -> SizePx:
    wanted = source_px if size in ("", "original") else _written(size)
    if not wanted:
        raise Refusal(400, f"Invalid size: {size}")
    return wanted


def _required_size(size: str, source_px: SizePx) -> SizePx:
    wanted = _written(size) if size else source_px
    if not wanted:
        raise Refusal(422, [{"loc": ["body", "size"], "msg": "size must be WIDTHxHEIGHT"}])
    return wanted


def _moderated(asked: Asked) -> None:
    if STOPPED_WORD in asked.fields["prompt"]:
        raise Refusal(400, SAFETY, code="moderation_blocked", kind="image_generation_user_error")


def _gateway_moderated(asked: Asked) -> None:
    """One name for files at a time, and what the service behind it says, inside a text of its own."""
    if len({name for name, _ in asked.files if name in ("image", "image[]")}) == 2:
        raise Refusal(422, "image and image[] cannot both be given")
    try:
        _moderated(asked)
    except Refusal as inner:
        body = json.dumps(in_error(inner))
        raise Refusal(
            400, f"litellm.BadRequestError: OpenAIException - {body}. Received Model Group=x"
        ) from inner


def _only_b64(asked: Asked) -> None:
    if asked.fields.get("response_format", "b64_json") != "b64_json":
        raise Refusal(400, "Only response_format 'b64_json' is supported now.")
    for name in ("seed", "num_inference_steps"):
        if not asked.fields.get(name, "0").isdigit():
            raise Refusal(422, [{"loc": ["body", name], "msg": "Input should be a valid integer"}])


def _png(asked: Asked, **words: str) -> dict[str, Any]:
    return {"b64_json": drawn(asked.size_px, output_format=asked.fields.get("output_format", "png"), **words)}


def _openai_answer(asked: Asked) -> Any:
    size = "x".join(map(str, asked.size_px))
    usage = {"input_tokens": 420, "output_tokens": 1056, "input_tokens_details": {"image_tokens": 388}}
    chosen = {name: asked.fields.get(name, "auto") for name in ("quality", "background")}
    used = {"size": size, "output_format": asked.fields.get("output_format", "png"), **chosen}
    return {"created": CREATED, "data": [_png(asked)], **used, "usage": usage}


def _vllm_answer(asked: Asked) -> Any:
    data = [_png(asked) | {"revised_prompt": None}]
    return {"created": CREATED, "data": data, "size": "auto", "output_format": "png", "metrics": {"s": 1.5}}


def _sglang_answer(asked: Asked) -> Any:
    result: dict[str, Any] = {"revised_prompt": asked.fields["prompt"], "file_path": "/tmp/x.png"}
    wants_link = asked.fields.get("response_format") == "url"
    result |= {"url": "/v1/images/x-1/content"} if wants_link else _png(asked)
    return {"id": "x-1", "created": CREATED, "data": [result], "inference_time_s": 2.5}


def _sd_answer(asked: Asked) -> Any:
    seed = asked.extra.get("seed", 42)
    steps = asked.extra.get("sample_params", {}).get("sample_steps", 20)
    prompt = TAG.sub("", asked.fields["prompt"]).strip()
    text = f"{prompt}\nSteps: {steps}, CFG scale: 1.0, Seed: {seed}, Size: 64x64, Model: x.gguf"
    is_png = asked.fields.get("output_format", "png") == "png"
    return {
        "created": CREATED,
        "data": [_png(asked, **({"text": text} if is_png else {}))],
        "output_format": "png",
    }


def _xinference_answer(asked: Asked) -> Any:
    is_b64 = asked.fields.get("response_format") == "b64_json"
    result = _png(asked) if is_b64 else {"url": "/root/.xinference/image/8f1c.jpg"}
    return {"created": CREATED, "data": [{"url": None, "b64_json": None} | result]}


def _gateway_answer(asked: Asked) -> Any:
    data = [_png(asked) | {"url": None, "revised_prompt": None}]
    return {"created": CREATED, "data": data, "usage": {"total_tokens": 7}, "size": "1024x1024"}


_DIFFUSERS = frozenset(
    {"seed", "num_inference_steps", "guidance_scale", "true_cfg_scale", "negative_prompt"}
    | {"output_format", "output_compression", "response_format", "strength", "user"}
)
_OPENAI = Kind(
    models=("gpt-image-2", "gpt-image-2.5-mini", "gpt-5.1", "sora-2", "text-embedding-3-small"),
    fields=frozenset(
        {"quality", "background", "output_format", "output_compression", "input_fidelity", "user"}
    ),
    size_of=_openai_size,
    error=in_error,
    document=_openai_answer,
    refuses_unknown=True,
    needs_key=True,
    wrong_key=Refusal(401, "Incorrect API key provided: sk-a***15.", code="invalid_api_key"),
    unknown_model=lambda name: Refusal(404, f"The model '{name}' does not exist", code="model_not_found"),
    refuses=_moderated,
    headers={"x-request-id": "req-77"},
)
KINDS: Mapping[str, Kind] = {
    "openai": _OPENAI,
    "vllm-omni": Kind(
        models=("Qwen/Qwen-Image-Edit-2511",),
        fields=_DIFFUSERS | {"guidance_scale_2"},
        size_of=_auto_or_written,
        error=in_detail,
        document=_vllm_answer,
        mask_field="mask_image",
        refuses=_only_b64,
    ),
    "sglang": Kind(
        models=("black-forest-labs/FLUX.2-klein-4B",),
        fields=_DIFFUSERS,
        size_of=_sglang_size,
        error=in_detail,
        document=_sglang_answer,
        model_rule="free",
        files={"/v1/images/x-1/content": base64.b64decode(drawn((96, 64)))},
    ),
    "stable-diffusion.cpp": Kind(
        models=("sd-cpp-local",),
        fields=frozenset({"output_format"}),
        size_of=_sd_size,
        error=in_text,
        document=_sd_answer,
        model_rule="free",
        skips_unreadable=True,
    ),
    "xinference": Kind(
        models=("Qwen-Image-Edit-2511", "qwen3-embedding"),
        fields=frozenset({"response_format"}),
        size_of=_xinference_size,
        error=in_detail,
        document=_xinference_answer,
        picture_fields=("image", "image[]", "images"),
        unknown_model=lambda name: Refusal(400, f"Model not found, uid: {name}"),
    ),
    "litellm": Kind(
        models=("qwen-image-edit", "klein"),
        fields=_DIFFUSERS | {"quality", "background"},
        size_of=_auto_or_written,
        error=in_gateway,
        document=_gateway_answer,
        needs_key=True,
        wrong_key=Refusal(400, "No connected db.", code="400", kind="no_db_connection"),
        unknown_model=lambda name: Refusal(400, f"/images/edits: Invalid model name passed in model={name}."),
        refuses=_gateway_moderated,
        headers={"x-litellm-call-id": "call-5", "llm_provider-x-request-id": "req-9"},
    ),
    "litellm before openai": Kind(
        models=("my-gpt-image",),
        fields=_OPENAI.fields,
        size_of=_openai_size,
        error=in_gateway,
        document=_gateway_answer,
        refuses_unknown=True,
        needs_key=True,
        refuses=_gateway_moderated,
    ),
    "deepinfra": Kind(
        models=("Qwen/Qwen-Image-Edit",),
        fields=frozenset({"response_format"}),
        size_of=_required_size,
        error=in_detail,
        document=_gateway_answer,
        picture_fields=("image",),
        needs_key=True,
    ),
}
