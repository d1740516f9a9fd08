"""Model specs: the limits and defaults of each model that Retake can ask for.

Form, API, local engine and page hints read them here, so that no limit is written twice.
The figures of ``step-1x-edit`` are those of StepFun's documentation page "Image edits".
"""

from dataclasses import dataclass
from math import ceil, sqrt

MAX_SEED = 2**31 - 1


@dataclass(frozen=True)
class Bounds:
    """An inclusive range of a number and what it is when the caller leaves it open."""

    least: float
    most: float
    default: float


@dataclass(frozen=True)
class ModelSpec:
    """What one model takes.  Sides in pixels, sizes of files in bytes, prompts in code points."""

    name: str
    min_side_px: int
    max_side_px: int
    max_area_px: int
    max_ratio: int
    formats: tuple[str, ...]
    max_upload_bytes: int
    max_sent_bytes: int
    max_prompt_chars: int
    steps: Bounds
    cfg_scale: Bounds
    sizes: tuple[str, ...]
    default_size: str

    def output_size_px(self, width_px: int, height_px: int, size: str) -> tuple[int, int]:
        """The (width, height) in pixels of a result, for announcing it before the call.

        A square follows ``size``; anything else keeps its ratio at about that area, both sides
        floored to a multiple of 16 (the rule of the open weights; the hosted one is not documented).
        A model without sizes answers in the size of its input.
        """
        if not self.sizes:
            return width_px, height_px
        side = int((size or self.default_size).split("x")[0])
        ratio = width_px / height_px
        if width_px > height_px:
            width = ceil(sqrt(side * side * ratio))
            height = ceil(width / ratio)
        else:
            height = ceil(sqrt(side * side / ratio))
            width = ceil(height * ratio)
        return max(16, width // 16 * 16), max(16, height // 16 * 16)


MODEL_SPECS = {
    spec.name: spec
    for spec in (
        ModelSpec(
            name="step-1x-edit",
            min_side_px=64,
            max_side_px=1728,
            max_area_px=1024 * 1024,
            max_ratio=3,
            formats=("JPEG", "PNG", "WEBP"),
            max_upload_bytes=10 * 1024 * 1024,
            max_sent_bytes=10_000_000,
            max_prompt_chars=512,
            steps=Bounds(1, 100, 28),
            cfg_scale=Bounds(1.0, 10.0, 6.0),
            sizes=("512x512", "768x768", "1024x1024"),
            default_size="512x512",
        ),
        ModelSpec(
            name="step-image-edit-2",
            min_side_px=64,
            max_side_px=4096,
            max_area_px=4096 * 4096,
            max_ratio=3,
            formats=("JPEG", "PNG", "WEBP"),
            max_upload_bytes=10 * 1024 * 1024,
            max_sent_bytes=10_000_000,
            max_prompt_chars=512,
            steps=Bounds(1, 50, 8),
            cfg_scale=Bounds(1.0, 10.0, 1.0),
            sizes=(),
            default_size="",
        ),
    )
}
