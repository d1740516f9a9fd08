"""Edits that were under way in a backup: what became of them since nobody knows here, so nothing is bought twice."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from edits.http.edit_status import status_display
from edits.models import (
    Attempt,
    Charged,
    EditRequest,
    Reason,
    Status,
    User,
)
from edits.services.backups.restoring import restore
from edits.services.calls import spooling
from edits.services.calls.call_results import verified
from edits.services.calls.saving import save_spooled
from edits.services.queue.claiming import claim_next
from tests.backups import NOW, backup_in, fresh, wrong
from tests.conftest import signed_in
from tests.editors import LEASE, LIMITS, made
from tests.factories import edit_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def under_way(alice: User) -> dict[Status, EditRequest]:
    edit_of(alice)
    claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=timezone.now())
    running = EditRequest.objects.get()
    edits = {status: edit_of(alice, status=status) for status in (Status.SAVING, Status.QUEUED)}
    return edits | {Status.RUNNING: running}


def test_they_are_interrupted_and_not_sent_again(
    under_way: dict[Status, EditRequest], tmp_path: Path
) -> None:
    path = backup_in(tmp_path)
    fresh()
    assert restore(path, now=timezone.now()).interrupted == 3
    for edit in under_way.values():
        edit.refresh_from_db()
        assert (edit.status, edit.reason) == (Status.FAILED, Reason.INTERRUPTED)
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=timezone.now() + timedelta(days=1)) is None


def test_one_that_waited_is_not_said_to_have_run(
    under_way: dict[Status, EditRequest], tmp_path: Path
) -> None:
    path = backup_in(tmp_path)
    fresh()
    restore(path, now=timezone.now())
    said = {}
    for status, edit in under_way.items():
        edit.refresh_from_db()
        said[status] = status_display(edit, place=None, now=timezone.now())
    assert said[Status.QUEUED].title == "It was waiting when the backup was made"
    assert "may have been sent and charged since" in said[Status.QUEUED].detail
    assert "interrupted while it ran" in said[Status.RUNNING].title
    assert all(each.may_cost_again for each in said.values())


def test_the_open_call_may_have_been_charged(under_way: dict[Status, EditRequest], tmp_path: Path) -> None:
    path = backup_in(tmp_path)
    fresh()
    restore(path, now=timezone.now())
    attempt = Attempt.objects.get()
    assert (attempt.fault, attempt.charged) == ("no_answer", Charged.MAYBE)
    assert "2026-11-22 10:30 UTC" in attempt.detail
    assert attempt.ended_at


def test_the_queue_is_kept_where_nothing_ran_since(
    under_way: dict[Status, EditRequest], tmp_path: Path
) -> None:
    path = backup_in(tmp_path)
    fresh()
    assert restore(path, now=timezone.now(), keep_queue=True).interrupted == 2
    waiting = EditRequest.objects.queued().get()
    assert waiting == under_way[Status.QUEUED]
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=timezone.now()) == waiting


def test_their_owner_can_try_them_again(under_way: dict[Status, EditRequest], tmp_path: Path) -> None:
    path = backup_in(tmp_path)
    fresh()
    restore(path, now=timezone.now())
    client, edit = signed_in(User.objects.get()), under_way[Status.QUEUED]
    assert client.get(f"/edits/{edit.public_id}/").status_code == 200
    client.post(f"/edits/{edit.public_id}/retry/")
    edit.refresh_from_db()
    assert edit.status == Status.QUEUED


def test_a_paid_answer_that_waits_on_this_machine_is_stored_after_all(
    under_way: dict[Status, EditRequest], tmp_path: Path
) -> None:
    edit, path = under_way[Status.RUNNING], backup_in(tmp_path)
    spooling.spool_answer(edit, verified(made()), now=NOW).release()
    fresh()
    restore(path, now=timezone.now())
    assert save_spooled(lease=LEASE, now=timezone.now()) == 1
    edit.refresh_from_db()
    assert edit.status == Status.SUCCEEDED
    assert wrong() == []


def test_a_paid_answer_to_a_later_edit_never_comes_to_another_one(alice: User, tmp_path: Path) -> None:
    path = backup_in(tmp_path)
    edit_of(alice)
    later = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=timezone.now())
    assert later
    kept = spooling.spool_answer(later, verified(made()), now=NOW)
    kept.release()
    output = io.StringIO()
    call_command("restore", str(path), "--replace", stdout=output)
    assert "1 paid answers to edits that the backup does not know" in output.getvalue()
    assert save_spooled(lease=LEASE, now=timezone.now()) == 0
    assert kept.path
    kept.path.with_suffix(spooling.SET_ASIDE).unlink()
