"""What is known about each kind of server and its models: the defaults when an administrator adds a provider.

As of November 2026.  Ids, limits and prices change within months, so that everything except the protocol can be
edited afterwards.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from edits.model_specs import AUTO, STEP_1X_EDIT, STEP_IMAGE_EDIT_2, Bounds, ModelSpec
from edits.providers.dialects import OPENAI, STEPFUN

ABOUT_1_MP = 1024 * 1024
SQUARE_AND_SIDES = (AUTO, "1024x1024", "1280x832", "832x1280")
FALLBACK = ModelSpec(name="", min_side_px=64, max_side_px=2048, max_area_px=4 * ABOUT_1_MP)
"""For an unknown model: only a prompt and a picture, until an administrator enables more."""

KeyRule = Literal["required", "optional", "none"]
_NO_IMAGES = re.compile(
    r"embed|rerank|whisper|tts|speech|audio|transcri|[-_]vl\b|[-_]vl[-_]|gpt-([345]|oss)(?!.*image)|^o[134]\b|llama"
    r"|mistral|deepseek|claude|codex|gemma|davinci|babbage|moderation|realtime|sora|veo|dall-e|text-to-video|t2v|i2v",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ModelPreset:
    """A model, matched by a pattern of its id."""

    pattern: str
    title: str
    spec: ModelSpec
    """Its name is blank, because the server defines the id."""
    accent: str = ""
    """Set if it differs from the server's accent."""

    def fits(self, name: str) -> bool:
        """Whether the pattern matches this id."""
        return re.search(self.pattern, name, re.IGNORECASE) is not None


@dataclass(frozen=True)
class Preset:
    """A kind of server."""

    key: str
    title: str
    runs_on: str
    """A few words for its card: hosted, or on which hardware."""
    dialect: str
    accent: str = ""
    url: str = ""
    """The URL of a hosted service; for others an example."""
    is_hosted: bool = False
    key_rule: KeyRule = "optional"
    concurrent: int = 2
    per_minute: int = 60
    timeout_seconds: int = 180
    """The timeout of one call."""
    repeats_calls: bool = False
    """Whether it may repeat a failed call by itself, so that an answer may take longer than one call."""
    models: tuple[ModelPreset, ...] = ()
    note: str = ""
    """What an administrator should know before adding one.  Pages translate it: ``forms/provider_words.py``."""

    def model(self, name: str) -> ModelPreset:
        """The preset for this id, or a fallback with few options."""
        found = next((model for model in self.models if model.fits(name)), None)
        return found or ModelPreset(pattern="", title="", spec=FALLBACK)

    def knows(self, name: str) -> bool:
        """Whether there is a preset for this id."""
        return any(model.fits(name) for model in self.models)


def makes_no_pictures(name: str) -> bool:
    """Whether an id is clearly that of another kind of model: text, speech, video."""
    return _NO_IMAGES.search(name) is not None


_STEPFUN_MODELS = tuple(
    ModelPreset(rf"^{re.escape(spec.name)}$", title, replace(spec, name=""))
    for spec, title in ((STEP_1X_EDIT, "Step 1X Edit"), (STEP_IMAGE_EDIT_2, "Step Image Edit 2"))
)
_GPT_IMAGE = ModelSpec(
    name="",
    min_side_px=64,
    max_side_px=3840,
    max_area_px=3840 * 2160,
    max_ratio=3,
    max_upload_bytes=50_000_000,
    max_sent_bytes=20_000_000,
    max_prompt_chars=32_000,
    sizes=(AUTO, "1024x1024", "1536x1024", "1024x1536"),
    default_size=AUTO,
    takes_mask=True,
    max_pictures=16,
    qualities=("low", "medium", "high"),
    backgrounds=("opaque", "transparent"),
    output_formats=("png", "webp", "jpeg"),
    good_at="Follows long instructions and writes text well.",
)
_QWEN = ModelSpec(
    name="",
    min_side_px=64,
    max_side_px=2048,
    max_area_px=2 * ABOUT_1_MP,
    max_prompt_chars=4000,
    steps=Bounds(1, 100, 50),
    cfg_scale=Bounds(1.0, 10.0, 4.0),
    sizes=SQUARE_AND_SIDES,
    default_size=AUTO,
    takes_seed=True,
    takes_negative_prompt=True,
    max_pictures=3,
    good_at="Keeps faces and text, and combines up to three pictures.",
)
_KLEIN = ModelSpec(
    name="",
    min_side_px=64,
    max_side_px=2048,
    max_area_px=2 * ABOUT_1_MP,
    max_prompt_chars=4000,
    steps=Bounds(1, 50, 4),
    sizes=SQUARE_AND_SIDES,
    default_size=AUTO,
    takes_seed=True,
    max_pictures=4,
    good_at="Very fast; good for trying ideas.",
)
_QWEN_ID, _KLEIN_ID = r"qwen[-_ ]?image[-_ ]?edit", r"flux[-_. ]?2[-_. ]?klein"
_QWEN_TITLE, _KLEIN_TITLE = "Qwen Image Edit", "FLUX.2 klein"
_SD_CPP = replace(
    _KLEIN,
    steps=Bounds(1, 100, 20),
    cfg_scale=Bounds(1.0, 15.0, 1.0),
    takes_negative_prompt=True,
    takes_mask=True,
    sizes=(AUTO, "512x512", "768x768", "1024x1024"),
    side_multiple_px=64,
    max_area_px=ABOUT_1_MP,
    max_pictures=4,
    output_formats=("png", "jpeg"),
    good_at="Depends on the model that the server was started with.",
)
_XINFERENCE = replace(
    _QWEN,
    steps=None,
    cfg_scale=None,
    takes_seed=False,
    takes_negative_prompt=False,
    takes_mask=True,
    good_at="Steps and guidance are set on the server.",
)

