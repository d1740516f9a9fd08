"""The check of a picture: stored once and named by reference, or refused with a sentence."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from edits.models import EditRequest, StagedUpload, Upload, User
from edits.services.pictures import disk_space, staging
from tests.conftest import signed_in
from tests.offers import QWEN, model
from tests.pictures import photo
from tests.stored import fetched, stored

JSON = {"HTTP_ACCEPT": "application/json"}


def said(response: Any) -> str:
    return str(response.content.decode())


def check(client: Client, file: bytes, *, name: str = "IMG_4471.jpg", **values: Any) -> Any:
    return client.post("/source/", {"image": SimpleUploadedFile(name, file)} | values)


def check_as_json(client: Client, file: bytes) -> Any:
    return client.post("/source/", {"image": SimpleUploadedFile("a.jpg", file)}, **JSON)  # type: ignore[arg-type]


def test_the_source_card_says_what_will_be_sent(alice: User) -> None:
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


def test_the_check_stores_the_picture_and_names_it_by_reference(alice: User) -> None:
    page = said(check(signed_in(alice), photo()))
    staged = StagedUpload.objects.get()
    assert f'name="source" value="upload:{staged.public_id}"' in page
    assert staged.owner == alice
    assert not EditRequest.objects.exists()
    assert stored() == [str(staged.upload.file.name)]


def test_references_are_stored_as_well(alice: User) -> None:
    file = SimpleUploadedFile("scarf.jpg", photo())
    response = signed_in(alice).post("/source/", {"reference": file, "model": model(QWEN).full_id})
    staged = StagedUpload.objects.get()
    assert f'name="reference_source" value="upload:{staged.public_id}"' in said(response)
    assert 'name="reference_order" value="source"' in said(response)


def test_a_picture_that_fits_is_not_said_to_be_limited(alice: User) -> None:
    page = said(check(signed_in(alice), photo(width=600, height=400)))
    assert "Will be sent as 600×400" in page
    assert "limit" not in page


def test_the_check_offers_ways_out_for_a_picture_that_is_stored(alice: User) -> None:
    refused = said(check(signed_in(alice), photo(width=400, height=100)))
    staged = StagedUpload.objects.get()
    assert "It will be sent as 300×100" in refused
    assert f'name="source" value="upload:{staged.public_id}"' in refused
    assert staged.original


def test_a_strip_beyond_what_any_model_takes_gets_its_offers_too(alice: User) -> None:
    refused = said(check(signed_in(alice), photo(width=3000, height=20)))
    assert 'value="pad"' in refused
    assert StagedUpload.objects.get().original


def test_the_check_takes_a_shape(alice: User) -> None:
    taken = said(check(signed_in(alice), photo(width=400, height=100), shape="pad"))
    assert "White border added" in taken
    assert 'name="shape" value="pad"' in taken


def test_the_check_names_what_is_wrong_with_a_file_and_stores_nothing(alice: User) -> None:
    assert "empty" in said(check(signed_in(alice), b""))
    assert not Upload.objects.exists()
    assert stored() == []


def test_a_hostile_name_is_escaped(alice: User) -> None:
    name = "<script>alert(1)</script>.jpg"
    assert "<script>" not in said(check(signed_in(alice), photo(), name=name))


def test_a_full_disk_is_said_and_leaves_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_space, "has_room", lambda: False)
    response = check(signed_in(alice), photo())
    assert response.status_code == 507
    assert "no room left" in said(response)
    assert not StagedUpload.objects.exists()


def test_who_has_too_many_waiting_is_told_so(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MOST_PICTURES", 1)
    client = signed_in(alice)
    check(client, photo(seed=1))
    response = check(client, photo(seed=2))
    assert response.status_code == 422
    assert "can wait for their edits" in said(response)
    assert StagedUpload.objects.count() == 1


class TestJson:
    """What a script gets that takes in many."""

    def test_a_picture_that_can_be_sent(self, alice: User) -> None:
        answer = check_as_json(signed_in(alice), photo(width=600, height=400)).json()
        staged = StagedUpload.objects.get()
        assert answer["reference"] == f"upload:{staged.public_id}"
        assert (answer["name"], answer["width_px"], answer["height_px"]) == ("a.jpg", 600, 400)
        assert answer["preview"].startswith("data:image/webp;base64,")
        assert answer["offers"] == []

    def test_a_picture_that_needs_a_shape(self, alice: User) -> None:
        answer = check_as_json(signed_in(alice), photo(width=400, height=100)).json()
        assert answer["reference"] == f"upload:{StagedUpload.objects.get().public_id}"
        assert [offer["shape"] for offer in answer["offers"]] == ["crop", "pad"]
        assert "400" in answer["message"]

    @pytest.mark.parametrize(("file", "code"), [(b"", "empty"), (b"no picture", "corrupt")])
    def test_a_file_that_cannot_be_taken(self, alice: User, file: bytes, code: str) -> None:
        response = check_as_json(signed_in(alice), file)
        assert response.status_code == 422
        assert response.json()["error"]["code"] == code

    def test_a_stranger_is_told_to_sign_in(self, stranger: Client) -> None:
        assert check_as_json(stranger, photo()).status_code == 401


class TestSeeing:
    """Somebody's upload is shown to them alone."""

    def test_its_owner_sees_it(self, alice: User) -> None:
        client = signed_in(alice)
        check(client, photo(width=600, height=400))
        staged = StagedUpload.objects.get()
        for address in (f"/uploads/{staged.public_id}/", f"/uploads/{staged.public_id}/320/"):
            response = fetched(client, address)
            assert response.status_code == 200
            assert "private" in response.headers["Cache-Control"]

    def test_nobody_else_does_whatever_their_role(self, alice: User, bob: User, root: User) -> None:
        check(signed_in(alice), photo())
        address = f"/uploads/{StagedUpload.objects.get().public_id}/"
        assert [signed_in(user).get(address).status_code for user in (bob, root)] == [404, 404]

    def test_what_does_not_exist_is_404(self, alice: User) -> None:
        client = signed_in(alice)
        check(client, photo())
        assert client.get(f"/uploads/{uuid4()}/").status_code == 404
        assert client.get(f"/uploads/{StagedUpload.objects.get().public_id}/640/").status_code == 404
