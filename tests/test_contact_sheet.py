"""The contact sheet: who sees it, what it shows, keeping, finishing, and moving the rest to the trash."""

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from edits.models import AuditEntry, Batch, Budget, EditRequest, Star, Status, User
from edits.services.curating.sharing import set_star
from edits.services.curating.trashing import trash_edits
from tests.batches import batch_of
from tests.conftest import signed_in
from tests.factories import result_of

DONE, QUEUED = Status.SUCCEEDED, Status.QUEUED
IN_PLACE = {"HX-Request": "true"}


def sheet(client: Client, batch: Batch, page: str = "") -> Any:
    return client.get(f"/batches/{batch.public_id}/sheet/", {"page": page} if page else {})


def ids(edits: list[EditRequest]) -> list[str]:
    return [str(edit.public_id) for edit in edits]


def form(edits: list[EditRequest], keep: list[EditRequest], **more: Any) -> dict[str, Any]:
    return {"shown": ids(edits), "keep": ids(keep), "submission_key": str(uuid.uuid4()), **more}


def starred(user: User) -> set[int]:
    return set(Star.objects.filter(user=user).values_list("edit", flat=True))


# --- Who sees it ------------------------------------------------------------------------------------------


def test_a_private_one_does_not_exist_for_others(alice: User, bob: User, rita: User) -> None:
    batch, edits = batch_of(alice, [DONE] * 2)
    for person in (bob, rita):
        assert sheet(signed_in(person), batch).status_code == 404
        assert signed_in(person).get("/sheet/", {"id": ids(edits)}).status_code == 404


def test_an_administrators_visit_is_recorded_and_changes_nothing(alice: User, root: User) -> None:
    batch, edits = batch_of(alice, [DONE] * 2)
    text = sheet(signed_in(root), batch).content.decode()
    assert AuditEntry.objects.get().action == "looked at a contact sheet"
    assert "sheet-form" not in text
    signed_in(root).post("/sheet/finish/", form(edits, edits))
    signed_in(root).post("/sheet/rest/", form(edits, edits[:1]))
    assert not EditRequest.objects.filter(owner=root).exists()
    assert not EditRequest.objects.trashed().exists()
    assert not starred(root)


def test_a_stranger_is_led_to_the_sign_in_page(alice: User, stranger: Client) -> None:
    batch, _ = batch_of(alice, [DONE])
    assert sheet(stranger, batch).status_code == stranger.get("/sheet/").status_code == 302


@pytest.mark.parametrize("query", ["", "?id=nonsense", f"?id={uuid.UUID(int=1)}"])
def test_there_is_no_sheet_of_nothing(alice: User, query: str) -> None:
    assert signed_in(alice).get(f"/sheet/{query}").status_code == 404


# --- What it shows ----------------------------------------------------------------------------------------


def test_a_withheld_picture_is_not_on_it(alice: User) -> None:
    batch, (edit, _) = batch_of(alice, [Status.FILTERED, DONE])
    result_of(edit, withheld=True)
    text = sheet(signed_in(alice), batch).content.decode()
    assert f"/edits/{edit.public_id}/result/" not in text
    assert f'value="{edit.public_id}" form="sheet-form" checked' not in text


def test_a_batch_is_shown_by_nines(alice: User) -> None:
    batch, edits = batch_of(alice, [DONE] * 12)
    set_star(edit=edits[11], user=alice, starred=True, now=timezone.now())
    first, second = sheet(signed_in(alice), batch), sheet(signed_in(alice), batch, "2")
    assert [len(answer.context["sheet"].candidates) for answer in (first, second)] == [9, 3]
    assert "1 of 12 kept" in first.content.decode()
    assert sheet(signed_in(alice), batch, "99999").context["sheet"].page == 1


def test_an_empty_batch_leads_to_its_page(alice: User) -> None:
    batch, _ = batch_of(alice, [DONE])
    trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now())
    assert sheet(signed_in(alice), batch).url == f"/batches/{batch.public_id}/"


def test_selected_edits_say_what_differs(alice: User) -> None:
    _, edits = batch_of(alice, [DONE] * 2)
    EditRequest.objects.filter(pk=edits[1].pk).update(steps=50)
    answer = signed_in(alice).get("/sheet/", {"id": ids(edits)})
    assert [each.label for each in answer.context["sheet"].candidates] == ["28 steps", "50 steps"]


def test_the_size_is_named_and_where_there_is_none_the_reason(alice: User) -> None:
    batch, _ = batch_of(alice, [DONE] * 2)
    assert "Finish at 1024" in sheet(signed_in(alice), batch).content.decode()
    EditRequest.objects.update(size="1024x1024")
    assert "Run again at 768" in sheet(signed_in(alice), batch).content.decode()
    EditRequest.objects.update(model="gone")
    text = sheet(signed_in(alice), batch).content.decode()
    assert "/sheet/finish/" not in text
    assert "Not offered in another size" in text


