"""A whole edit: its size, and what decides what it looks like."""

import io
from typing import Any

import pytest
from PIL import Image

from edits.local_engine import EXAMPLES, edit_picture
from edits.local_engine.editing import passes_of, strength_of
from edits.local_engine.refusals import ContractError
from edits.model_specs import MODEL_SPECS, Bounds

from .local_engine_pictures import decoded, difference, encoded, landscape, lightness, warmth

PROFILE = MODEL_SPECS["step-1x-edit"]
NEWER = MODEL_SPECS["step-image-edit-2"]
DATA = encoded(landscape(160, 120))


def edit(prompt: str, data: bytes = DATA, **changed: Any) -> bytes:
    options: dict[str, Any] = {
        "seed": 7,
        "steps": 28,
        "cfg_scale": 6.0,
        "size": "512x512",
        "spec": PROFILE,
    }
    return edit_picture(data, prompt=prompt, **(options | changed))


@pytest.mark.parametrize("size", PROFILE.sizes)
@pytest.mark.parametrize("source_px", [(64, 64), (160, 120), (120, 160), (192, 64)])
def test_the_result_has_the_announced_size(size: str, source_px: tuple[int, int]) -> None:
    result = decoded(edit("warmer", encoded(landscape(*source_px)), size=size))
    assert result.size == PROFILE.output_size_px(*source_px, size)


def test_a_model_without_sizes_keeps_the_size_of_the_picture() -> None:
    result = decoded(edit("mirror it", size="", steps=8, cfg_scale=1.0, spec=NEWER))
    assert result.size == (160, 120)


def test_the_result_is_a_png_without_transparency() -> None:
    with Image.open(io.BytesIO(edit("warmer"))) as result:
        assert (result.format, result.mode) == ("PNG", "RGB")


def test_the_same_request_gives_the_same_bytes() -> None:
    for prompt in ("warm, grainy, with vignette", "Turn the cat into a lion.", "duotone, snow, fog"):
        assert edit(prompt) == edit(prompt)


@pytest.mark.parametrize(
    "changed",
    [{"seed": 8}, {"steps": 100}, {"cfg_scale": 9.5}, {"size": "768x768"}],
    ids=lambda changed: next(iter(changed)),
)
def test_each_parameter_counts(changed: dict[str, Any]) -> None:
    assert edit("blurred and warm", **changed) != edit("blurred and warm")


def test_naming_one_more_effect_leaves_the_chance_of_the_others_alone() -> None:
    mirrored_fog = decoded(edit("fog, mirror it"))
    fog_of_mirrored = decoded(
        edit("fog", encoded(landscape(160, 120).transpose(Image.Transpose.FLIP_LEFT_RIGHT)))
    )
    assert difference(mirrored_fog, fog_of_mirrored) < 1


def test_several_instructions_are_all_followed() -> None:
    result = decoded(edit('black and white, add a red frame, caption "Night"'))
    plain = decoded(edit("black and white"))
    red = result.getpixel((0, 200))
    assert isinstance(red, tuple)
    assert red[0] > red[1] + 80
    inside = result.crop((100, 100, 400, 200)).split()
    assert inside[0].tobytes() == inside[1].tobytes()
    assert lightness(result.crop((100, 400, 400, 430))) != lightness(plain.crop((100, 400, 400, 430)))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("prompt", ["Turn the cat into a British Shorthair.", "戴一顶帽子", "no grain", "?"])
def test_an_unknown_prompt_gives_a_visible_color_grade(prompt: str, seed: int) -> None:
    plain = decoded(DATA).resize((576, 432))
    assert difference(decoded(edit(prompt, seed=seed)).resize((576, 432)), plain) > 8


def test_the_seed_and_the_prompt_choose_the_color_grade() -> None:
    grades = {edit("a hat", seed=1), edit("a hat", seed=2), edit("a scarf", seed=1)}
    assert len(grades) == 3


def test_an_adverb_weighs_as_cfg_scale_does() -> None:
    slightly, plainly, very = (
        warmth(decoded(edit(prompt))) for prompt in ("slightly warm", "warm", "very warm")
    )
    assert slightly < plainly < very


def test_strength_is_one_at_the_default_of_each_model() -> None:
    for spec in MODEL_SPECS.values():
        assert spec.cfg_scale
        assert strength_of(spec.cfg_scale.default, bounds=spec.cfg_scale) == 1.0
        assert strength_of(spec.cfg_scale.most, bounds=spec.cfg_scale) > 1.0


def test_strength_rises_with_cfg_scale() -> None:
    assert PROFILE.cfg_scale
    strengths = [strength_of(float(scale), bounds=PROFILE.cfg_scale) for scale in range(1, 11)]
    assert strengths == sorted(set(strengths))
    assert strengths[0] > 0
    assert strength_of(5.0, bounds=Bounds(1, 5, 5)) == 1.0


def test_passes_rise_with_steps() -> None:
    for spec in MODEL_SPECS.values():
        bounds = spec.steps
        assert bounds
        assert [passes_of(int(steps), bounds=bounds) for steps in (bounds.least, bounds.most)] == [1, 4]


@pytest.mark.slow
def test_every_example_survives_the_extremes() -> None:
    prompt = ", ".join(EXAMPLES)
    for steps, cfg_scale in ((1, 1.0), (100, 10.0)):
        result = decoded(edit(prompt, encoded(landscape(64, 192)), steps=steps, cfg_scale=cfg_scale))
        assert result.size == PROFILE.output_size_px(64, 192, "512x512")


def test_a_damaged_picture_is_refused() -> None:
    with pytest.raises(ContractError, match="damaged"):
        edit("warmer", DATA[: len(DATA) // 2])
