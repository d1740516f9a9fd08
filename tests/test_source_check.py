"""The source card: said before sending, stored never."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from edits.models import EditRequest, Upload, User
from tests.conftest import signed_in
from tests.pictures import photo
from tests.stored import stored


def said(response: Any) -> str:
    return str(response.content.decode())


def check(client: Client, file: bytes, **values: Any) -> Any:
    return client.post("/source/", {"image": SimpleUploadedFile("IMG_4471.jpg", file)} | values)


def test_the_source_card_says_what_will_be_sent_and_stores_nothing(alice: User) -> None:
    page = said(
        check(signed_in(alice), photo(width=3000, height=2000, orientation=6, place=True), size="512x512")
    )
    assert "IMG_4471.jpg" in page
    assert "2000×3000 · " in page
    assert "Turned upright" in page
    assert "camera data removed" in page
    assert "Will be sent as 836×1254 (limit 1024² px)" in page
    assert "Result about 416×624 at 512" in page
    assert "data:image/webp;base64," in page
    assert not Upload.objects.exists()
    assert not EditRequest.objects.exists()
    assert stored() == []


def test_a_picture_that_fits_is_not_said_to_be_limited(alice: User) -> None:
    page = said(check(signed_in(alice), photo(width=600, height=400)))
    assert "Will be sent as 600×400" in page
    assert "limit" not in page


def test_the_check_offers_ways_out_and_takes_one(alice: User) -> None:
    client, wide = signed_in(alice), photo(width=400, height=100)
    refused = check(client, wide)
    assert "It will be sent as 300×100" in said(refused)
    taken = said(check(client, wide, shape="pad"))
    assert "White border added" in taken
    assert 'name="shape" value="pad"' in taken


def test_the_check_names_what_is_wrong_with_a_file(alice: User) -> None:
    assert "empty" in said(check(signed_in(alice), b""))


def test_a_hostile_name_is_escaped(alice: User) -> None:
    name = "<script>alert(1)</script>.jpg"
    response = signed_in(alice).post("/source/", {"image": SimpleUploadedFile(name, photo())})
    assert "<script>" not in said(response)
