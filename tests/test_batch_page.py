"""The page of a batch: who sees it, what it shows, what its owner can do, and the poll that keeps it current."""

import re
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from edits.models import AuditEntry, Batch, Budget, EditRequest, Reason, Status, User
from edits.services.batch.plan import Axis
from tests.batches import batch_of
from tests.conftest import signed_in
from tests.factories import result_of

QUEUED, RUNNING, DONE, FAILED = Status.QUEUED, Status.RUNNING, Status.SUCCEEDED, Status.FAILED
IN_PLACE = {"HX-Request": "true"}
ACTIONS = ("pause", "resume", "cancel", "retry")


def axis(name: Any, *labels: str) -> Axis:
    return Axis(name, tuple((label, None) for label in labels))


def page(client: Client, batch: Batch) -> Any:
    return client.get(f"/batches/{batch.public_id}/")


def act(client: Client, batch: Batch, action: str, **values: Any) -> Any:
    return client.post(f"/batches/{batch.public_id}/{action}/", values)


def statuses(batch: Batch) -> list[str]:
    return list(batch.edits.order_by("batch_position").values_list("status", flat=True))


def marks_of(text: str) -> str:
    found = re.search(r'name="marks" value="([0-9a-z]*)"', text)
    assert found
    return found[1]


def poll(client: Client, batch: Batch, marks: str) -> Any:
    return client.get(
        "/status/", {"as": "cell", "board": str(batch.public_id), "marks": marks}, headers=IN_PLACE
    )


# --- Who sees it ------------------------------------------------------------------------------------------


def test_it_does_not_exist_for_others_even_where_its_edits_are_shared(
    alice: User, bob: User, rita: User
) -> None:
    batch, _ = batch_of(alice, [DONE], shared_at=timezone.now())
    for person in (bob, rita):
        client = signed_in(person)
        assert page(client, batch).status_code == 404
        assert client.get(f"/batches/{batch.public_id}/download/").status_code == 404
        assert [act(client, batch, name).status_code for name in ACTIONS] == [404] * 4
    assert not AuditEntry.objects.exists()


def test_a_stranger_is_led_to_the_sign_in_page(alice: User, stranger: Client) -> None:
    batch, _ = batch_of(alice, [DONE])
    assert page(stranger, batch).status_code == 302


def test_an_administrators_visit_is_recorded_and_shows_no_actions(alice: User, root: User) -> None:
    batch, _ = batch_of(alice, [QUEUED, DONE])
    text = page(signed_in(root), batch).content.decode()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject) == ("looked at a batch", str(batch.public_id))
    assert "pause/" not in text
    assert [act(signed_in(root), batch, name).status_code for name in ACTIONS] == [404] * 4
    assert statuses(batch) == [QUEUED, DONE]


def test_there_is_no_batch_of_this_id(alice: User) -> None:
    assert signed_in(alice).get(f"/batches/{UUID(int=1)}/").status_code == 404


# --- What it shows ----------------------------------------------------------------------------------------


def test_a_grid_has_a_heading_for_each_row_and_column(alice: User) -> None:
    axes = [axis("steps", "8", "28"), axis("cfg_scale", "4", "6")]
    batch, _ = batch_of(alice, [DONE, DONE, QUEUED, QUEUED], axes=axes)
    text = page(signed_in(alice), batch).content.decode()
    assert re.findall(r'<th scope="col"[^>]*>([^<]*)', text) == ["8 steps", "28 steps"]
    assert re.findall(r'<bdi dir="auto">(Guidance [^<]*)', text)[:2] == ["Guidance 4", "Guidance 6"]


def test_each_card_says_what_distinguishes_it(alice: User) -> None:
    batch, _ = batch_of(alice, [DONE, DONE], axes=[axis("seed", "1001", "1002")])
    text = page(signed_in(alice), batch).content.decode()
    assert re.findall(r'class="cell-label"[^>]*><bdi dir="auto">([^<]*)', text) == [
        "Seed 1\u202f001", "Seed 1\u202f002",
    ]  # fmt: skip


def test_failures_are_listed_with_their_plain_cause(alice: User) -> None:
    batch, edits = batch_of(alice, [FAILED, FAILED, DONE])
    EditRequest.objects.filter(pk=edits[1].pk).update(reason=Reason.OUTCOME_UNKNOWN)
    text = page(signed_in(alice), batch).content.decode()
    assert "The service refused this edit" in text
    assert "Retry 1 failed" in text
    assert "Retry 2, may be charged again" in text


def test_a_withheld_picture_is_not_on_it(alice: User) -> None:
    batch, (edit,) = batch_of(alice, [Status.FILTERED])
    result_of(edit, withheld=True)
    text = page(signed_in(alice), batch).content.decode()
    assert f"/edits/{edit.public_id}/result/" not in text
    assert signed_in(alice).get(f"/batches/{batch.public_id}/download/").status_code == 302


