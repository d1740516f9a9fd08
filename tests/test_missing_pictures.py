"""Rows whose files are gone, as after a restore: pages stand, pictures are not there, nothing breaks."""

import io
import zipfile
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import Settings

from editor_site.picture_bucket import PictureBucket
from edits.models import EditRequest, User
from edits.services.pictures.renditions import make_renditions
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of
from tests.stored import forget

FOLDER_ONLY = pytest.mark.skipif(
    bool(settings.AWS_STORAGE_BUCKET_NAME), reason="a bucket is linked to: it answers itself"
)


@pytest.fixture
def edit(alice: User) -> EditRequest:
    """Done, shared, with all renditions, and all of it gone."""
    edit = finished_edit_of(alice, shared=True, source_is_shared=True)
    make_renditions(edit)
    forget()
    return edit


def get(client: Client, address: str) -> Any:
    return client.get(address)


def test_pages_with_it_stand(edit: EditRequest, alice: User, bob: User) -> None:
    for address in ("/", "/history/", "/team/", f"/edits/{edit.public_id}/", f"/?show={edit.public_id}"):
        assert get(signed_in(alice), address).status_code == 200
    for address in ("/team/", f"/edits/{edit.public_id}/"):
        assert get(signed_in(bob), address).status_code == 200
    edit_of(alice, parent=edit, rerun_of=edit)
    assert get(signed_in(alice), f"/edits/{edit.public_id}/").status_code == 200


@FOLDER_ONLY
@pytest.mark.parametrize("part", ["result/", "result/320/", "source/", "source/1024/", "map/", "download/"])
def test_its_pictures_are_not_there(edit: EditRequest, alice: User, part: str) -> None:
    assert get(signed_in(alice), f"/edits/{edit.public_id}/{part}").status_code == 404


def test_it_cannot_be_edited_further_and_says_so(edit: EditRequest, alice: User) -> None:
    words = {"prompt": "sepia", "source": f"result:{edit.public_id}"}
    response = signed_in(alice).post("/", words)
    assert response.status_code == 422
    assert "cannot be read now" in response.content.decode()
    assert EditRequest.objects.count() == 1


def test_a_bundle_names_what_it_lacks(edit: EditRequest, alice: User) -> None:
    response = signed_in(alice).post("/edits/bulk/", {"action": "download", "edit": [str(edit.public_id)]})
    assert response.status_code == 200
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        assert bundle.namelist() == ["not-included.txt"]


def test_a_review_stands_without_its_pictures(alice: User, rita: User) -> None:
    edit = filtered_edit_of(alice)
    forget()
    client = signed_in(rita)
    assert client.get("/review/", follow=True).status_code == 200
    assert client.get(f"/review/{edit.public_id}/picture/result/1/").status_code == 404


@FOLDER_ONLY
def test_a_folder_that_is_away_is_not_taken_for_an_empty_one(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = finished_edit_of(alice)

    def away(*_: object) -> None:
        raise OSError("Stale file handle")

    monkeypatch.setattr(default_storage, "open", away)
    response = signed_in(alice).get(f"/edits/{edit.public_id}/result/")
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert "no-store" in response["Cache-Control"]


def test_a_picture_that_no_link_can_be_made_to_is_there_later(
    alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = finished_edit_of(alice)
    monkeypatch.setattr(PictureBucket, "_shared", None)  # the connection that other tests have made
    options = {"bucket_name": "pictures", "endpoint_url": "https://", "access_key": "k", "secret_key": "s"}
    backend = {"BACKEND": "editor_site.picture_bucket.PictureBucket", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": backend}
    response = get(signed_in(alice), f"/edits/{edit.public_id}/result/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "60")
    assert "img-src" in get(signed_in(alice), f"/edits/{edit.public_id}/").headers["Content-Security-Policy"]
