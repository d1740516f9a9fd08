"""Model specs: the documentation page's figures, and the sizes of results."""

from pathlib import Path

import pytest

from edits.model_specs import MAX_SEED, MODEL_SPECS

STEP_1X = MODEL_SPECS["step-1x-edit"]


def test_step_1x_edit_says_what_the_documentation_page_says() -> None:
    assert (STEP_1X.min_side_px, STEP_1X.max_side_px, STEP_1X.max_area_px) == (64, 1728, 1_048_576)
    assert (STEP_1X.max_ratio, STEP_1X.max_upload_bytes, STEP_1X.max_prompt_chars) == (3, 10_485_760, 512)
    assert STEP_1X.steps
    assert STEP_1X.cfg_scale
    assert (STEP_1X.steps.least, STEP_1X.steps.most, STEP_1X.steps.default) == (1, 100, 28)
    assert (STEP_1X.cfg_scale.least, STEP_1X.cfg_scale.most, STEP_1X.cfg_scale.default) == (1, 10, 6)
    assert STEP_1X.sizes == ("512x512", "768x768", "1024x1024")
    assert STEP_1X.default_size == "512x512"
    assert MAX_SEED == 2_147_483_647


@pytest.mark.parametrize(
    ("source", "size", "result"),
    [
        ((1024, 768), "512x512", (592, 432)),
        ((1024, 768), "768x768", (880, 656)),
        ((1024, 768), "1024x1024", (1168, 880)),
        ((1000, 667), "512x512", (624, 416)),
        ((3000, 1000), "1024x1024", (1760, 592)),
        ((667, 1000), "512x512", (416, 624)),
    ],
)
def test_a_result_keeps_the_ratio_at_about_the_asked_area(
    source: tuple[int, int], size: str, result: tuple[int, int]
) -> None:
    assert STEP_1X.output_size_px(*source, size) == result


@pytest.mark.parametrize("side", [64, 333, 1024])
@pytest.mark.parametrize("size", STEP_1X.sizes)
def test_a_square_follows_the_size(side: int, size: str) -> None:
    expected = int(size.split("x")[0])
    assert STEP_1X.output_size_px(side, side, size) == (expected, expected)


def test_a_size_left_open_is_the_smallest() -> None:
    assert STEP_1X.output_size_px(100, 100, "") == (512, 512)


def test_a_model_without_sizes_answers_in_the_size_of_its_input() -> None:
    assert MODEL_SPECS["step-image-edit-2"].output_size_px(1234, 567, "512x512") == (1234, 567)


def test_no_limit_is_written_twice() -> None:
    written = [
        path.name
        for path in Path("edits").rglob("*.py")
        if "migrations" not in path.parts and any(n in path.read_text() for n in ("1728", "10_485_760"))
    ]
    assert written == ["model_specs.py"]
