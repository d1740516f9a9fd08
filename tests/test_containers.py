"""XMP in PNG, JPEG and WebP without encoding a pixel again, and read from files of any kind."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edits.images.containers import MOST_XMP_BYTES, TooLargeXmp, format_of, is_signed, with_xmp, xmp_of
from edits.images.xmp import EDITED_BY_MODEL, packet
from edits.images.xmp_reading import read_packet
from tests.marked_files import pixels
from tests.pictures import drawing, encoded

FORMATS = ("PNG", "JPEG", "WEBP")
PACKET = packet(source_type=EDITED_BY_MODEL, label=None, recipe={"prompt": "red <cat> & 猫\x00\x7f"})
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_the_pixels_stay_and_pillow_reads_the_packet(format: str, mode: str) -> None:
    if (format, mode) == ("JPEG", "RGBA"):
        mode = "CMYK"
    data = encoded(drawing().convert(mode), format=format)
    made = with_xmp(data, PACKET, format_name=format)
    assert pixels(made) == pixels(data)
    assert len(made) - len(data) < len(PACKET) + 80
    with Image.open(io.BytesIO(made)) as image:
        assert bytes(image.info["xmp"]) == PACKET
        assert image.size == drawing().size
    assert xmp_of(made) == PACKET


@pytest.mark.parametrize("lossless", [True, False])
def test_a_webp_keeps_its_alpha(lossless: bool) -> None:
    image = drawing().convert("RGBA")
    image.putalpha(70)
    data = encoded(image, format="WEBP", lossless=lossless)
    made = with_xmp(data, PACKET, format_name="WEBP")
    assert pixels(made) == pixels(data)
    assert xmp_of(made) == PACKET


@pytest.mark.parametrize("format", FORMATS)
def test_a_packet_that_no_format_holds_is_refused(format: str) -> None:
    with pytest.raises(TooLargeXmp):
        with_xmp(encoded(drawing(), format=format), b"x" * (MOST_XMP_BYTES + 1), format_name=format)


def test_texts_come_back_as_they_were() -> None:
    assert read_packet(PACKET).recipe == {"prompt": "red <cat> & 猫\x00\x7f"}
    assert read_packet(PACKET).source_type == EDITED_BY_MODEL


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_prompt_of_any_characters_comes_back(prompt: str) -> None:
    made = packet(source_type="x", label=None, recipe={"prompt": prompt})
    assert read_packet(made).recipe == {"prompt": prompt}


@pytest.mark.parametrize(
    "data",
    [b"", b"<x", BOMB, EXTERNAL, b"\xff\xfe\x00", b"<x/>", b"<" * 60_000, b"<a>" * 20_000, PACKET[:-90]],
)
def test_a_packet_that_is_broken_or_a_bomb_says_nothing(data: bytes) -> None:
    assert read_packet(data) == read_packet(b"")


@pytest.mark.parametrize("text", ["[1]", "3", "{", '"x"', "[" * 5000, "NaN"])
def test_a_recipe_that_is_no_object_is_none(text: str) -> None:
    assert read_packet(PACKET.split(b"<retake:Recipe>")[0] + f"<retake:Recipe>{text}</retake:Recipe>".encode()
                       + PACKET.split(b"</retake:Recipe>")[1]).recipe == {}  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_that_is_cut_anywhere_is_read_without_a_failure(format: str) -> None:
    data = with_xmp(encoded(drawing(width=64, height=64), format=format), PACKET, format_name=format)
    for end in range(0, len(data), 7):
        assert xmp_of(data[:end]) in (b"", PACKET)
        assert not is_signed(data[:end])


@given(
    st.binary(max_size=200),
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF\x00\x00\x00\x00WEBP", b""]),
)
def test_whatever_bytes_come_they_are_read_without_a_failure(data: bytes, head: bytes) -> None:
    read_packet(xmp_of(head + data))
    is_signed(head + data)
    assert format_of(head + data) in (*FORMATS, "")
