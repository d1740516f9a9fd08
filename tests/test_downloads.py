"""Downloads: in any format and size, marked, with or without the recipe; stored bytes stay as they are."""

import hashlib
import io
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from edits.images.containers import xmp_of
from edits.images.xmp import FoundXmp
from edits.images.xmp_reading import read_packet
from edits.models import EditRequest, User
from edits.services.api.result_links import link_to_result
from edits.services.pictures.storing import picture_bytes
from tests.conftest import signed_in
from tests.factories import edit_of, finished_edit_of, picture, result_of
from tests.marked_files import credentials, pixels


def download(client: Client, edit: EditRequest, query: str = "") -> Any:
    """The answer to a request for the file."""
    return client.get(f"/edits/{edit.public_id}/download/{query}")


def said(data: bytes) -> FoundXmp:
    """What the file says of itself."""
    return read_packet(xmp_of(data))


def large_edit_of(owner: User) -> EditRequest:
    """A done edit of 600×400 pixels."""
    edit = edit_of(owner, status="succeeded")  # type: ignore[arg-type]
    result_of(edit, picture(width_px=600, height_px=400))
    return edit


def test_a_download_is_marked_signed_and_the_same_picture(alice: User) -> None:
    edit = finished_edit_of(alice, prompt="把猫变红")
    found = download(signed_in(alice), edit).content
    stored = picture_bytes(edit.result.file)
    assert pixels(found) == pixels(stored)
    assert hashlib.sha256(stored).hexdigest() == edit.result.sha256
    assert credentials(found, format="PNG")[0] == "Trusted"
    recipe = said(found).recipe
    assert (recipe["prompt"], recipe["seed"], recipe["edit"]) == ("把猫变红", 77120, str(edit.public_id))


@pytest.mark.parametrize(
    ("query", "kept", "size"),
    [
        ("", "PNG", (600, 400)),
        ("?format=jpg", "JPEG", (600, 400)),
        ("?format=webp&quality=60&fit=512", "WEBP", (512, 341)),
        ("?format=png&fit=512", "PNG", (512, 341)),
        ("?fit=2048", "PNG", (600, 400)),
    ],
)
def test_it_comes_in_the_format_and_size_that_is_asked_for(
    alice: User, query: str, kept: str, size: tuple[int, int]
) -> None:
    response = download(signed_in(alice), large_edit_of(alice), query)
    with Image.open(io.BytesIO(response.content)) as image:
        assert (image.format, image.size) == (kept, size)
    assert response["Content-Type"] == f"image/{kept.lower()}"
    assert credentials(response.content, format=kept)[0] == "Trusted"


def test_a_lower_quality_is_a_smaller_file(alice: User) -> None:
    edit, client = large_edit_of(alice), signed_in(alice)
    sizes = [len(download(client, edit, f"?format=jpg&quality={each}").content) for each in (20, 95)]
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize(
    "query", ["?format=gif", "?fit=7", "?quality=0", "?quality=x", "?version=y", "?recipe=2"]
)
def test_what_is_not_offered_is_refused(alice: User, query: str) -> None:
    assert download(signed_in(alice), finished_edit_of(alice), query).status_code == 400


def test_the_switch_for_the_recipe_is_remembered_per_person(alice: User, bob: User) -> None:
    edit, client = finished_edit_of(alice, shared=True), signed_in(alice)
    response = client.post(f"/edits/{edit.public_id}/download/choose/", {"format": "jpg", "fit": "512"})
    assert response["Location"].endswith("/download/?format=jpg&fit=512&recipe=0")
    assert said(client.get(response["Location"]).content).recipe == {}
    assert said(download(client, edit).content).recipe == {}
    assert said(download(client, edit, "?recipe=1").content).recipe["seed"] == 77120
    assert said(download(signed_in(bob), edit).content).recipe["seed"] == 77120
    packed = client.post("/edits/bulk/", {"action": "download", "edit": [str(edit.public_id)]})
    with ZipFile(io.BytesIO(b"".join(packed.streaming_content))) as archive:  # type: ignore[attr-defined]
        assert said(archive.read(archive.namelist()[0])).recipe == {}
    client.post(f"/edits/{edit.public_id}/download/choose/", {"recipe": "1"})
    assert said(download(client, edit).content).recipe["seed"] == 77120


def test_a_link_gives_no_prompt_away_unless_its_owner_wants_it(alice: User) -> None:
    edit = finished_edit_of(alice, prompt="a secret wish")
    link = link_to_result(edit, now=timezone.now())
    without = Client().get(link)
    assert said(without.content).recipe == {}
    assert b"secret" not in without.content
    assert credentials(without.content, format="PNG")[0] == "Trusted"
    User.objects.update(recipe_in_links=True)
    again = Client().get(link, headers={"If-None-Match": without["ETag"]})
    assert said(again.content).recipe["prompt"] == "a secret wish"


def test_a_browser_that_has_it_is_told_so_until_the_switch_changes(alice: User) -> None:
    edit, client = finished_edit_of(alice), signed_in(alice)
    etag = download(client, edit)["ETag"]
    assert etag.startswith("W/"), "two signatures of the same picture differ"
    address = f"/edits/{edit.public_id}/download/"
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(address, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 200
    User.objects.update(recipe_in_files=False)
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200
