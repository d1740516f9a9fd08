"""The arithmetic of sizes: what a model takes, and how a picture is changed to fit.

Uses integers only and treats width and height alike, so that rotating a picture never changes the result.
"""

from dataclasses import dataclass, replace
from math import isqrt

from edits.images.errors import BadImage, Offer, Shape, bad_aspect, too_large, too_small
from edits.model_specs import ModelSpec


@dataclass(frozen=True)
class Plan:
    """How a picture is made to fit, all in pixels.

    The ``box`` (left, top, right, bottom) of the original is scaled to ``picture`` and centered on ``canvas``.
    """

    box: tuple[int, int, int, int]
    picture: tuple[int, int]
    canvas: tuple[int, int]
    cropped: bool = False

    @property
    def scaled(self) -> bool:
        return self.picture != (self.box[2] - self.box[0], self.box[3] - self.box[1])

    @property
    def padded(self) -> bool:
        return self.canvas != self.picture

    def turned(self) -> "Plan":
        """The same plan for the picture rotated by 90°."""
        left, top, right, bottom = self.box
        box = top, left, bottom, right
        return replace(self, box=box, picture=self.picture[::-1], canvas=self.canvas[::-1])


def fit(width_px: int, height_px: int, *, spec: ModelSpec) -> tuple[int, int]:
    """The largest (width, height) with the same ratio within the spec's side and area; never enlarged.

    The given size must be within the spec's ratio and smallest side; the result is too, rounding included.
    """
    if _within_maximum(width_px, height_px, spec=spec):
        return width_px, height_px
    long, short = max(width_px, height_px), min(width_px, height_px)
    fitted_long = min(long, spec.max_side_px, isqrt(spec.max_area_px * long // short))
    fitted_short = _matching_short(fitted_long, long=long, short=short, spec=spec)
    while fitted_long * fitted_short > spec.max_area_px:
        fitted_long -= 1
        fitted_short = _matching_short(fitted_long, long=long, short=short, spec=spec)
    return (fitted_long, fitted_short) if width_px >= height_px else (fitted_short, fitted_long)


def is_taken(width_px: int, height_px: int, *, spec: ModelSpec) -> bool:
    """Whether a picture of this size can be sent as it is."""
    return _within_minimum(width_px, height_px, spec=spec) and _within_maximum(width_px, height_px, spec=spec)


def bounded(size: tuple[int, int], *, side_px: int) -> tuple[int, int]:
    """The size with both sides at most ``side_px``, never enlarged, and at least 1 px."""
    longest = max(*size, side_px)
    return max(1, size[0] * side_px // longest), max(1, size[1] * side_px // longest)


def plan(width_px: int, height_px: int, *, spec: ModelSpec, shrink: bool, shape: Shape | None = None) -> Plan:
    """Decide how a picture of this size is sent.

    ``shape`` is used only if the picture cannot be sent as it is.  Raises BadImage ``aspect`` or ``too_small``,
    with the offers that would help, and ``too_large`` if it would have to shrink but ``shrink`` is False.
    """
    fine = _within_minimum(width_px, height_px, spec=spec)
    if fine or shape is None:
        _refuse_bad_shape(width_px, height_px, spec=spec)
        made = _whole(width_px, height_px, spec=spec)
    elif shape == "crop":
        made = _cropped(width_px, height_px, spec=spec)
    else:
        made = _padded(width_px, height_px, spec=spec)
    if made.scaled and not shrink:
        raise too_large(width_px, height_px, max_side_px=spec.max_side_px, max_area_px=spec.max_area_px)
    return made


def _matching_short(fitted_long: int, *, long: int, short: int, spec: ModelSpec) -> int:
    """The nearest short side, ties down, but never so short that rounding alone breaks the ratio.

    1727 × 575.67 rounds to 1727 × 576, which is allowed; 1726 × 575.33 rounds to 575, which is 3.002:1 and
    rejected.
    """
    nearest = (2 * short * fitted_long + long - 1) // (2 * long)
    return max(nearest, -(-fitted_long // spec.max_ratio))


def _whole(width_px: int, height_px: int, *, spec: ModelSpec) -> Plan:
    size = fit(width_px, height_px, spec=spec)
    return Plan(box=(0, 0, width_px, height_px), picture=size, canvas=size)


def _cropped(width_px: int, height_px: int, *, spec: ModelSpec) -> Plan:
    """Cut both ends of the long side equally.  A side that is too short remains so: only a border can fix it."""
    if min(width_px, height_px) < spec.min_side_px:
        raise _too_small(width_px, height_px, spec=spec)
    width = min(width_px, height_px * spec.max_ratio)
    height = min(height_px, width_px * spec.max_ratio)
    left, top = (width_px - width) // 2, (height_px - height) // 2
    size = fit(width, height, spec=spec)
    return Plan(box=(left, top, left + width, top + height), picture=size, canvas=size, cropped=True)


def _padded(width_px: int, height_px: int, *, spec: ModelSpec) -> Plan:
    """Center the picture on the smallest canvas that the model takes; the picture itself is never enlarged."""
    width = max(width_px, spec.min_side_px, -(-height_px // spec.max_ratio))
    height = max(height_px, spec.min_side_px, -(-width_px // spec.max_ratio))
    canvas = fit(width, height, spec=spec)
    picture = max(1, width_px * canvas[0] // width), max(1, height_px * canvas[1] // height)
    return Plan(box=(0, 0, width_px, height_px), picture=picture, canvas=canvas)


def _refuse_bad_shape(width_px: int, height_px: int, *, spec: ModelSpec) -> None:
    if min(width_px, height_px) < spec.min_side_px:
        raise _too_small(width_px, height_px, spec=spec)
    if not _within_ratio(width_px, height_px, spec=spec):
        offers = (
            _offer("crop", _cropped(width_px, height_px, spec=spec)),
            _offer("pad", _padded(width_px, height_px, spec=spec)),
        )
        raise bad_aspect(width_px, height_px, max_ratio=spec.max_ratio, offers=offers)


def _too_small(width_px: int, height_px: int, *, spec: ModelSpec) -> BadImage:
    offers = (_offer("pad", _padded(width_px, height_px, spec=spec)),)
    return too_small(width_px, height_px, min_side_px=spec.min_side_px, offers=offers)


def _offer(shape: Shape, made: Plan) -> Offer:
    return Offer(shape=shape, width_px=made.canvas[0], height_px=made.canvas[1])


def _within_maximum(width_px: int, height_px: int, *, spec: ModelSpec) -> bool:
    return max(width_px, height_px) <= spec.max_side_px and width_px * height_px <= spec.max_area_px


def _within_ratio(width_px: int, height_px: int, *, spec: ModelSpec) -> bool:
    return max(width_px, height_px) <= spec.max_ratio * min(width_px, height_px)


def _within_minimum(width_px: int, height_px: int, *, spec: ModelSpec) -> bool:
    return min(width_px, height_px) >= spec.min_side_px and _within_ratio(width_px, height_px, spec=spec)
