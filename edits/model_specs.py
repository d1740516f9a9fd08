"""Model specs: what a model takes, within which limits, and what it uses for what is not set.

Form, API, practice engine and page hints read them, so that no limit is written twice.  The specs of StepFun's two
models are built in; their figures are those of StepFun's documentation page "Image edits".  All others are data
that an administrator edits.
"""

from dataclasses import asdict, dataclass, fields, replace
from math import ceil, isfinite, sqrt
from re import fullmatch
from typing import Any, Literal

from edits.edit_call import EditOptions

MAX_SEED = 2**31 - 1
AUTO = "auto"
"""The size that leaves the choice to the model, which then follows the picture."""
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_SIDE_PX = 16_384
MOST_PICTURES = 16
MOST_STEPS = 1000
MOST_CFG_SCALE = 100.0
MOST_UPLOAD_BYTES = 50 * 1024 * 1024
MOST_PROMPT_CHARS = 32_000


class BadSpec(ValueError):
    """The spec contradicts itself.  ``field`` is where, the message says how, with ``values`` in ``sentence``."""

    def __init__(self, field: str, sentence: str, **values: object) -> None:
        super().__init__(sentence % values)
        self.field, self.sentence, self.values = field, sentence, values


@dataclass(frozen=True)
class Bounds:
    """An inclusive range of a number and what it is when the caller leaves it open."""

    least: float
    most: float
    default: float

    def nearest(self, number: float | None) -> float:
        """The number within the range that is closest to this one; the default for None."""
        return self.default if number is None else min(max(number, self.least), self.most)


