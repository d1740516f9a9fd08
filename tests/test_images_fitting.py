"""Sizes: what is taken as it is, what is shrunk to which size, and what is offered where neither helps."""

from random import Random

import pytest

from edits.images import BadImage, fit
from edits.images.fitting import Plan, bounded, plan
from edits.model_specs import MODEL_SPECS, ModelSpec

STEP = MODEL_SPECS["step-1x-edit"]
ALL_PROFILES = pytest.mark.parametrize("spec", MODEL_SPECS.values(), ids=lambda spec: spec.name)


def broken_rules(width: int, height: int, *, spec: ModelSpec = STEP) -> list[str]:
    """The limits of the documentation page, written down a second time and independently."""
    rules = {
        "small": width >= spec.min_side_px and height >= spec.min_side_px,
        "side": width <= spec.max_side_px and height <= spec.max_side_px,
        "area": width * height <= spec.max_area_px,
        "ratio": width <= spec.max_ratio * height and height <= spec.max_ratio * width,
    }
    return [name for name, kept in rules.items() if not kept]


def random_sizes(count: int) -> list[tuple[int, int]]:
    """Sizes whose side and ratio are within the smallest and widest, many of them right at the edge."""
    draw = Random(20261122)
    sizes = []
    for _ in range(count):
        short = draw.choice((draw.randint(64, 700), draw.randint(64, 12_000)))
        long = draw.choice((draw.randint(short, 3 * short), 3 * short, 3 * short - draw.randint(0, 3)))
        sizes.append(draw.choice(((long, short), (short, long))))
    return sizes


SIZES = random_sizes(2_000)


@ALL_PROFILES
def test_whatever_is_fitted_keeps_every_rule(spec: ModelSpec) -> None:
    for width, height in SIZES:
        fitted = fit(width, height, spec=spec)
        assert broken_rules(*fitted, spec=spec) == [], (width, height, fitted)


def test_fitting_never_enlarges_and_keeps_the_ratio_within_two_percent() -> None:
    for width, height in SIZES:
        fitted_width, fitted_height = fit(width, height, spec=STEP)
        assert fitted_width <= width, (width, height)
        assert fitted_height <= height, (width, height)
        ratio = (fitted_width / fitted_height) / (width / height)
        assert 0.98 <= ratio <= 1.02, (width, height)


def test_fitting_uses_at_least_nine_tenths_of_what_is_possible() -> None:
    for width, height in SIZES:
        fitted_width, fitted_height = fit(width, height, spec=STEP)
        scale = min(1, STEP.max_side_px / max(width, height), (STEP.max_area_px / (width * height)) ** 0.5)
        possible = width * height * scale * scale
        assert fitted_width * fitted_height >= 0.9 * possible, (width, height)


def test_a_lying_picture_gets_the_same_size_lying() -> None:
    for width, height in SIZES:
        assert fit(height, width, spec=STEP) == fit(width, height, spec=STEP)[::-1]


