"""What is refused before a pixel is decoded, with which sentence, and at what cost."""

import subprocess
import sys
from contextlib import suppress
from random import Random

import pytest
from PIL import Image

from edits.images import BadImage, check_image, check_result
from edits.images.opening import MAX_PIXELS
from edits.images.signatures import format_of
from edits.model_specs import MODEL_SPECS
from tests import pictures
from tests.pictures import cut, iphone_photo, photo

STEP = MODEL_SPECS["step-1x-edit"]
FORMATS = pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
BOTH_RULES = pytest.mark.parametrize("lenient", [True, False], ids=["page", "api"])

BROKEN_HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
OTHERS = {
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100),
    "JPEG XL": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(100),
    "Photoshop": b"8BPS\0\x01" + bytes(100),
    "an SVG drawing": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "a web page (HTML)": b"\xef\xbb\xbf\n<!DOCTYPE html><title>Not found</title>",
    "a PDF document": b"%PDF-1.7\n" + bytes(100),
    "a PostScript drawing": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "a ZIP archive": b"PK\x03\x04" + bytes(100),
    "a video": b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(100),
    "not a picture": b"Dear team, please find attached",
}

BOMBS = """
import resource, sys
from edits.images import BadImage, check_image, check_result
from edits.model_specs import MODEL_SPECS
from tests import pictures
bombs = [pictures.png_bomb(), pictures.lying_png(width=65_535, height=65_535), pictures.text_bomb(megabytes=8),
         pictures.lying_png(width=14_000, height=14_000)]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for bomb in bombs:
    for check in (lambda data: check_image(data, spec=MODEL_SPECS["step-1x-edit"]), check_result):
        try:
            check(bomb)
        except BadImage as refusal:
            print(refusal.code)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print("grown by little" if grown < 100 * 1024 else f"grown by {grown} kB")
"""


def refusal_of(data: bytes, *, lenient: bool = True) -> BadImage:
    with pytest.raises(BadImage) as refusal:
        check_image(data, spec=STEP, lenient=lenient)
    return refusal.value


# Nothing, and not much


@BOTH_RULES
def test_an_empty_file_is_called_empty(lenient: bool) -> None:
    refusal = refusal_of(b"", lenient=lenient)

    assert refusal.code == "empty"
    assert str(refusal) == refusal.sentence == "The file is empty. Choose the picture again."
    assert refusal.offers == ()


@pytest.mark.parametrize(
    "data", [b"x", b"\xff\xd8", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"RIFF\x04\0\0\0WEBP"]
)
@BOTH_RULES
def test_a_signature_alone_is_called_damaged(data: bytes, lenient: bool) -> None:
    assert refusal_of(data, lenient=lenient).code == "corrupt"


@FORMATS
@pytest.mark.parametrize("percent", [10, 50, 90])
def test_a_cut_file_is_called_damaged(format: str, percent: int) -> None:
    refusal = refusal_of(cut(photo(format=format), percent=percent))

    assert refusal.code == "corrupt"
    assert "damaged or incomplete" in refusal.sentence


@pytest.mark.filterwarnings("ignore:.*:UserWarning", "ignore:.*:RuntimeWarning")
@FORMATS
def test_whatever_is_damaged_ends_as_a_refusal_or_a_picture(format: str) -> None:
    draw = Random(33)
    data = photo(width=96, height=80, format=format, place=True, icc_profile=pictures.profile_of("sRGB"))
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(draw.randint(1, 12)):
            damaged[draw.randrange(3, len(damaged))] = draw.randrange(256)
        for check in (lambda data: check_image(data, spec=STEP), check_result):
            with suppress(BadImage):
                taken = check(bytes(damaged))
                assert pictures.opened(taken.data).size == (taken.width_px, taken.height_px)


# Other formats


@pytest.mark.parametrize("name", OTHERS)
@BOTH_RULES
def test_another_format_is_named_with_what_to_do(name: str, lenient: bool) -> None:
    refusal = refusal_of(OTHERS[name], lenient=lenient)

    assert refusal.code == "format"
    assert name in refusal.sentence
    assert "JPEG, PNG or WebP" in refusal.sentence


def test_an_iphones_format_is_refused_with_advice_where_only_the_documented_ones_are_taken() -> None:
    assert "Most Compatible" in refusal_of(iphone_photo(), lenient=False).sentence


def test_a_broken_iphone_photo_is_refused() -> None:
    assert refusal_of(BROKEN_HEIC).code == "corrupt"
    assert refusal_of(iphone_photo()[:-40]).code == "corrupt"


def test_no_parser_is_started_for_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*args: object, **kwargs: object) -> None:
        raise AssertionError("a parser was started")

    monkeypatch.setattr(Image, "open", started)
    for data in OTHERS.values():
        assert refusal_of(data).code == "format"


def test_a_format_is_told_by_content() -> None:
    for format in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"):
        assert format_of(photo(format=format)[:1024]) == format


def test_an_avif_that_claims_to_be_a_heif_first_is_still_an_avif() -> None:
    assert format_of(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif" + bytes(50)) == "AVIF"


# Bombs


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@BOTH_RULES
def test_a_picture_of_too_many_pixels_is_refused_with_both_figures(lenient: bool) -> None:
    refusal = refusal_of(pictures.lying_png(width=12_000, height=9_000), lenient=lenient)

    assert refusal.code == "too_many_pixels"
    assert "12,000 × 9,000 px" in refusal.sentence
    assert "108 megapixels" in refusal.sentence
    assert "100 megapixels" in refusal.sentence


def test_the_cap_lets_phones_through_and_stops_bombs() -> None:
    assert 50_000_000 <= MAX_PIXELS < 178_956_970


def test_an_animation_beyond_the_cap_is_refused_for_its_pixels() -> None:
    huge = b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0;"
    assert refusal_of(huge).code == "too_many_pixels"


@pytest.mark.processes
def test_bombs_are_refused_from_the_header_at_no_cost() -> None:
    """In a process of its own, for the peak of this one has long been reached."""
    done = subprocess.run([sys.executable, "-c", BOMBS], capture_output=True, text=True, check=True)

    codes = ["too_many_pixels"] * 4 + ["corrupt"] * 2 + ["too_many_pixels"] * 2
    assert done.stdout.split("\n")[:-1] == [*codes, "grown by little"]
