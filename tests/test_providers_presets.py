"""Presets: every spec can be stored, ids lead to their model, and what makes no pictures is left out."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from edits.edit_call import EditOptions
from edits.model_specs import AUTO, BadSpec, Bounds, ModelSpec
from edits.providers import dialect_of
from edits.providers.dialects import ACCENTS, OPENAI
from edits.providers.presets import (
    CHOICES,
    FALLBACK,
    PRACTICE,
    PRESETS,
    ModelPreset,
    Preset,
    makes_no_pictures,
)

MODELS = [(preset, model) for preset in PRESETS.values() for model in preset.models]
IDS = [f"{preset.key}-{model.title}" for preset, model in MODELS]


@pytest.mark.parametrize(("preset", "model"), MODELS, ids=IDS)
def test_every_spec_comes_back_from_its_json_and_speaks_a_known_accent(
    preset: Preset, model: ModelPreset
) -> None:
    spec = replace(model.spec, name="some-id")
    assert ModelSpec.from_json("some-id", spec.to_json()) == spec
    if preset.dialect == OPENAI:
        assert dialect_of(OPENAI, accent=model.accent or preset.accent)
    assert not model.spec.name, "the id is what the server says"


@pytest.mark.parametrize(("preset", "model"), MODELS, ids=IDS)
def test_every_option_that_a_spec_takes_has_a_field_in_its_accent(preset: Preset, model: ModelPreset) -> None:
    if preset.dialect != OPENAI:
        return
    accent, spec = ACCENTS[model.accent or preset.accent], model.spec
    named = {*accent.fields, *accent.prompt_paths}
    takes = {
        "seed": spec.takes_seed,
        "steps": spec.steps is not None,
        "cfg_scale": spec.cfg_scale is not None,
        "negative_prompt": spec.takes_negative_prompt,
        "quality": bool(spec.qualities),
        "background": bool(spec.backgrounds),
        "output_format": bool(spec.output_formats),
    }
    assert {name for name, is_taken in takes.items() if is_taken} <= named


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
def test_every_preset_says_where_it_is_and_what_it_allows(preset: Preset) -> None:
    assert preset.concurrent >= 1
    assert preset.per_minute >= 1
    assert preset.timeout_seconds >= 60
    assert preset.title
    assert preset.runs_on
    if preset is not PRACTICE:
        address = urlsplit(preset.url)
        assert address.path == "/v1"
        assert address.scheme == ("https" if preset.is_hosted else "http")
        assert (preset.key_rule == "required") is preset.is_hosted


def test_an_administrator_adds_any_of_them_but_the_practice_engine() -> None:
    assert {preset.key for preset in CHOICES} == set(PRESETS) - {"practice"}
    assert [preset.key for preset in CHOICES if preset.repeats_calls] == ["litellm"]
    assert PRESETS["stable-diffusion.cpp"].concurrent == 1


@pytest.mark.parametrize(
    ("preset", "name", "title"),
    [
        ("openai", "gpt-image-2", "GPT Image"),
        ("openai", "gpt-image-2.6-mini-2026-10-02", "GPT Image"),
        ("openai", "chatgpt-image-latest", "GPT Image"),
        ("openai", "gpt-5.1", ""),
        ("openai", "not-gpt-image", ""),
        ("stepfun", "step-1x-edit", "Step 1X Edit"),
        ("stepfun", "step-image-edit-2", "Step Image Edit 2"),
        ("stepfun", "step-1x-edit-2", ""),
        ("stepfun", "step-1x-medium", ""),
        ("vllm-omni", "Qwen/Qwen-Image-Edit-2511", "Qwen Image Edit"),
        ("vllm-omni", "black-forest-labs/FLUX.2-klein-4B", "FLUX.2 klein"),
        ("vllm-omni", "/models/flux2_klein", "FLUX.2 klein"),
        ("vllm-omni", "black-forest-labs/FLUX.2-dev", ""),
        ("vllm-omni", "Qwen/Qwen-Image", ""),
        ("sglang", "Qwen/Qwen-Image-Edit-2509", "Qwen Image Edit"),
        ("litellm", "my-gpt-image-2", "GPT Image"),
        ("litellm", "qwen-image-edit", "Qwen Image Edit"),
        ("stable-diffusion.cpp", "sd-cpp-local", "stable-diffusion.cpp"),
        ("other", "Qwen/Qwen-Image-Edit-2511", ""),
    ],
)
def test_an_id_leads_to_what_is_known_of_its_model(preset: str, name: str, title: str) -> None:
    found = PRESETS[preset].model(name)
    assert found.title == title
    assert PRESETS[preset].knows(name) is bool(title)
    assert title or found.spec == FALLBACK


def test_of_an_unknown_model_nothing_but_a_prompt_and_a_picture_is_sent() -> None:
    wishes = EditOptions("x", 7, 28, 6.0, "1024x1024", "blur", "high", "opaque", "png")
    assert FALLBACK.fitted(wishes) == EditOptions("x")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "gpt-5.1",
            "gpt-4o",
            "gpt-4o-mini-tts",
            "gpt-oss-120b",
            "o3",
            "o4-mini",
            "whisper-1",
            "sora-2",
            "dall-e-3",
        ),
        *("text-embedding-3-small", "omni-moderation-latest", "gpt-realtime", "Qwen/Qwen2.5-VL-7B-Instruct"),
        *("bge-reranker-v2", "meta-llama/Llama-4", "deepseek-v4", "wan2.2-i2v", "claude-opus-5", "gemma-4"),
    ],
)
def test_models_for_something_else_are_left_out(name: str) -> None:
    assert makes_no_pictures(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "gpt-image-2",
            "gpt-5-image",
            "chatgpt-image-latest",
            "Qwen/Qwen-Image-Edit-2511",
            "FLUX.2-klein-4B",
        ),
        *(
            "sd-cpp-local",
            "step-1x-edit",
            "OmniGen2",
            "LongCat-Image-Edit",
            "FireRed-Image-Edit-1.1",
            "HiDream-O1-Image",
        ),
        *(
            "grok-imagine-image-2.0",
            "behind",
            "gemini-3-flash-image",
            "flux-kontext-dev",
            "GLM-Image",
            "Z-Image-Edit",
        ),
    ],
)
def test_models_for_pictures_are_kept(name: str) -> None:
    assert not makes_no_pictures(name)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("sizes", {"sizes": ("big",), "default_size": "big"}),
        ("sizes", {"sizes": ("0x64",), "default_size": "0x64"}),
        ("default_size", {"sizes": ("64x64",), "default_size": AUTO}),
        ("default_size", {"default_size": "64x64"}),
        ("steps", {"steps": Bounds(5, 4, 5)}),
        ("steps", {"steps": Bounds(0, 4, 1)}),
        ("steps", {"steps": Bounds(1, 4, 9)}),
        ("cfg_scale", {"cfg_scale": Bounds(1, float("inf"), 2)}),
        ("cfg_scale", {"cfg_scale": Bounds(1, float("nan"), 2)}),
        ("max_side_px", {"min_side_px": 100, "max_side_px": 99}),
        ("max_area_px", {"min_side_px": 100, "max_area_px": 9_999}),
        ("max_ratio", {"max_ratio": 0}),
        ("formats", {"formats": ()}),
        ("formats", {"formats": ("GIF",)}),
        ("max_sent_bytes", {"max_sent_bytes": 10}),
        ("max_prompt_chars", {"max_prompt_chars": 0}),
        ("max_pictures", {"max_pictures": 17}),
        ("side_multiple_px", {"side_multiple_px": 0}),
    ],
)
def test_a_spec_that_contradicts_itself_names_its_field(field: str, changes: dict[str, object]) -> None:
    with pytest.raises(BadSpec) as caught:
        ModelSpec(name="x", **changes)  # type: ignore[arg-type]
    assert caught.value.field == field
    assert str(caught.value).endswith(".")
