"""Differences between servers with multipart /v1/images/edits, as data: a new server is an entry, not a branch.

As of November 2026: OpenAI's SDK 3.57, vLLM-Omni 0.30, SGLang 0.5.23, stable-diffusion.cpp 0.4.7,
Xinference 4.1 and LiteLLM 1.108.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from edits.providers.errors import Blames

OPTIONS = ("seed", "steps", "cfg_scale", "negative_prompt", "quality", "background", "output_format")

_DIFFUSERS = {
    "seed": "seed",
    "steps": "num_inference_steps",
    "cfg_scale": "guidance_scale",
    "negative_prompt": "negative_prompt",
    "output_format": "output_format",
}


@dataclass(frozen=True)
class Accent:
    """One kind of server.  It is never sent options that ``fields`` does not name."""

    fields: dict[str, str] = field(default_factory=dict)
    """Maps the name of an option to the name of its field."""
    picture_field: str = "image"
    pictures_field: str = "image[]"
    """The field for each file if there are several pictures."""
    mask_field: str = "mask"
    auto_size: str = ""
    """Sent as ``size`` if "auto" is chosen; "" leaves the field out."""
    response_format: str = ""
    """Sent as ``response_format``; "" leaves the field out."""
    prompt_tag: str = ""
    """A tag in the prompt that carries options as JSON; it is removed from what people type."""
    prompt_paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Maps the name of an option to its path in that JSON."""
    seed_in_png: bool = False
    """Whether the result is a PNG whose text chunk "parameters" names the seed that was used."""
    trace_headers: tuple[str, ...] = ("X-Trace-Id", "X-Request-Id")
    retry_after_headers: tuple[str, ...] = ("Retry-After",)
    account_words: Mapping[str, Blames] = field(default_factory=dict)
    """The cause named by words in the type, code or message of a 400 or 429, which is not this request."""


_GPT_IMAGE = {"quality": "quality", "background": "background", "output_format": "output_format"}
_OUT_OF_MONEY: dict[str, Blames] = {
    "insufficient_quota": "balance",
    "billing_hard_limit_reached": "balance",
}
_LITELLM = Accent(
    fields=_DIFFUSERS | {"quality": "quality", "background": "background"},
    response_format="b64_json",
    trace_headers=("X-Litellm-Call-Id", "Llm_provider-X-Request-Id", "Llm_provider-X-Trace-Id"),
    retry_after_headers=("Retry-After", "Llm_provider-Retry-After"),
    account_words=_OUT_OF_MONEY | {"no_db_connection": "key", "Invalid model name": "model"},
)
"""Passes every field through, so that the server behind it decides what is supported."""

ACCENTS: Mapping[str, Accent] = {
    "openai": Accent(
        fields=_GPT_IMAGE,
        auto_size="auto",
        trace_headers=("X-Request-Id",),
        account_words=_OUT_OF_MONEY,
    ),
    "vllm-omni": Accent(
        fields=_DIFFUSERS, auto_size="auto", response_format="b64_json", mask_field="mask_image"
    ),
    "vllm-omni-true-cfg": Accent(
        fields=_DIFFUSERS | {"cfg_scale": "true_cfg_scale"},
        auto_size="auto",
        response_format="b64_json",
        mask_field="mask_image",
    ),
    "sglang": Accent(fields=_DIFFUSERS, response_format="b64_json"),
    "sglang-true-cfg": Accent(
        fields=_DIFFUSERS | {"cfg_scale": "true_cfg_scale"}, response_format="b64_json"
    ),
    "stable-diffusion.cpp": Accent(
        fields={"output_format": "output_format"},
        pictures_field="image[]",
        prompt_tag="sd_cpp_extra_args",
        prompt_paths={
            "seed": ("seed",),
            "steps": ("sample_params", "sample_steps"),
            "cfg_scale": ("sample_params", "guidance", "txt_cfg"),
            "negative_prompt": ("negative_prompt",),
        },
        seed_in_png=True,
    ),
    "xinference": Accent(auto_size="original", response_format="b64_json"),
    "litellm": _LITELLM,
    "litellm-true-cfg": replace(_LITELLM, fields=_LITELLM.fields | {"cfg_scale": "true_cfg_scale"}),
    "litellm-openai": replace(_LITELLM, fields=_GPT_IMAGE, auto_size="auto", response_format=""),
    "other": Accent(
        fields=_DIFFUSERS | {"quality": "quality", "background": "background"},
        auto_size="auto",
        response_format="b64_json",
    ),
}
"""Each model stores its key, so that models of one server may spell guidance differently."""