def test_its_queries_do_not_grow_with_the_candidates(alice: User) -> None:
    client, counts = signed_in(alice), []
    for number in (2, 9):
        batch, edits = batch_of(alice, [DONE, QUEUED] * (number // 2) + [DONE])
        sheet(client, batch)
        for address in (f"/batches/{batch.public_id}/sheet/", f"/sheet/?id={'&id='.join(ids(edits))}"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(address)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def test_the_poll_swaps_picture_and_keep_of_what_ended(alice: User) -> None:
    _, (edit,) = batch_of(alice, [DONE])
    asked = {"as": "sheet", "id": str(edit.public_id), "was": "running"}
    text = signed_in(alice).get("/status/", asked, headers=IN_PLACE).content.decode()
    assert re.search(rf'id="shot-{edit.public_id}"[^>]*hx-swap-oob', text, re.DOTALL)
    assert f'id="keep-{edit.public_id}" hx-swap-oob="true"' in text


# --- Keeping, finishing, the rest ----------------------------------------------------------------------------


def test_kept_ones_are_starred_and_the_others_are_not(alice: User) -> None:
    _, edits = batch_of(alice, [DONE] * 3 + [QUEUED])
    set_star(edit=edits[0], user=alice, starred=True, now=timezone.now())
    client = signed_in(alice)
    client.post("/sheet/keep/", form(edits, edits[1:]))
    assert starred(alice) == {edits[1].pk, edits[2].pk}  # what has no picture cannot be kept
    answer = client.post("/sheet/keep/", form([edits[1]], []), headers=IN_PLACE)
    assert (answer.status_code, starred(alice)) == (204, {edits[2].pk})


def test_nobody_marks_edits_of_others(alice: User, bob: User) -> None:
    _, edits = batch_of(alice, [DONE], shared_at=timezone.now())
    signed_in(bob).post("/sheet/keep/", form(edits, edits))
    assert not starred(bob)


def test_the_kept_are_finished_on_all_pages_of_a_batch(alice: User) -> None:
    batch, edits = batch_of(alice, [DONE] * 11)
    set_star(edit=edits[10], user=alice, starred=True, now=timezone.now())
    sent = form(edits[:9], edits[:2], batch=str(batch.public_id))
    client = signed_in(alice)
    answers = [client.post("/sheet/finish/", sent) for _ in range(2)]
    made = Batch.objects.exclude(pk=batch.pk).get()
    assert {answer.headers["Location"] for answer in answers} == {f"/batches/{made.public_id}/sheet/"}
    assert list(made.edits.order_by("batch_position").values_list("seed", flat=True)) == [1001, 1002, 1011]


def test_of_a_selection_only_what_is_shown_is_finished(alice: User) -> None:
    _, edits = batch_of(alice, [DONE] * 3)
    set_star(edit=edits[2], user=alice, starred=True, now=timezone.now())
    signed_in(alice).post("/sheet/finish/", form(edits[:2], edits[:1]))
    assert EditRequest.objects.queued().count() == 1


def test_without_a_kept_one_nothing_is_sent_or_moved(alice: User) -> None:
    _, edits = batch_of(alice, [DONE] * 2)
    for action in ("finish", "rest"):
        answer = signed_in(alice).post(f"/sheet/{action}/", form(edits, []), headers=IN_PLACE)
        assert answer.status_code == 422
        assert "Keep at least one candidate first." in answer.content.decode()
    assert EditRequest.objects.not_trashed().count() == 2


def test_over_a_budget_nothing_is_sent_and_the_marks_stay(alice: User) -> None:
    _, edits = batch_of(alice, [DONE] * 2)
    budget = Budget.objects.current()
    budget.person_waiting = 1
    budget.save()
    assert signed_in(alice).post("/sheet/finish/", form(edits, edits)).status_code == 429
    assert not EditRequest.objects.queued().exists()
    assert len(starred(alice)) == 2


def test_the_rest_goes_to_the_trash_and_comes_back_but_what_waits_stays(alice: User) -> None:
    batch, edits = batch_of(alice, [DONE, DONE, Status.FAILED, QUEUED])
    client, page = signed_in(alice), f"/batches/{batch.public_id}/sheet/"
    answer = client.post("/sheet/rest/", form(edits, edits[:1], next=page), follow=True)
    assert set(EditRequest.objects.trashed()) == {edits[1], edits[2]}
    found = re.search(r'action="(/edits/bulk/undo/[^"]*)"', answer.content.decode())
    assert found
    client.post(found[1].replace("&amp;", "&"))
    assert not EditRequest.objects.trashed().exists()