_ALL = (
    Preset(
        key="stepfun",
        title="StepFun",
        runs_on="Hosted",
        dialect=STEPFUN,
        url="https://api.stepfun.ai/v1",
        is_hosted=True,
        key_rule="required",
        concurrent=5,
        per_minute=10,
        models=_STEPFUN_MODELS,
        note="StepFun announced that its image endpoints end on 10 October 2026.",
    ),
    Preset(
        key="openai",
        title="OpenAI",
        runs_on="Hosted",
        dialect=OPENAI,
        accent="openai",
        url="https://api.openai.com/v1",
        is_hosted=True,
        key_rule="required",
        concurrent=5,
        per_minute=20,
        models=(ModelPreset(r"^(chat)?gpt-image", "GPT Image", _GPT_IMAGE),),
        note="Takes no seed, so an edit cannot be repeated exactly.",
    ),
    Preset(
        key="vllm-omni",
        title="vLLM-Omni",
        runs_on="Your GPU",
        dialect=OPENAI,
        accent="vllm-omni",
        url="http://gpu.example.org:8091/v1",
        models=(
            ModelPreset(_QWEN_ID, _QWEN_TITLE, replace(_QWEN, takes_mask=True), accent="vllm-omni-true-cfg"),
            ModelPreset(_KLEIN_ID, _KLEIN_TITLE, _KLEIN),
        ),
    ),
    Preset(
        key="sglang",
        title="SGLang",
        runs_on="Your GPU",
        dialect=OPENAI,
        accent="sglang",
        url="http://gpu.example.org:30000/v1",
        models=(
            ModelPreset(_QWEN_ID, _QWEN_TITLE, _QWEN, accent="sglang-true-cfg"),
            ModelPreset(_KLEIN_ID, _KLEIN_TITLE, _KLEIN),
        ),
    ),
    Preset(
        key="stable-diffusion.cpp",
        title="stable-diffusion.cpp",
        runs_on="CPU or GPU",
        dialect=OPENAI,
        accent="stable-diffusion.cpp",
        url="http://gpu.example.org:1234/v1",
        key_rule="none",
        concurrent=1,
        timeout_seconds=900,
        models=(ModelPreset(r"", "stable-diffusion.cpp", _SD_CPP),),
        note="Makes one picture at a time.",
    ),
    Preset(
        key="xinference",
        title="Xinference",
        runs_on="Your GPU",
        dialect=OPENAI,
        accent="xinference",
        url="http://gpu.example.org:9997/v1",
        models=(ModelPreset(r"image|flux|omnigen|longcat|step1x|[-_]edit", "", _XINFERENCE),),
        note="Takes no seed, so an edit cannot be repeated exactly.",
    ),
    Preset(
        key="litellm",
        title="LiteLLM",
        runs_on="Gateway",
        dialect=OPENAI,
        accent="litellm",
        url="http://gateway.example.org:4000/v1",
        repeats_calls=True,
        models=(
            ModelPreset(r"gpt-image", "GPT Image", _GPT_IMAGE, accent="litellm-openai"),
            ModelPreset(_QWEN_ID, _QWEN_TITLE, _QWEN, accent="litellm-true-cfg"),
            ModelPreset(_KLEIN_ID, _KLEIN_TITLE, _KLEIN),
        ),
        note="Set num_retries to 0 in LiteLLM: it repeats failed calls by itself, and each may be charged. "
        "Do not use StepFun through it: it drops the answers of StepFun's content filter.",
    ),
    Preset(
        key="other",
        title="Other",
        runs_on="OpenAI-style server",
        dialect=OPENAI,
        accent="other",
        url="http://server.example.org:8000/v1",
        note="Only the prompt and the picture are sent until you select what the model takes.",
    ),
)
PRACTICE = Preset(
    key="practice",
    title="Practice engine",
    runs_on="This machine",
    dialect=STEPFUN,
    key_rule="none",
    per_minute=600,
    models=_STEPFUN_MODELS,
    note="Edits with simple filters and without AI, for trying out Retake.",
)
"""Ships with Retake and is used without a key; administrators cannot add it."""
PRESETS: Mapping[str, Preset] = {preset.key: preset for preset in (*_ALL, PRACTICE)}
CHOICES = _ALL
"""Presets that an administrator can add, in the order of the page."""