def test_edits_in_the_trash_leave_an_empty_place(alice: User) -> None:
    axes = [axis("seed", "1", "2"), axis("picture", "a.png", "b.png")]
    batch, edits = batch_of(alice, [DONE] * 4, axes=axes)
    EditRequest.objects.filter(pk=edits[1].pk).update(trashed_at=timezone.now())
    text = page(signed_in(alice), batch).content.decode()
    assert text.count('class="cell ') == 3
    EditRequest.objects.update(trashed_at=timezone.now())
    assert "All edits of this batch are in the trash." in page(signed_in(alice), batch).content.decode()


@pytest.mark.parametrize("path", ["", "download/"])
def test_queries_do_not_depend_on_the_number_of_edits(alice: User, path: str) -> None:
    few, _ = batch_of(alice, [DONE, QUEUED, RUNNING, FAILED])
    many, _ = batch_of(alice, [DONE, QUEUED, RUNNING, FAILED] * 5)
    client = signed_in(alice)
    counts = []
    for batch in (few, few, many):  # the first one reads what is kept afterward
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/batches/{batch.public_id}/{path}").status_code == 200
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_the_download_has_each_picture_that_may_be_shown(alice: User) -> None:
    batch, _ = batch_of(alice, [DONE, DONE, FAILED, QUEUED])
    response: Any = signed_in(alice).get(f"/batches/{batch.public_id}/download/")
    archive = ZipFile(BytesIO(b"".join(response.streaming_content)))
    assert len(archive.namelist()) == 2


# --- Actions ----------------------------------------------------------------------------------------------


def test_its_owner_pauses_resumes_and_cancels_without_script(alice: User) -> None:
    batch, _ = batch_of(alice, [RUNNING, QUEUED, QUEUED])
    client = signed_in(alice)
    assert act(client, batch, "pause")["Location"] == f"/batches/{batch.public_id}/"
    assert batch.edits.filter(paused_at__isnull=False).count() == 2
    assert "Resume" in page(client, batch).content.decode()
    act(client, batch, "resume")
    assert not batch.edits.filter(paused_at__isnull=False).exists()
    act(client, batch, "cancel")
    assert statuses(batch) == [RUNNING, Status.CANCELED, Status.CANCELED]


def test_retrying_spares_what_may_have_been_charged_until_all_are_asked_for(alice: User) -> None:
    batch, edits = batch_of(alice, [FAILED, FAILED])
    EditRequest.objects.filter(pk=edits[1].pk).update(reason=Reason.INTERRUPTED)
    act(signed_in(alice), batch, "retry")
    assert statuses(batch) == [QUEUED, FAILED]
    act(signed_in(alice), batch, "retry", which="all")
    assert statuses(batch) == [QUEUED, QUEUED]


def test_retrying_over_budget_says_what_would_fit(alice: User) -> None:
    batch, _ = batch_of(alice, [FAILED] * 3)
    Budget.objects.update(person_per_day=2)
    response = act(signed_in(alice), batch, "retry")
    assert response.status_code == 429
    assert "2 of your 3 edits would fit" in response.content.decode()
    assert statuses(batch) == [FAILED] * 3


# --- The poll ---------------------------------------------------------------------------------------------


def test_the_poll_sends_only_what_changed(alice: User) -> None:
    batch, edits = batch_of(alice, [QUEUED, RUNNING, DONE])
    client = signed_in(alice)
    marks = marks_of(page(client, batch).content.decode())
    EditRequest.objects.filter(pk=edits[1].pk).update(
        status=FAILED, reason=Reason.BAD_RESULT, finished_at=timezone.now(), lease_until=None
    )
    text = poll(client, batch, marks).content.decode()
    assert re.findall(r'id="cell-([0-9a-f-]*)"', text) == [str(edits[1].public_id)]
    assert marks_of(text) != marks
    again = poll(client, batch, marks_of(text)).content.decode()
    assert 'id="cell-' not in again
    assert 'id="board-failures"' not in again


def test_a_page_that_shows_other_edits_is_loaded_again(alice: User) -> None:
    batch, edits = batch_of(alice, [QUEUED, DONE])
    client = signed_in(alice)
    marks = marks_of(page(client, batch).content.decode())
    EditRequest.objects.filter(pk=edits[1].pk).update(trashed_at=timezone.now())
    assert poll(client, batch, marks)["HX-Refresh"] == "true"


def test_the_poll_says_nothing_of_somebody_elses_batch(alice: User, bob: User, root: User) -> None:
    batch, _ = batch_of(alice, [QUEUED])
    for person in (bob, root):
        assert "board" not in poll(signed_in(person), batch, "").content.decode()


def test_a_batch_that_has_ended_is_not_polled(alice: User) -> None:
    batch, _ = batch_of(alice, [DONE, FAILED])
    assert "board-input polled" not in page(signed_in(alice), batch).content.decode()
