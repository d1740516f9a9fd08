"""What a file says of itself when it leaves, read by the programs of others."""

from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from edits.images.containers import xmp_of
from edits.images.xmp import EDITED_BY_MODEL, EDITED_BY_PROGRAM
from edits.images.xmp_reading import read_packet
from edits.models import EditRequest, Provider, ReturnedImage
from edits.services.pictures import marking
from edits.services.pictures.marking import MOST_RECIPE_BYTES, kind_of_marks, marked, recipe_of
from tests.marked_files import credentials, exif, needs_exiftool, pixels
from tests.pictures import drawing, encoded

FORMATS = ("PNG", "JPEG", "WEBP")
PROMPT = "make the cat red; 把猫变红 <&>"


def edit(*, by_practice: bool = False, prompt: str = PROMPT) -> EditRequest:
    """A done edit that is in no database."""
    provider = Provider(slug="stepfun", name="StepFun", from_settings=by_practice)
    made = EditRequest(prompt=prompt, seed=5, steps=28, cfg_scale=6.0, size="512x512", model="step-1x-edit")
    made.provider, made.result = provider, ReturnedImage(seed_used=None, format="PNG")
    return made


@pytest.fixture(autouse=True)
def _say_again() -> Iterator[None]:
    yield
    marking._credentials.cache_clear()
    marking._say_unsigned.cache_clear()


@pytest.mark.parametrize("format", FORMATS)
def test_c2pas_own_reader_trusts_the_installation_and_sees_each_change(format: str) -> None:
    data = encoded(drawing(), format=format)
    made = marked(data, edit=edit(), format_name=format, with_recipe=True)
    state, manifest = credentials(made, format=format)
    assert state == "Trusted"
    [action] = manifest["assertions"][0]["data"]["actions"]
    assert (action["action"], action["digitalSourceType"]) == ("c2pa.created", EDITED_BY_MODEL)
    assert manifest["signature_info"]["issuer"] == "Retake (self-hosted)"
    forged = made.replace(b"make the cat red", b"make the cat bad")
    assert credentials(forged, format=format)[0] == "Invalid"


@pytest.mark.parametrize("format", FORMATS)
def test_no_pixel_changes_and_little_is_added(format: str) -> None:
    data = encoded(drawing(width=1536, height=1024), format=format)
    made = marked(data, edit=edit(), format_name=format, with_recipe=True)
    assert pixels(made) == pixels(data)
    assert len(made) - len(data) < 20_000


@pytest.mark.processes
@needs_exiftool
@pytest.mark.parametrize("format", FORMATS)
def test_exiftool_reads_the_marks_and_finds_no_fault_and_no_camera(format: str) -> None:
    made = edit()
    data = marked(encoded(drawing(), format=format), edit=made, format_name=format, with_recipe=True)
    found = exif(data)
    assert found["ExifTool:Validate"] == "OK"
    assert found["XMP-iptcExt:DigitalSourceType"] == EDITED_BY_MODEL
    label = next(value for name, value in found.items() if name.lower().endswith(":aigc"))
    assert '"Label":"1"' in str(label) or label == {"Label": "1"}
    assert str(made.public_id) in str(label)
    assert PROMPT in str(found["XMP-retake:Recipe"])
    assert [name for name in found if name.startswith(("GPS", "IFD", "ExifIFD", "Photoshop"))] == []


def test_without_the_recipe_no_word_of_it_is_in_the_file() -> None:
    data = marked(encoded(drawing(), format="PNG"), edit=edit(), format_name="PNG", with_recipe=False)
    found = read_packet(xmp_of(data))
    assert (found.recipe, found.source_type) == ({}, EDITED_BY_MODEL)
    assert b"the cat" not in data
    assert b"step-1x-edit" not in data


def test_what_the_practice_engine_made_is_not_said_to_be_of_a_model(settings: Any) -> None:
    settings.PRACTICE_ENGINE = True
    data = encoded(drawing(), format="PNG")
    made = marked(data, edit=edit(by_practice=True), format_name="PNG", with_recipe=True)
    found = read_packet(xmp_of(made))
    assert (found.source_type, found.label) == (EDITED_BY_PROGRAM, {})
    assert (
        credentials(made, format="PNG")[1]["assertions"][0]["data"]["actions"][0]["digitalSourceType"]
        == EDITED_BY_PROGRAM
    )


@pytest.mark.parametrize("letter", ["a", "猫", "\x00", "🐈", "\ud800", "&"])
def test_a_recipe_stays_small_whatever_the_prompt(letter: str) -> None:
    made = edit(prompt=letter * 40_000)
    recipe = recipe_of(made)
    assert marking._weight(recipe) <= MOST_RECIPE_BYTES
    assert recipe["cut"] is True
    assert len(recipe["prompt"]) > 1000
    for format in FORMATS:
        marked(
            encoded(Image.new("RGB", (8, 8)), format=format), edit=made, format_name=format, with_recipe=True
        )


def test_without_the_library_files_leave_unsigned(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    marking._credentials.cache_clear()
    monkeypatch.setattr(marking, "CREDENTIALS", "edits.services.pictures.no_such_module")
    made = marked(encoded(drawing(), format="PNG"), edit=edit(), format_name="PNG", with_recipe=True)
    assert read_packet(xmp_of(made)).recipe["seed"] == 5
    assert "without content credentials" in caplog.text


def test_other_marks_are_another_etag() -> None:
    assert kind_of_marks(with_recipe=True) != kind_of_marks(with_recipe=False)
