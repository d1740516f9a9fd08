"""A file that says how it was made: believed only where this installation signed it, offered, never carried out."""

import io
import json
import threading
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from PIL import Image

from edits.http.humanize import grouped
from edits.images.containers import with_xmp
from edits.images.xmp import EDITED_BY_MODEL, packet
from edits.models import EditRequest, StagedUpload, User
from edits.services.pictures.file_marks import clean_recipe, read_marks
from edits.services.pictures.storing import picture_bytes
from tests.conftest import signed_in
from tests.factories import finished_edit_of, picture
from tests.marked_files import credentials

RECIPE = {
    "v": 1,
    "edit": "0" * 32,
    "prompt": "a forged <b>wish</b>",
    "seed": 9,
    "steps": 30,
    "size": "512x512",
}
SPARE = packet(source_type=EDITED_BY_MODEL, label={"ContentProducer": "Elsewhere"}, recipe=None)


def drop(person: User, data: bytes, name: str = "file.png") -> str:
    """The source card after the file was chosen."""
    file = io.BytesIO(data)
    file.name = name
    response = signed_in(person).post("/source/", {"image": file}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return response.content.decode()


def downloaded(person: User, edit: EditRequest, query: str = "") -> bytes:
    """The file as this person downloads it."""
    found: Any = signed_in(person).get(f"/edits/{edit.public_id}/download/{query}")
    return bytes(found.content)


def forged(recipe: Any = RECIPE) -> bytes:
    """A picture whose XMP anybody could have written."""
    text = packet(source_type="", label=None, recipe=recipe)
    return with_xmp(picture(), text, format_name="PNG")


@pytest.mark.parametrize("format", ["png", "jpg", "webp"])
def test_an_own_file_offers_its_settings_and_leads_to_its_edit(alice: User, format: str) -> None:
    edit = finished_edit_of(alice, prompt="red cat")
    card = drop(alice, downloaded(alice, edit, f"?format={format}"), f"x.{format}")
    assert f"Made with Retake: “red cat”, seed {grouped(77120)}" in card
    assert "Camera data removed" not in card
    assert f'href="/edits/{edit.public_id}/"' in card
    assert 'data-recall="all"' in card
    assert EditRequest.objects.count() == 1


def test_the_stored_bytes_of_a_result_are_recognized_too(alice: User) -> None:
    edit = finished_edit_of(alice)
    card = drop(alice, picture_bytes(edit.result.file))
    assert f'href="/edits/{edit.public_id}/"' in card


def test_nobody_is_led_to_an_edit_that_they_may_not_see(alice: User, bob: User, root: User) -> None:
    edit = finished_edit_of(alice, prompt="red cat")
    file, bare = downloaded(alice, edit), picture_bytes(edit.result.file)
    for person in (bob, root):
        assert f"/edits/{edit.public_id}/" not in drop(person, file)
        assert "red cat" not in drop(person, bare), "only its bytes say so, not the file"
    EditRequest.objects.update(shared_at=edit.finished_at)
    assert f"/edits/{edit.public_id}/" in drop(bob, file)


def test_a_forged_recipe_is_only_offered_and_not_believed(alice: User) -> None:
    edit = finished_edit_of(alice)
    card = drop(alice, forged(RECIPE | {"edit": str(edit.public_id)}))
    assert "Says it was made with Retake: “a forged &lt;b&gt;wish&lt;/b&gt;”. Not verified." in card
    assert f"/edits/{edit.public_id}/" not in card
    assert EditRequest.objects.count() == 1


def test_a_change_to_a_signed_file_shows(alice: User) -> None:
    data = downloaded(alice, finished_edit_of(alice, prompt="red cat"))
    card = drop(alice, _with_right_sums(data.replace(b"red cat", b"bad cat")))
    assert "do not match the picture" in card
    assert "/edits/" not in card.split("source-marks")[1].split("</span>")[0]


def test_the_form_is_filled_without_a_script_and_sends_nothing(alice: User) -> None:
    drop(alice, forged())
    staged = StagedUpload.objects.get()
    page = signed_in(alice).get(f"/?recipe={staged.public_id}").content.decode()
    assert "a forged &lt;b&gt;wish&lt;/b&gt;</textarea>" in page
    assert 'value="9"' in page
    assert f'value="upload:{staged.public_id}"' in page
    assert EditRequest.objects.count() == 0


def test_nobody_elses_file_fills_a_form(alice: User, bob: User) -> None:
    drop(alice, forged())
    for key in (StagedUpload.objects.get().public_id, "x", ""):
        assert signed_in(bob).get(f"/?recipe={key}").status_code == 404


def test_a_file_from_elsewhere_says_what_it_says_of_itself(alice: User) -> None:
    card = drop(alice, with_xmp(picture(), SPARE, format_name="PNG"))
    assert "Says that AI made or edited it (Elsewhere). Not verified." in card
    assert "data-recall" not in card


def test_a_file_that_says_nothing_has_no_line(alice: User) -> None:
    assert "source-marks" not in drop(alice, picture())
    assert StagedUpload.objects.get().marks == {}


@pytest.mark.parametrize(
    "recipe",
    [
        {},
        {"prompt": 5},
        {"prompt": "\x00\u202e "},
        {"seed": 5},
        {"prompt": ["x"]},
        {"prompt": None, "seed": "5"},
    ],
)
def test_a_recipe_without_a_prompt_is_none(recipe: dict[str, Any]) -> None:
    assert clean_recipe(recipe) == {}


def test_values_of_odd_types_are_left_out() -> None:
    odd = {"prompt": "x", "seed": True, "steps": "28", "cfg_scale": [6], "size": {"a": 1}, "options": [1]}
    assert clean_recipe(odd) == {"prompt": "x"}
    huge = {"prompt": "x", "seed": 10**400, "steps": -1, "cfg_scale": float("nan"), "size": "9" * 90}
    assert clean_recipe(huge) == {"prompt": "x"}
    options = {"quality": "high", "image": "upload:1", "background": 5, "submission_key": "x"}
    assert clean_recipe({"prompt": "x", "options": options}) == {"prompt": "x", "quality": "high"}
    assert clean_recipe({"prompt": "x", "seed": 5.0, "cfg_scale": 6.5})["seed"] == "5"


def test_a_broken_manifest_never_breaks_the_upload(alice: User) -> None:
    data = downloaded(alice, finished_edit_of(alice), "?format=jpg")
    start = data.index(b"jumb")
    for junk in (b"\x00" * 40, b"\xff\xe1" * 20, b"jumb" * 10):
        broken = data[:start] + junk + data[start + 40 :]
        assert "source-marks" in drop(alice, broken, "x.jpg")
    assert StagedUpload.objects.count() >= 1


def test_nothing_is_fetched_that_a_file_only_names(alice: User) -> None:
    asked: list[str] = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = HTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/manifest.c2pa"
        provenance = (
            f'xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="{address}" rdf:about=""'.encode()
        )
        text = SPARE.replace(b'rdf:about=""', provenance)
        data = with_xmp(picture(format="JPEG"), text, format_name="JPEG")
        read_marks(data[:2] + b"\xff\xeb\x00\x08JP\x00\x01\x00\x00" + data[2:], owner=alice)
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


def test_json_stays_json(alice: User) -> None:
    marks = read_marks(forged(), owner=alice)
    assert json.loads(json.dumps(marks)) == marks
    with Image.open(io.BytesIO(forged())) as image:
        assert image.size == (96, 64)
    assert credentials(downloaded(alice, finished_edit_of(alice)), format="PNG")[0] == "Trusted"


def _with_right_sums(data: bytes) -> bytes:
    """A PNG whose checksums fit again, as somebody who forges one would leave it."""

    made, position = data[:8], 8
    while position < len(data):
        length = int.from_bytes(data[position : position + 4])
        body = data[position + 4 : position + 8 + length]
        made += data[position : position + 4] + body + zlib.crc32(body).to_bytes(4)
        position += 12 + length
    return made
