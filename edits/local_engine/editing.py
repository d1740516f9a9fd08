"""Edits a picture by a prompt; the same picture, prompt, seed, steps, cfg_scale and size give the same result."""

import io
from random import Random

from PIL import Image

from edits.model_specs import Bounds, ModelSpec

from .effects.how import How
from .effects.tones import color_grade
from .picture import decode_picture
from .reading import read_prompt

_WEAKEST, _STRONGEST = 0.35, 1.6
_MOST_PASSES = 4


def edit_picture(
    data: bytes, *, prompt: str, seed: int, steps: int, cfg_scale: float, size: str, spec: ModelSpec
) -> bytes:
    """A PNG of ``spec.output_size_px``; ``cfg_scale`` sets the strength, ``steps`` the passes.

    The seed decides everything that the prompt leaves open; without a known instruction in the prompt, it
    chooses a color grade.  Raises ContractError for a picture that cannot be decoded.
    """
    picture = decode_picture(data, spec=spec)
    result_px = spec.output_size_px(picture.width, picture.height, size)
    if picture.size != result_px:
        picture = picture.resize(result_px, Image.Resampling.LANCZOS)
    assert spec.cfg_scale
    assert spec.steps
    strength, passes = (
        strength_of(cfg_scale, bounds=spec.cfg_scale),
        passes_of(steps, bounds=spec.steps),
    )
    known = read_prompt(prompt)
    for step in known:
        chance = Random(f"{seed}:{step.instruction.name}")  # noqa: S311  (a picture, not a secret)
        how = How(strength=strength * step.weight, passes=passes, chance=chance, words=step.words)
        picture = step.instruction.effect(picture, how)
    if not known:
        chance = Random(f"{seed}:{prompt}")  # noqa: S311
        picture = color_grade(picture, How(strength=strength, passes=passes, chance=chance))
    return _png(picture)


def strength_of(cfg_scale: float, *, bounds: Bounds) -> float:
    """The strength: 1.0 at the model's default, less below it and more above."""
    if cfg_scale < bounds.default:
        share = (cfg_scale - bounds.least) / (bounds.default - bounds.least)
        return _WEAKEST + (1 - _WEAKEST) * share
    if bounds.most == bounds.default:
        return 1.0
    return 1 + (_STRONGEST - 1) * (cfg_scale - bounds.default) / (bounds.most - bounds.default)


def passes_of(steps: int, *, bounds: Bounds) -> int:
    """1 for the model's fewest steps, 4 for the most."""
    return 1 + round((_MOST_PASSES - 1) * (steps - bounds.least) / (bounds.most - bounds.least))


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    # Level 3 takes half the time of the default, for hardly larger files.
    picture.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