@pytest.mark.parametrize(
    "size",
    [(64, 64), (64, 192), (192, 64), (300, 100), (1728, 576), (1728, 606), (1024, 1024), (1023, 1025)],
)
def test_a_size_right_at_the_limit_stays_as_it_is(size: tuple[int, int]) -> None:
    assert fit(*size, spec=STEP) == size
    assert plan(*size, spec=STEP, shrink=False) == Plan(box=(0, 0, *size), picture=size, canvas=size)


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((3000, 1000), (1728, 576)),
        ((1729, 577), (1728, 577)),
        ((4032, 3024), (1182, 886)),
        ((3024, 4032), (886, 1182)),
        ((5000, 5000), (1024, 1024)),
    ],
)
def test_a_size_beyond_the_limit_is_shrunk(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    assert fit(*size, spec=STEP) == fitted


@pytest.mark.parametrize("size", [(1024, 1025), (919, 1141), (1728, 607), (2999, 1000), (1000, 2998)])
def test_a_size_just_beyond_the_limit_is_shrunk_by_little(size: tuple[int, int]) -> None:
    fitted = fit(*size, spec=STEP)

    assert fitted != size
    assert broken_rules(*fitted) == []


@pytest.mark.parametrize("size", [(64, 193), (301, 100), (1728, 575), (3001, 1000), (1729, 576)])
def test_a_ratio_barely_beyond_the_limit_is_refused_with_a_crop_and_a_pad(size: tuple[int, int]) -> None:
    with pytest.raises(BadImage) as refusal:
        plan(*size, spec=STEP, shrink=True)

    assert refusal.value.code == "aspect"
    assert "1:3 and 3:1" in refusal.value.sentence
    assert [offer.shape for offer in refusal.value.offers] == ["crop", "pad"]
    for offer in refusal.value.offers:
        assert broken_rules(offer.width_px, offer.height_px) == []


def test_a_ratio_barely_beyond_the_limit_never_reads_as_within_it() -> None:
    with pytest.raises(BadImage, match=r"3\.01:1"):
        plan(3001, 1000, spec=STEP, shrink=True)
    with pytest.raises(BadImage, match=r"1:3\.02"):
        plan(64, 193, spec=STEP, shrink=True)


@pytest.mark.parametrize("size", [(63, 63), (63, 64), (1, 1), (63, 4000)])
def test_a_side_that_is_too_short_is_refused_with_a_pad_only(size: tuple[int, int]) -> None:
    with pytest.raises(BadImage) as refusal:
        plan(*size, spec=STEP, shrink=True)

    assert refusal.value.code == "too_small"
    assert "64 px" in refusal.value.sentence
    assert f"{size[0]:,} × {size[1]:,} px" in refusal.value.sentence
    assert [offer.shape for offer in refusal.value.offers] == ["pad"]


def test_no_crop_makes_a_side_longer() -> None:
    with pytest.raises(BadImage) as refusal:
        plan(300, 50, spec=STEP, shrink=True, shape="crop")

    assert refusal.value.code == "too_small"


def test_a_crop_cuts_both_ends_alike() -> None:
    made = plan(1000, 200, spec=STEP, shrink=True, shape="crop")

    assert made.box == (200, 0, 800, 200)
    assert made.canvas == (600, 200)
    assert made.cropped
    assert not made.scaled
    assert not made.padded


def test_a_pad_keeps_the_whole_picture_at_its_own_ratio() -> None:
    made = plan(4000, 400, spec=STEP, shrink=True, shape="pad")

    assert made.box == (0, 0, 4000, 400)
    assert made.canvas == (1728, 576)
    assert made.picture == (1728, 172)
    assert made.padded
    assert not made.cropped


@pytest.mark.parametrize("shape", ["crop", "pad"])
@ALL_PROFILES
def test_any_helped_shape_keeps_every_rule(spec: ModelSpec, shape: str) -> None:
    draw = Random(7)
    for _ in range(1_000):
        least = 64 if shape == "crop" else 1
        size = draw.randint(least, 400), draw.randint(least, 40_000)
        made = plan(*size, spec=spec, shrink=True, shape=shape)  # type: ignore[arg-type]
        assert broken_rules(*made.canvas, spec=spec) == [], size
        assert made.picture[0] <= made.canvas[0], size
        assert made.picture[1] <= made.canvas[1], size
        assert made.picture[0] <= size[0], size


def test_a_shape_that_is_not_needed_changes_nothing() -> None:
    assert plan(300, 200, spec=STEP, shrink=True, shape="crop") == plan(300, 200, spec=STEP, shrink=True)
    assert plan(300, 200, spec=STEP, shrink=True, shape="pad") == plan(300, 200, spec=STEP, shrink=True)


def test_what_may_not_shrink_is_refused_with_both_limits() -> None:
    with pytest.raises(BadImage) as refusal:
        plan(1024, 1025, spec=STEP, shrink=False)

    assert refusal.value.code == "too_large"
    assert "1,728 px" in refusal.value.sentence
    assert "1,048,576 pixels" in refusal.value.sentence
    assert "1,049,600 pixels" in refusal.value.sentence


def test_a_plan_for_a_picture_on_its_side_is_the_plan_on_its_side() -> None:
    upright = plan(200, 1000, spec=STEP, shrink=True, shape="crop")
    lying = plan(1000, 200, spec=STEP, shrink=True, shape="crop")

    assert upright.turned() == lying


@pytest.mark.parametrize(
    ("size", "small"), [((1000, 500), (100, 50)), ((50, 20), (50, 20)), ((10_000, 3), (100, 1))]
)
def test_bounding_shrinks_to_the_side_and_never_to_nothing(
    size: tuple[int, int], small: tuple[int, int]
) -> None:
    assert bounded(size, side_px=100) == small
