"""Every instruction for light and color does what it says."""

import pytest
from PIL import Image, ImageOps, ImageStat

from .local_engine_pictures import PICTURE, applied, colorfulness, lightness, spread, warmth


@pytest.mark.parametrize("strength", [0.35, 1.0, 1.6])
def test_black_and_white_has_no_color_at_any_strength(strength: float) -> None:
    red, green, blue = applied("black and white", strength=strength).split()
    assert red.tobytes() == green.tobytes() == blue.tobytes()


def test_sepia_is_brown() -> None:
    red, green, blue = ImageStat.Stat(applied("sepia")).mean
    assert red > green > blue


def test_inverting_twice_gives_the_picture_back() -> None:
    once = applied("invert the colors")
    assert once.tobytes() == ImageOps.invert(PICTURE).tobytes()
    assert applied("invert", to=once).tobytes() == PICTURE.tobytes()


def test_warmer_and_cooler_part() -> None:
    assert warmth(applied("warmer")) > warmth(PICTURE) + 10
    assert warmth(applied("cooler")) < warmth(PICTURE) - 10


def test_brighter_and_darker_part() -> None:
    assert lightness(applied("brighter")) > lightness(PICTURE) + 10
    assert lightness(applied("darker")) < lightness(PICTURE) - 10


def test_even_a_black_picture_gets_brighter() -> None:
    black = Image.new("RGB", (64, 64))
    assert lightness(applied("brighter", to=black)) > 3


def test_contrast_goes_up_and_down() -> None:
    assert spread(applied("more contrast")) > spread(PICTURE) * 1.2
    assert spread(applied("flatter")) < spread(PICTURE) * 0.8


def test_colors_get_stronger_and_weaker() -> None:
    assert colorfulness(applied("vivid")) > colorfulness(PICTURE) * 1.2
    assert colorfulness(applied("muted")) < colorfulness(PICTURE) * 0.8


def test_faded_and_vintage_have_no_black_left() -> None:
    black = Image.new("RGB", (64, 64))
    assert lightness(applied("faded", to=black)) > 20
    assert warmth(applied("vintage")) > warmth(applied("faded"))


def test_night_is_dark_and_blue() -> None:
    night = applied("night")
    assert lightness(night) < lightness(PICTURE) * 0.6
    assert warmth(night) < 0


def test_a_sunset_is_warm() -> None:
    assert warmth(applied("sunset")) > warmth(PICTURE) + 20


@pytest.mark.parametrize(("color", "channel"), [("red", 0), ("green", 1), ("blue", 2), ("蓝色", 2)])
def test_a_tint_leans_to_the_named_color(color: str, channel: int) -> None:
    gray = Image.new("RGB", (64, 64), (128, 128, 128))
    pixel = applied(f"{color} tint" if color.isascii() else color, to=gray).getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert max(range(3), key=lambda index: pixel[index]) == channel


def test_a_duotone_puts_its_first_color_in_the_shadows() -> None:
    halves = Image.new("RGB", (64, 64), (255, 255, 255))
    halves.paste((0, 0, 0), (0, 0, 64, 32))
    duotone = applied("duotone in blue and orange", to=halves)
    assert warmth(duotone.crop((0, 0, 64, 32))) < 0 < warmth(duotone.crop((0, 32, 64, 64)))


def test_a_duotone_without_colors_gets_them_from_the_seed() -> None:
    assert applied("duotone", seed=1).tobytes() != applied("duotone", seed=2).tobytes()


def test_thermal_shows_light_as_hot() -> None:
    ramp = Image.linear_gradient("L").resize((64, 64)).convert("RGB")
    thermal = applied("thermal", to=ramp)
    assert warmth(thermal.crop((0, 12, 64, 24))) < 0 < warmth(thermal.crop((0, 42, 64, 54)))