@dataclass(frozen=True)
class ModelSpec:
    """What one model takes.  Sides in pixels, sizes of files in bytes, prompts in code points."""

    name: str
    min_side_px: int = 64
    max_side_px: int = 2048
    max_area_px: int = 1024 * 1024
    max_ratio: int = 3
    formats: tuple[str, ...] = FORMATS
    """In which a picture may be sent."""
    max_upload_bytes: int = 10 * 1024 * 1024
    max_sent_bytes: int = 10_000_000
    max_prompt_chars: int = 4000
    steps: Bounds | None = None
    """None: the model takes no number of steps."""
    cfg_scale: Bounds | None = None
    """Guidance; None: the model takes none."""
    sizes: tuple[str, ...] = ()
    """As ``WIDTHxHEIGHT`` or ``auto``; none: the result always follows the picture."""
    default_size: str = ""
    takes_seed: bool = False
    takes_negative_prompt: bool = False
    takes_mask: bool = False
    max_pictures: int = 1
    """The picture to edit and its references."""
    qualities: tuple[str, ...] = ()
    backgrounds: tuple[str, ...] = ()
    output_formats: tuple[str, ...] = ()
    size_rule: Literal["exact", "area"] = "exact"
    """``exact``: a result has the size that was asked for.  ``area``: only its area, in the picture's ratio."""
    side_multiple_px: int = 16
    """Sides of results are multiples of this."""
    good_at: str = ""
    """One sentence for those who choose a model."""

    def __post_init__(self) -> None:
        _check(self)

    def output_size_px(self, width_px: int, height_px: int, size: str) -> tuple[int, int]:
        """The (width, height) in pixels of a result, for announcing it before the call.

        For ``area``, a square follows ``size``; anything else keeps its ratio at about that area, both sides
        floored to a multiple of 16 (the rule of StepFun's open weights; the hosted one is not documented).
        """
        if not self.sizes:
            return width_px, height_px
        size = size or self.default_size
        if size == AUTO:
            return self._multiple(width_px), self._multiple(height_px)
        width, height = map(int, size.split("x"))
        if self.size_rule == "exact":
            return self._multiple(width), self._multiple(height)
        ratio = width_px / height_px
        if width_px > height_px:
            width = ceil(sqrt(width * width * ratio))
            height = ceil(width / ratio)
        else:
            height = ceil(sqrt(height * height / ratio))
            width = ceil(height * ratio)
        return max(16, width // 16 * 16), max(16, height // 16 * 16)

    def _multiple(self, side_px: int) -> int:
        return ceil(side_px / self.side_multiple_px) * self.side_multiple_px

    def fitted(self, options: EditOptions) -> EditOptions:
        """The options within this model's limits: what it does not take is left out, numbers are clamped.

        A prompt is never cut: its sender checks its length.
        """
        return replace(
            options,
            seed=options.seed if self.takes_seed else None,
            steps=int(self.steps.nearest(options.steps)) if self.steps else None,
            cfg_scale=self.cfg_scale.nearest(options.cfg_scale) if self.cfg_scale else None,
            size=options.size if options.size in self.sizes else self.default_size,
            negative_prompt=options.negative_prompt if self.takes_negative_prompt else "",
            quality=options.quality if options.quality in self.qualities else "",
            background=options.background if options.background in self.backgrounds else "",
            output_format=options.output_format if options.output_format in self.output_formats else "",
        )

    def to_json(self) -> dict[str, Any]:
        """All but the name, as JSON takes it."""
        return {name: value for name, value in asdict(self).items() if name != "name"}

    @classmethod
    def from_json(cls, name: str, data: dict[str, Any]) -> "ModelSpec":
        """The spec that gave this ``to_json()``; what is not in it is as in an empty spec.

        Raises BadSpec where it contradicts itself or is not a spec at all.
        """
        known = {field.name for field in fields(cls)}
        try:
            values = {key: _read(key, value) for key, value in data.items() if key in known}
            return cls(**values | {"name": name})
        except (AttributeError, TypeError) as error:
            raise BadSpec("", "It is not a spec at all.") from error


_RANGES = ("steps", "cfg_scale")
_LISTS = ("formats", "sizes", "qualities", "backgrounds", "output_formats")


def _read(key: str, value: Any) -> Any:
    if key in _RANGES:
        return None if value is None else Bounds(**value)
    return tuple(value) if key in _LISTS else value


def _check(spec: ModelSpec) -> None:
    """Raises BadSpec for what could not be sent or would refuse every picture."""
    _check_pictures(spec)
    for name, least, most in (("steps", 1, MOST_STEPS), ("cfg_scale", 0, MOST_CFG_SCALE)):
        bounds = getattr(spec, name)
        if bounds:
            _check_bounds(name, bounds, least=least, most=most)
    for size in spec.sizes:
        if size != AUTO and not fullmatch(r"[1-9][0-9]{1,4}x[1-9][0-9]{1,4}", size):
            raise BadSpec("sizes", "%(size)s is not a size. Write 1024x1024, or auto.", size=size[:24])
    if spec.sizes and spec.default_size not in spec.sizes:
        raise BadSpec("default_size", "The default size must be one of the sizes.")
    if spec.default_size and not spec.sizes:
        raise BadSpec("default_size", "Remove the default size, or add sizes.")


def _check_pictures(spec: ModelSpec) -> None:
    if not 1 <= spec.min_side_px <= spec.max_side_px <= MOST_SIDE_PX:
        raise BadSpec("max_side_px", "The longest side must be at least the shortest one.")
    if not spec.min_side_px**2 <= spec.max_area_px <= MOST_SIDE_PX**2:
        raise BadSpec("max_area_px", "The area is smaller than a picture with the shortest sides.")
    if not 1 <= spec.max_ratio <= 100:
        raise BadSpec("max_ratio", "The ratio must be from 1 to 100.")
    if not spec.formats or any(name not in FORMATS for name in spec.formats):
        raise BadSpec("formats", "The formats must be among %(formats)s.", formats=", ".join(FORMATS))
    if not 100_000 <= spec.max_sent_bytes <= MOST_UPLOAD_BYTES:
        raise BadSpec("max_sent_bytes", "The largest file must be from 0.1 to 50 MB.")
    if not 1 <= spec.max_prompt_chars <= MOST_PROMPT_CHARS:
        raise BadSpec(
            "max_prompt_chars",
            "The longest prompt must be from 1 to %(most)s characters.",
            most=f"{MOST_PROMPT_CHARS:,}",
        )
    if not 1 <= spec.max_pictures <= MOST_PICTURES:
        raise BadSpec(
            "max_pictures", "The number of pictures must be from 1 to %(most)s.", most=MOST_PICTURES
        )
    if not 1 <= spec.side_multiple_px <= 256:
        raise BadSpec("side_multiple_px", "Sides must be multiples of 1 to 256 pixels.")


def _check_bounds(name: str, bounds: Bounds, *, least: float, most: float) -> None:
    if not all(isfinite(number) for number in (bounds.least, bounds.most, bounds.default)):
        raise BadSpec(name, "All three must be numbers.")
    if not least <= bounds.least <= bounds.default <= bounds.most <= most:
        raise BadSpec(
            name,
            "The three numbers must be in order, from %(least)s to %(most)s.",
            least=f"{least:g}",
            most=f"{most:g}",
        )


STEP_1X_EDIT = ModelSpec(
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
    takes_seed=True,
    size_rule="area",
    good_at="Changes what the prompt names and keeps the rest.",
)
STEP_IMAGE_EDIT_2 = ModelSpec(
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
    takes_seed=True,
    good_at="Faster; its results have the size of the picture.",
)
MODEL_SPECS = {spec.name: spec for spec in (STEP_1X_EDIT, STEP_IMAGE_EDIT_2)}
"""The built-in specs."""
