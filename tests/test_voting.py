"""Votes of colleagues on contact sheets: who may see and vote for what, once, and who learns of it."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from edits.models import AuditEntry, Batch, EditRequest, Star, Status, User, Vote
from edits.services.curating.sharing import unshare_edit
from edits.services.curating.trashing import trash_edits
from tests.batches import batch_of
from tests.conftest import signed_in
from tests.factories import filtered_edit_of, finished_edit_of

DONE = Status.SUCCEEDED
IN_PLACE = {"HX-Request": "true"}


def shared_batch(owner: User, number: int = 3, **fields: Any) -> tuple[Batch, list[EditRequest]]:
    return batch_of(owner, [DONE] * number, shared_at=timezone.now(), **fields)


def address(batch: Batch) -> str:
    return f"/batches/{batch.public_id}/sheet/"


def named(edits: list[EditRequest]) -> str:
    return f"/sheet/?{'&'.join(f'id={edit.public_id}' for edit in edits)}"


def vote(client: Client, pick: EditRequest | None, **fields: Any) -> Any:
    """Press the button of a candidate, or that of one's own vote again."""
    in_place = fields.pop("in_place", False)
    sent = {"pick": str(pick.public_id) if pick else "", "next": "/team/"} | fields
    return client.post("/sheet/vote/", sent, headers=IN_PLACE if in_place else {})


def of_batch(batch: Batch) -> dict[str, str]:
    return {"batch": str(batch.public_id)}


def of_ids(edits: list[EditRequest]) -> dict[str, list[str]]:
    return {"id": [str(edit.public_id) for edit in edits]}


def shown(client: Client, page: str) -> str:
    response = client.get(page)
    assert response.status_code == 200
    return str(response.content.decode())


def votes(client: Client, page: str) -> dict[EditRequest, int]:
    return {tally.edit: tally.count for tally in client.get(page).context["votes"].values()}


# --- What colleagues see -------------------------------------------------------------------------------------


def test_a_batch_opens_for_colleagues_with_what_is_shared(alice: User, bob: User) -> None:
    batch, edits = shared_batch(alice)
    unshare_edit(edit=edits[0])
    page = shown(signed_in(bob), address(batch))
    assert re.findall(r'id="cand-([0-9a-f-]*)"', page) == [str(edit.public_id) for edit in edits[1:]]
    assert str(edits[0].public_id) not in page
    for own in (
        "/sheet/keep/",
        "/sheet/finish/",
        "/sheet/rest/",
        "/sheet/ask/",
        f'/batches/{batch.public_id}/"',
    ):
        assert own not in page
    assert not AuditEntry.objects.filter(action="looked at a contact sheet").exists()


def test_a_private_batch_does_not_exist_for_colleagues(alice: User, bob: User) -> None:
    batch, _ = batch_of(alice, [DONE] * 2)
    assert signed_in(bob).get(address(batch)).status_code == 404


def test_selected_edits_open_as_far_as_they_are_shared(alice: User, bob: User) -> None:
    private, shared = finished_edit_of(alice), finished_edit_of(alice, shared=True)
    page = shown(signed_in(bob), named([private, shared]))
    assert f"cand-{shared.public_id}" in page
    assert f"cand-{private.public_id}" not in page
    assert signed_in(bob).get(named([private])).status_code == 404


def test_names_of_private_sources_are_not_said(alice: User, bob: User) -> None:
    edits = [finished_edit_of(alice, shared=True, source_name=f"plan {number}.png") for number in (1, 2)]
    assert "plan 1.png" in shown(signed_in(alice), named(edits))
    assert "plan 1.png" not in shown(signed_in(bob), named(edits))


def test_administrators_still_see_all_of_it_on_record(alice: User, root: User) -> None:
    batch, edits = shared_batch(alice)
    unshare_edit(edit=edits[0])
    assert str(edits[0].public_id) in shown(signed_in(root), address(batch))
    assert AuditEntry.objects.filter(action="looked at a contact sheet").exists()


# --- Voting --------------------------------------------------------------------------------------------------


def test_one_vote_is_given_changed_and_taken_back(alice: User, bob: User) -> None:
    batch, (first, second, _) = shared_batch(alice)
    client, owner = signed_in(bob), signed_in(alice)
    for pick, counts in ((first, [1, 0, 0]), (second, [0, 1, 0]), (second, [0, 1, 0]), (None, [0, 0, 0])):
        assert vote(client, pick, **of_batch(batch)).headers["Location"] == "/team/"
        assert list(votes(owner, address(batch)).values()) == counts
    assert not Star.objects.exists()  # a vote marks nothing


def test_votes_of_selected_edits_belong_to_their_sheet_in_any_order(alice: User, bob: User) -> None:
    edits = [finished_edit_of(alice, shared=True) for _ in range(3)]
    vote(signed_in(bob), edits[0], **of_ids(edits))
    vote(signed_in(bob), edits[1], **of_ids(edits[:2]))
    assert votes(signed_in(alice), named(edits[::-1])) == {edits[0]: 1, edits[1]: 0, edits[2]: 0}
    assert votes(signed_in(alice), named(edits[:2])) == {edits[0]: 0, edits[1]: 1}


