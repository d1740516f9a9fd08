"""Sweeping: nothing stays running or waiting for ever because somebody died or a message was lost."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from edits.models import Charged, EditRequest, Provider, Reason, ReturnedImage, Status, Upload, User
from edits.services.calls.running import run_edit
from edits.services.pictures.storing import picture_bytes
from edits.services.queue import maintenance
from edits.services.queue.claiming import QueueLimits, claim_next
from edits.services.queue.lease_safety import LeaseSafety
from edits.services.queue.leases import held, renew
from edits.services.queue.maintenance import report_alive, tidy, wake_for_waiting
from tests.conftest import signed_in
from tests.editors import LEASE, Editor, made
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, result_of
from tests.pictures import photo

LIMITS = QueueLimits(concurrent=3, per_minute=100)
NOW = timezone.now()
LATER = NOW + timedelta(seconds=31)


def return_lost(*, lease: timedelta, now: datetime) -> int:
    """A round of a worker that has kept its own leases long enough to take over others'."""
    return maintenance.return_lost(lease=lease, now=now, safety=steady_for(timedelta(hours=1)))


def steady_for(time: timedelta) -> LeaseSafety:
    clock = iter([0.0, time.total_seconds()])
    safety = LeaseSafety(monotonic=lambda: next(clock))
    safety.renewed(NOW)
    return safety


@pytest.fixture
def wakes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each wake-up that a sweep sends."""
    sent: list[int] = []
    monkeypatch.setattr(maintenance, "notify_worker", lambda: sent.append(1))
    return sent


def claim(edit: EditRequest) -> EditRequest:
    claimed = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
    assert claimed == edit
    return claimed


def test_an_edit_whose_worker_died_is_sent_once_more_with_the_same_seed(alice: User) -> None:
    edit = claim(edit_of(alice))
    assert return_lost(lease=LEASE, now=LATER) == 1
    edit.refresh_from_db()
    assert (edit.status, edit.lease_until) == (Status.QUEUED, None)
    assert [(a.fault, a.charged) for a in edit.attempts.all()] == [("no_answer", Charged.MAYBE)]
    again = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=LATER)
    assert again == edit
    editor = Editor([made()])
    run_edit(again, client_for=lambda _: editor, now=lambda: LATER)
    assert editor.calls[0].options.seed == edit.seed
    edit.refresh_from_db()
    assert edit.status == Status.SUCCEEDED


def test_an_edit_that_kills_its_workers_is_poison_after_the_second(alice: User) -> None:
    edit = claim(edit_of(alice))
    return_lost(lease=LEASE, now=LATER)
    claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=LATER)
    return_lost(lease=LEASE, now=LATER + timedelta(seconds=31))
    edit.refresh_from_db()
    assert (edit.status, edit.reason) == (Status.FAILED, Reason.INTERRUPTED)


def test_the_answer_of_a_worker_that_was_given_up_changes_nothing(alice: User) -> None:
    late = claim(edit_of(alice))
    return_lost(lease=LEASE, now=LATER)
    claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=LATER)
    run_edit(late, client_for=lambda _: Editor([made()]), now=lambda: LATER)
    edit = EditRequest.objects.get()
    assert (edit.status, edit.fence) == (Status.RUNNING, 2)
    assert not ReturnedImage.objects.exists()


def test_a_lease_that_is_renewed_is_not_taken(alice: User) -> None:
    edit = claim(edit_of(alice))
    with held(edit):
        assert renew(lease=LEASE, now=NOW + timedelta(seconds=20)) == 1
        assert return_lost(lease=LEASE, now=LATER) == 0
    assert renew(lease=LEASE, now=LATER) == 0


def test_a_worker_never_gives_up_what_it_runs_itself(alice: User) -> None:
    edit = claim(edit_of(alice))
    with held(edit):  # the database was locked for longer than the lease
        assert return_lost(lease=LEASE, now=LATER) == 0
    assert return_lost(lease=LEASE, now=LATER) == 1


def test_a_lost_lease_cannot_be_renewed_by_the_worker_that_lost_it(alice: User) -> None:
    edit = claim(edit_of(alice))
    EditRequest.objects.update(fence=2)
    with held(edit):
        assert renew(lease=LEASE, now=NOW) == 0


def test_forgotten_edits_are_woken_as_far_as_there_is_room(
    alice: User, wakes: list[int], settings: LazySettings
) -> None:
    settings.STEPFUN_MAX_CONCURRENT = 3
    for _ in range(5):
        edit_of(alice)
    edit_of(alice, status=Status.RUNNING)
    assert wake_for_waiting(lease=LEASE, now=timezone.now()) == len(wakes) == 2


def test_edits_that_wait_for_their_time_are_left_alone(alice: User, wakes: list[int]) -> None:
    edit_of(alice, not_before=LATER)
    assert wake_for_waiting(lease=LEASE, now=NOW) == 0
    assert wake_for_waiting(lease=LEASE, now=LATER) == len(wakes) == 1


def test_a_round_shows_that_the_worker_lives(db: None) -> None:
    report_alive(lease=LEASE, now=NOW)
    assert Provider.objects.get().worker_seen_at == NOW


def test_a_released_picture_gets_its_renditions(alice: User) -> None:
    edit = finished_edit_of(alice)
    tidy(lease=LEASE, now=timezone.now() + timedelta(minutes=2))
    edit.result.refresh_from_db()
    assert edit.result.thumb_320
    assert edit.result.placeholder


def test_a_picture_that_was_just_uploaded_gets_its_thumbnails(alice: User) -> None:
    now = timezone.now()
    page = signed_in(alice).post("/source/", {"image": SimpleUploadedFile("cat.jpg", photo())})
    assert page.status_code == 200
    assert not Upload.objects.get().thumb_320
    tidy(lease=LEASE, now=now)
    assert Upload.objects.get().thumb_320


def test_a_withheld_picture_gets_none(alice: User) -> None:
    edit = filtered_edit_of(alice)
    tidy(lease=LEASE, now=timezone.now() + timedelta(minutes=2))
    edit.result.refresh_from_db()
    assert not edit.result.thumb_320


def test_a_released_rerun_gets_its_receipt_late(alice: User) -> None:
    first = finished_edit_of(alice)
    again = edit_of(alice, status=Status.SUCCEEDED, rerun_of=first)
    result_of(again, picture_bytes(first.result.file))
    tidy(lease=LEASE, now=timezone.now() + timedelta(minutes=2))
    again.result.refresh_from_db()
    assert again.result.receipt == "identical"


def test_a_file_that_is_gone_keeps_no_other_from_its_thumbnails(alice: User) -> None:
    lost, kept = finished_edit_of(alice), finished_edit_of(alice)
    lost.result.file.storage.delete(str(lost.result.file.name))
    tidy(lease=LEASE, now=timezone.now() + timedelta(minutes=2))
    kept.result.refresh_from_db()
    assert kept.result.thumb_320
