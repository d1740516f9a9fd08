"""Every instruction does what it says, and keeps the size of the picture."""

import pytest
from PIL import Image, ImageChops, ImageOps

from edits.local_engine.instructions import BY_NAME, INSTRUCTIONS, Instruction

from .local_engine_pictures import (
    PICTURE,
    applied,
    colorfulness,
    count_colors,
    darkest,
    difference,
    landscape,
    lightest,
    lightness,
    roughness,
    spread,
)

SQUARE = landscape(120, 120)


EACH_INSTRUCTION = pytest.mark.parametrize("instruction", INSTRUCTIONS, ids=lambda row: row.name)
SMALL_AND_STRANGE = [((16, 16), 0.1, 1), ((16, 16), 2.4, 4), ((16, 48), 0.1, 4), ((352, 16), 2.4, 1)]
"""Sizes with strengths and passes: each of them once with the least and once with the most."""


@EACH_INSTRUCTION
def test_it_visibly_changes_the_picture_and_keeps_its_size(instruction: Instruction) -> None:
    for to in (PICTURE, SQUARE):
        before = to.tobytes()
        changed = applied(instruction.example, to=to)
        assert changed.size == to.size
        assert changed.mode == "RGB"
        assert difference(changed, to) > 3
        assert to.tobytes() == before, "the picture it was given is no longer the same"
    again = applied(instruction.example, to=SQUARE)
    assert again.tobytes() == changed.tobytes(), "the same seed made another picture"


@EACH_INSTRUCTION
def test_it_works_on_the_smallest_pictures_with_any_strength(instruction: Instruction) -> None:
    for size, strength, passes in SMALL_AND_STRANGE:
        changed = applied(instruction.example, to=landscape(*size), strength=strength, passes=passes)
        assert changed.size == size


@pytest.mark.parametrize(
    "name", ["black and white", "sepia", "tint", "fog", "grain", "snow", "blur", "cartoon", "night"]
)
def test_another_seed_makes_another_picture_where_something_is_left_open(name: str) -> None:
    example = BY_NAME[name].example
    assert applied(example, seed=1).tobytes() != applied(example, seed=2).tobytes()


STRONGER_WITH_CFG_SCALE = [
    "warmer",
    "cooler",
    "brighter",
    "darker",
    "saturated",
    "muted",
    "faded",
    "blur",
    "grain",
    "fog",
    "vignette",
    "tint",
    "night",
    "pixelate",
    "zoom",
    "border",
    "snow",
    "sharpen",
    "neon",
    "edges",
    "emboss",
]


@pytest.mark.parametrize("name", STRONGER_WITH_CFG_SCALE)
def test_more_strength_changes_more(name: str) -> None:
    example, before = BY_NAME[name].example, landscape(320, 240)
    weak, strong = applied(example, to=before, strength=0.4), applied(example, to=before, strength=1.5)
    if name in {"edges", "emboss", "neon"}:  # another picture altogether: its own light and shade grow
        assert spread(weak) < spread(strong)
    else:
        assert difference(weak, before) < difference(strong, before)


@pytest.mark.parametrize("name", ["blur", "oil painting", "cartoon", "grain", "sharpen", "watercolor"])
def test_passes_count_where_there_is_something_to_repeat(name: str) -> None:
    example = BY_NAME[name].example
    assert applied(example, passes=1).tobytes() != applied(example, passes=2).tobytes()


class TestShapes:
    def test_mirror_flip_and_upside_down_are_exact(self) -> None:
        assert applied("mirror it").tobytes() == ImageOps.mirror(PICTURE).tobytes()
        assert applied("flip it vertically").tobytes() == ImageOps.flip(PICTURE).tobytes()
        turned = PICTURE.transpose(Image.Transpose.ROTATE_180)
        assert applied("upside down").tobytes() == turned.tobytes()

    def test_a_square_turns_exactly(self) -> None:
        left = SQUARE.transpose(Image.Transpose.ROTATE_90)
        assert applied("rotate left", to=SQUARE).tobytes() == left.tobytes()
        assert (
            applied("rotate right", to=SQUARE).tobytes()
            == left.transpose(Image.Transpose.ROTATE_180).tobytes()
        )

    def test_a_wide_picture_turns_whole_inside_its_old_canvas(self) -> None:
        turned = applied("rotate left")
        whole = PICTURE.transpose(Image.Transpose.ROTATE_90).resize((72, 96), Image.Resampling.LANCZOS)
        assert difference(turned.crop((28, 0, 100, 96)), whole) < 3

    def test_the_crop_is_the_middle_square(self) -> None:
        cropped = applied("crop to square").crop((16, 0, 112, 96))
        assert cropped.tobytes() == PICTURE.crop((16, 0, 112, 96)).tobytes()

    def test_zooming_in_shows_the_middle_larger(self) -> None:
        dot = Image.new("RGB", (100, 100))
        dot.paste((255, 255, 255), (45, 45, 55, 55))
        assert lightness(applied("zoom in", to=dot)) > lightness(dot) * 1.5


