"""A merged picture stands for its edit wherever that is small: lists, boards, strips, sheets, zips, comparisons."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from edits.models import Batch, EditRequest, MergedPicture, MergeState, User
from edits.services.curating.trashing import trash_edits
from edits.services.pictures.storing import picture_bytes
from tests.conftest import signed_in
from tests.marked_files import pixels
from tests.test_merged_pages import SIZE, merged_edit_of, said

Address = Callable[[EditRequest], str]


def in_batch(edit: EditRequest) -> Batch:
    batch = Batch.objects.create(owner=edit.owner, created_at=timezone.now(), axes=[])
    EditRequest.objects.filter(pk=edit.pk).update(batch=batch, batch_position=1)
    return batch


def in_trash(edit: EditRequest) -> str:
    trash_edits(owner=edit.owner, edits=EditRequest.objects.filter(pk=edit.pk), now=timezone.now())
    return "/trash/"


def beside(edit: EditRequest) -> str:
    """The page of an edit that was made of this one."""
    child = merged_edit_of(edit.owner, state=MergeState.REFUSED, parent=edit)
    return f"/edits/{child.public_id}/"


PLACES: dict[str, Address] = {
    "history": lambda edit: "/history/",
    "strip": lambda edit: "/",
    "picker": lambda edit: "/?pick=1",
    "board": lambda edit: f"/batches/{in_batch(edit).public_id}/",
    "batch in the strip": lambda edit: "/" if in_batch(edit) else "",
    "sheet": lambda edit: f"/sheet/?id={edit.public_id}",
    "trash": in_trash,
    "lineage": beside,
    "comparison": lambda edit: f"/compare/{edit.public_id}/{merged_edit_of(edit.owner).public_id}/",
}


@pytest.mark.parametrize("place", PLACES)
def test_the_merged_picture_is_shown(alice: User, place: str) -> None:
    edit = merged_edit_of(alice)
    shown = said(signed_in(alice).get(PLACES[place](edit)))
    assert f"/edits/{edit.public_id}/merged/" in shown
    assert f"/edits/{edit.public_id}/result/320/" not in shown


@pytest.mark.parametrize("state", [MergeState.WAITING, MergeState.REFUSED])
def test_without_one_the_models_answer_is(alice: User, state: MergeState) -> None:
    edit = merged_edit_of(alice, state=state)
    EditRequest.objects.update(finished_at=timezone.now() - timedelta(minutes=1))
    shown = said(signed_in(alice).get("/history/"))
    assert f"/edits/{edit.public_id}/result/320/" in shown
    assert "/merged/" not in shown


def test_a_card_waits_a_moment_for_it_and_is_then_swapped(alice: User) -> None:
    edit, client = merged_edit_of(alice, state=MergeState.WAITING), signed_in(alice)
    asked = {"as": "card", "id": str(edit.public_id), "was": "finishing"}
    assert "preparing the preview" in said(client.get("/status/", asked))
    MergedPicture.objects.all().delete()
    assert f'id="card-{edit.public_id}"' in said(client.get("/status/", asked))


def test_a_card_says_that_it_is_in_the_original_and_holding_it_shows_that(alice: User) -> None:
    edit = merged_edit_of(alice)
    card = said(signed_in(alice).get("/history/"))
    assert "In the original" in card
    assert f'data-src="/edits/{edit.public_id}/original/320/"' in card
    assert f'width="{SIZE[0]}" height="{SIZE[1]}"' in card
    assert f"/edits/{edit.public_id}/merged/download/png/" in card


def test_colleagues_see_it_but_not_the_original(alice: User, bob: User) -> None:
    edit = merged_edit_of(alice, shared=True)
    shown = said(signed_in(bob).get("/team/"))
    assert f"/edits/{edit.public_id}/merged/320/" in shown
    assert f"/edits/{edit.public_id}/original/" not in shown


@pytest.mark.parametrize("place", ["/history/", "/", "/?pick=1", "/trash/", "sheet", "board", "comparison"])
def test_queries_do_not_grow_with_merged_pictures(alice: User, place: str) -> None:
    client, counts = signed_in(alice), []
    for number in (2, 6):
        edits = [merged_edit_of(alice) for _ in range(number)]
        address = place
        if place == "/trash/":
            trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now())
        elif place == "sheet":
            address = f"/sheet/?{'&'.join(f'id={edit.public_id}' for edit in edits)}"
        elif place == "board":
            batch = in_batch(edits[0])
            for position, edit in enumerate(edits, start=1):
                EditRequest.objects.filter(pk=edit.pk).update(batch=batch, batch_position=position)
            address = f"/batches/{batch.public_id}/"
        elif place == "comparison":
            address = f"/compare/{edits[0].public_id}/{edits[1].public_id}/"
        client.get(address)
        counts.append(queries_of(client, address))
    assert counts[0] == counts[1]


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_zip_has_the_merged_file_and_otherwise_the_answer(alice: User) -> None:
    merged, refused = merged_edit_of(alice), merged_edit_of(alice, state=MergeState.REFUSED)
    asked = {"action": "download", "edit": [str(each.public_id) for each in (merged, refused)]}
    response = signed_in(alice).post("/edits/bulk/", asked)
    archive = ZipFile(BytesIO(response.getvalue()))
    found = [pixels(archive.read(name)) for name in archive.namelist()]
    stored = [pixels(picture_bytes(file)) for file in (merged.merged.file, refused.result.file)]
    assert sorted(found, key=repr) == sorted(stored, key=repr)


@pytest.mark.parametrize("of_batch", [False, True])
def test_a_zip_of_more_than_two_gigabytes_is_refused(alice: User, of_batch: bool) -> None:
    edits, client = [merged_edit_of(alice) for _ in range(2)], signed_in(alice)
    MergedPicture.objects.update(size_bytes=1_000_000_001)
    if of_batch:
        EditRequest.objects.update(batch=in_batch(edits[0]))
        response = client.get(f"/batches/{Batch.objects.get().public_id}/download/", follow=True)
    else:
        asked = {"action": "download", "edit": [str(each.public_id) for each in edits]}
        response = client.post("/edits/bulk/", asked, follow=True)
    assert "more than 2 GB together" in said(response)


def test_two_merged_pictures_are_compared_as_they_are_shown(alice: User) -> None:
    one, other = merged_edit_of(alice), merged_edit_of(alice)
    map_of = f"/compare/{one.public_id}/{other.public_id}/map/"
    response = signed_in(alice).get(map_of)
    assert response.status_code == 200
    assert str(one.merged.file.name) in response.headers["ETag"]
