"""Edits of pictures that were uploaded before: by reference, by their owner alone, with their shape."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from edits.forms.sources import Chosen, read_choice, source_of
from edits.images import check_image
from edits.model_specs import STEP_1X_EDIT
from edits.models import EditRequest, StagedUpload, Upload, User
from edits.services.pictures.staging import stage_upload
from edits.views.source_card import cards_of_references
from tests.conftest import signed_in
from tests.offers import QWEN, model
from tests.pictures import photo
from tests.stored import stored
from tests.test_api_keys import key_of

NOBODYS = "00000000-0000-4000-8000-000000000000"
IN_PLACE = {"HX-Request": "true", "HX-Target": "stage"}


def uploaded(client: Client, data: bytes | None = None, *, name: str = "harbor.jpg") -> StagedUpload:
    client.post("/source/", {"image": SimpleUploadedFile(name, data or photo())})
    return StagedUpload.objects.order_by("-pk")[0]


def send(client: Client, staged: StagedUpload, *, in_place: bool = True, **values: Any) -> Any:
    form = {"prompt": "sepia", "submission_key": str(uuid4()), "source": f"upload:{staged.public_id}"}
    return client.post("/", form | values, headers=IN_PLACE if in_place else {})


def said(response: Any) -> str:
    return str(response.content.decode())


def test_an_edit_of_an_upload_sends_no_file_again(alice: User) -> None:
    client = signed_in(alice)
    staged, files = uploaded(client), stored()
    assert send(client, staged).status_code == 200
    edit = EditRequest.objects.get()
    assert edit.upload == staged.upload
    assert (edit.source_name, edit.source_width_px, edit.source_height_px) == ("harbor.jpg", 320, 240)
    assert stored() == files


def test_sending_counts_as_use(alice: User) -> None:
    client = signed_in(alice)
    staged = uploaded(client)
    StagedUpload.objects.update(used_at=staged.created_at - timedelta(hours=20))
    send(client, staged)
    staged.refresh_from_db()
    assert staged.used_at >= staged.created_at


def test_the_same_press_again_is_the_same_edit(alice: User) -> None:
    client = signed_in(alice)
    staged, key = uploaded(client), str(uuid4())
    for _ in range(2):
        assert send(client, staged, submission_key=key).status_code == 200
    assert EditRequest.objects.count() == 1


def test_somebody_elses_upload_is_gone(alice: User, bob: User) -> None:
    staged = uploaded(signed_in(alice))
    response = send(signed_in(bob), staged)
    assert response.status_code == 422
    assert "no longer exists" in said(response)
    assert not EditRequest.objects.exists()


@pytest.mark.parametrize("text", ["upload:", "upload:1", "upload:../x", f"upload:{NOBODYS}:1"])
def test_what_is_no_reference_is_gone_too(text: str) -> None:
    with pytest.raises(ValidationError):
        read_choice(text)


def test_a_key_uses_only_what_was_uploaded_with_it(alice: User) -> None:
    key, _ = key_of(alice)
    data, rows = photo(), []
    for api_key in (None, key):
        picture = check_image(data, spec=STEP_1X_EDIT)
        rows.append(
            stage_upload(
                owner=alice, picture=picture, data=data, name="a.jpg", api_key=api_key, now=timezone.now()
            )
        )
    by_page, by_key = (Chosen("upload", str(row.public_id)) for row in rows)
    assert source_of(by_key, owner=alice, key=key, spec=STEP_1X_EDIT).picture == rows[1].upload
    assert source_of(by_page, owner=alice, spec=STEP_1X_EDIT).picture == rows[0].upload
    with pytest.raises(ValidationError):
        source_of(by_page, owner=alice, key=key, spec=STEP_1X_EDIT)


class TestShapes:
    """A picture that the model does not take as it is: one upload, then a choice."""

    def test_a_shape_is_chosen_without_another_upload(self, alice: User) -> None:
        client = signed_in(alice)
        staged = uploaded(client, photo(width=400, height=100))
        form = {"show": "options", "source": f"upload:{staged.public_id}", "shape": "pad"}
        page = said(client.post("/", form, headers=IN_PLACE))
        assert "White border added" in page
        assert f'value="upload:{staged.public_id}"' in page
        assert send(client, staged, shape="pad").status_code == 200
        upload = EditRequest.objects.get().upload
        assert (upload.width_px, upload.height_px) == (400, 134)

    def test_without_one_nothing_is_sent(self, alice: User) -> None:
        client = signed_in(alice)
        staged = uploaded(client, photo(width=400, height=100))
        assert send(client, staged).status_code == 422
        assert not EditRequest.objects.exists()


class TestReferences:
    def test_they_are_sent_by_reference(self, alice: User) -> None:
        client, target = signed_in(alice), model(QWEN)
        source, scarf = uploaded(client), uploaded(client, photo(seed=5), name="scarf.jpg")
        chosen = f"upload:{scarf.public_id}"
        assert send(client, source, model=target.full_id, reference_source=chosen).status_code == 200
        (reference,) = EditRequest.objects.get().references.all()
        assert (reference.upload, reference.name) == (scarf.upload, "scarf.jpg")

    def test_their_cards_take_one_query(self, alice: User, django_assert_num_queries: Any) -> None:
        client, target = signed_in(alice), model(QWEN)
        rows = [uploaded(client, photo(seed=seed), name=f"{seed}.jpg") for seed in range(3)]
        choices = [Chosen("upload", str(row.public_id)) for row in rows]
        with django_assert_num_queries(1):
            cards, errors = cards_of_references(choices, owner=alice, spec=target.spec)
        assert [card.name for card in cards] == ["0.jpg", "1.jpg", "2.jpg"]
        assert errors == []

    def test_one_that_was_deleted_is_said_and_the_others_stay(self, alice: User) -> None:
        client, target = signed_in(alice), model(QWEN)
        row = uploaded(client)
        choices = [Chosen("upload", str(uuid4())), Chosen("upload", str(row.public_id))]
        cards, errors = cards_of_references(choices, owner=alice, spec=target.spec)
        assert [card.name for card in cards] == ["harbor.jpg"]
        assert errors[0].startswith("Reference 1:")

    def test_one_of_the_wrong_shape_can_be_removed(self, alice: User) -> None:
        strip = uploaded(signed_in(alice), photo(width=3000, height=20))
        cards, errors = cards_of_references(
            [Chosen("upload", str(strip.public_id))], owner=alice, spec=model(QWEN).spec
        )
        assert len(cards) == len(errors) == 1


class TestLost:
    """The picture is gone from the storage behind its row."""

    def test_one_that_has_to_be_made_again_is_said_to_be_unreadable(self, alice: User) -> None:
        client = signed_in(alice)
        staged = uploaded(client, photo(width=400, height=100))
        default_storage.delete(str(staged.original.name))
        response = send(client, staged, shape="crop")
        assert response.status_code == 422
        assert "cannot be read" in said(response)

    def test_its_address_is_404_and_its_card_still_there(self, alice: User) -> None:
        client = signed_in(alice)
        staged = uploaded(client)
        default_storage.delete(str(staged.upload.file.name))
        assert client.get(f"/uploads/{staged.public_id}/").status_code == (
            302 if settings.AWS_STORAGE_BUCKET_NAME else 404
        )
        form = {"show": "options", "source": f"upload:{staged.public_id}"}
        assert "harbor.jpg" in said(client.post("/", form, headers=IN_PLACE))

    def test_the_same_file_uploaded_again_mends_it(self, alice: User) -> None:
        client = signed_in(alice)
        staged = uploaded(client)
        default_storage.delete(str(staged.upload.file.name))
        assert uploaded(client) == staged
        assert Upload.objects.count() == len(stored()) == 1