class TestStyles:
    def test_a_sketch_is_dark_lines_on_light_paper(self) -> None:
        sketch = applied("pencil sketch")
        assert colorfulness(sketch) == 0
        assert lightness(sketch) > 180
        assert darkest(sketch) < 120

    def test_edges_are_light_on_black(self) -> None:
        edges = applied("edges")
        assert lightness(edges) < 80
        assert lightest(edges) > 200

    def test_a_cartoon_has_few_and_strong_colors(self) -> None:
        before = landscape(256, 192)
        cartoon = applied("cartoon", to=before)
        assert count_colors(cartoon.crop((100, 10, 250, 60))) < count_colors(before.crop((100, 10, 250, 60)))
        assert colorfulness(cartoon) > colorfulness(before)

    def test_posterize_leaves_a_few_tones(self) -> None:
        assert count_colors(applied("posterize").getchannel("R")) <= 4

    def test_pixelate_makes_blocks_of_one_color(self) -> None:
        blocks = applied("pixelate", to=landscape(256, 256))
        assert count_colors(blocks.crop((0, 0, 4, 4))) == 1
        assert count_colors(blocks) > 10

    def test_blur_and_sharpen_part(self) -> None:
        assert roughness(applied("blur")) < roughness(PICTURE) < roughness(applied("sharpen"))

    def test_an_oil_painting_is_smooth_and_a_watercolor_pale(self) -> None:
        grainy = applied("film grain")
        assert roughness(applied("oil painting", to=grainy)) < roughness(grainy)
        assert lightness(applied("watercolor")) > lightness(PICTURE)

    def test_embossed_metal_is_gray(self) -> None:
        assert colorfulness(applied("emboss")) == 0

    def test_neon_glows_on_a_dark_wall(self) -> None:
        neon = applied("neon")
        assert colorfulness(neon) > colorfulness(PICTURE) * 0.8
        assert darkest(neon) < 40


class TestFinish:
    def test_a_vignette_darkens_the_corners_and_not_the_middle(self) -> None:
        white = Image.new("RGB", (128, 128), (255, 255, 255))
        vignette = applied("vignette", to=white)
        assert lightness(vignette.crop((0, 0, 12, 12))) < 120
        assert lightness(vignette.crop((56, 56, 72, 72))) > 250

    def test_grain_roughens_and_keeps_the_lightness(self) -> None:
        gray = Image.new("RGB", (128, 128), (128, 128, 128))
        grain = applied("film grain", to=gray)
        assert roughness(grain) > 10
        assert abs(lightness(grain) - 128) < 3
        assert colorfulness(grain) == 0

    def test_fog_and_snow_and_glow_are_light(self) -> None:
        for prompt in ("fog", "snow", "soft glow"):
            assert lightness(applied(prompt)) > lightness(PICTURE)

    def test_fog_takes_the_contrast(self) -> None:
        assert spread(applied("fog")) < spread(PICTURE)

    def test_a_border_has_the_named_color_and_white_otherwise(self) -> None:
        assert applied("add a border").getpixel((0, 50)) == (250, 250, 250)
        assert applied("a black frame").getpixel((127, 50)) == (16, 16, 16)
        red = applied("a red frame").getpixel((64, 0))
        assert isinstance(red, tuple)
        assert red[0] > 150 > red[1]

    def test_a_caption_is_light_on_a_dark_foot_and_leaves_the_rest(self) -> None:
        captioned = applied('caption "Good morning"')
        assert captioned.crop((0, 0, 128, 60)).tobytes() == PICTURE.crop((0, 0, 128, 60)).tobytes()
        foot = captioned.crop((0, 84, 128, 96))
        assert lightness(foot) < lightness(PICTURE.crop((0, 84, 128, 96)))
        assert lightest(foot) > 200

    def test_other_words_are_another_caption(self) -> None:
        one, other = applied('caption "One"'), applied('caption "Other"')
        assert ImageChops.difference(one, other).getbbox() is not None

    @pytest.mark.parametrize("text", ["W" * 300, "word " * 60, "a\tb", " ", "猫", "שלום", "e\u0301\u200b"])
    def test_any_caption_fits_into_the_picture(self, text: str) -> None:
        captioned = applied(f'caption "{text}"')
        assert captioned.crop((0, 0, 128, 40)).tobytes() == PICTURE.crop((0, 0, 128, 40)).tobytes()