def test_the_owner_learns_who_voted_and_colleagues_how_many(alice: User, bob: User, rita: User) -> None:
    batch, (edit, *_) = shared_batch(alice)
    vote(signed_in(bob), edit, **of_batch(batch))
    seen = shown(signed_in(alice), address(batch))
    assert f'title="{bob.name}"' in seen
    assert "1 vote" in seen
    seen = shown(signed_in(rita), address(batch))
    assert bob.name not in seen
    assert "1 vote" in seen
    assert "Your vote" not in seen
    assert "Your vote" in shown(signed_in(bob), address(batch))


def test_in_an_open_page_the_votes_of_all_candidates_are_swapped(alice: User, bob: User) -> None:
    batch, edits = shared_batch(alice)
    sent = of_batch(batch) | {"shown": [str(edit.public_id) for edit in edits]}
    text = vote(signed_in(bob), edits[1], in_place=True, **sent).content.decode()
    assert set(re.findall(r'id="votes-([0-9a-f-]*)" hx-swap-oob', text)) == set(sent["shown"])
    assert text.count('aria-pressed="true"') == 1


@pytest.mark.parametrize("kind", ["own", "private", "trashed", "filtered", "of another sheet", "nothing"])
def test_nobody_votes_for_what_is_not_open_to_votes(alice: User, bob: User, kind: str) -> None:
    batch, edits = shared_batch(alice)
    edit = edits[0]
    if kind in ("filtered", "of another sheet"):
        edit = filtered_edit_of(alice) if kind == "filtered" else finished_edit_of(alice)
    if kind == "private":
        unshare_edit(edit=edit)
    elif kind == "trashed":
        trash_edits(owner=alice, edits=EditRequest.objects.filter(pk=edit.pk), now=timezone.now())
    elif kind == "filtered":
        EditRequest.objects.filter(pk=edit.pk).update(batch=batch, batch_position=9)
    elif kind == "of another sheet":
        EditRequest.objects.filter(pk=edit.pk).update(shared_at=timezone.now())
    client = signed_in(alice if kind == "own" else bob)
    sent = of_batch(batch) | {"pick": "0" if kind == "nothing" else str(edit.public_id)}
    assert client.post("/sheet/vote/", sent).status_code == 404
    assert not Vote.objects.exists()


def test_strangers_do_not_vote(alice: User, stranger: Client) -> None:
    batch, edits = shared_batch(alice)
    assert vote(stranger, edits[0], **of_batch(batch)).status_code in (302, 401)
    assert not Vote.objects.exists()


def test_what_was_deleted_takes_its_votes_along(alice: User, bob: User) -> None:
    batch, (edit, *_) = shared_batch(alice)
    vote(signed_in(bob), edit, **of_batch(batch))
    edit.delete()
    assert not Vote.objects.exists()


# --- Asking --------------------------------------------------------------------------------------------------


def test_asking_shares_the_candidates_without_their_sources_and_is_undone(alice: User, bob: User) -> None:
    batch, edits = batch_of(alice, [DONE, DONE, Status.QUEUED])
    client = signed_in(alice)
    assert f"http://testserver{address(batch)}" not in shown(client, address(batch))  # it would open nothing
    ids = [str(edit.public_id) for edit in edits]
    answer = client.post("/sheet/ask/", {"shown": ids, "next": address(batch)}, follow=True)
    assert set(EditRequest.objects.shared()) == set(edits[:2])
    assert f"http://testserver{address(batch)}" in shown(client, address(batch))
    assert not EditRequest.objects.filter(source_is_shared=True).exists()
    assert "/sheet/ask/" not in answer.content.decode()
    found = re.search(r'action="(/edits/bulk/undo/[^"]*)"', answer.content.decode())
    assert found
    client.post(found[1].replace("&amp;", "&"))
    assert not EditRequest.objects.shared().exists()


def test_nobody_shares_edits_of_others_by_asking(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice)
    signed_in(bob).post("/sheet/ask/", {"shown": [str(edit.public_id)]})
    assert not EditRequest.objects.shared().exists()


# --- Cost and constraints ------------------------------------------------------------------------------------


def test_its_queries_do_not_grow_with_candidates_and_votes(alice: User, bob: User, rita: User) -> None:
    counts = []
    for number in (2, 9):
        batch, edits = shared_batch(alice, number)
        for voter in (bob, rita)[: number // 2]:
            vote(signed_in(voter), edits[0], **of_batch(batch))
        for viewer in (alice, bob):
            for page in (address(batch), named(edits)):
                client = signed_in(viewer)
                client.get(page)
                with CaptureQueriesContext(connection) as queries:
                    client.get(page)
                counts.append(len(queries))
    assert counts[:4] == counts[4:]


def test_the_database_takes_one_vote_for_each_person_and_sheet(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True)
    row = {"voter": bob, "edit": edit, "sheet": "s-1", "created_at": timezone.now()}
    Vote.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(**row)  # vote_once_per_sheet
    with pytest.raises(IntegrityError, match="vote_names_sheet"), transaction.atomic():
        Vote.objects.update(sheet="")
