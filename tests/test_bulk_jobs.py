"""Bulk actions on very many edits: done by workers in chunks, shown, canceled and undone exactly."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from edits.models import BulkChunk, BulkJob, EditRequest, JobAction, JobState, Star, Status, Tag, User
from edits.services.curating import bulk_jobs as service
from edits.services.curating.bulk_jobs import (
    KEPT_FOR,
    cancel_job,
    forget_bulk_jobs,
    run_bulk_jobs,
    start_job,
    undo_job,
)
from edits.services.curating.sharing import share_edit, star_edits
from edits.services.curating.tagging import tag_edits
from edits.services.curating.trashing import trash_edits
from edits.views import bulk as bulk_views
from edits.views import cursors
from tests.conftest import signed_in
from tests.factories import edit_of
from tests.test_bulk_whole_lists import many, said, with_all
from tests.test_models import refuses

NOW = timezone.now().replace(microsecond=0)
"""Pages show what ended within the last hour."""
LATER = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three edits make two chunks, and one more than two edits a job."""
    monkeypatch.setattr(service, "CHUNK", 2)
    monkeypatch.setattr(bulk_views, "MOST_IN_REQUEST", 2)


def job_of(owner: User, action: JobAction, names: tuple[str, ...] = ()) -> BulkJob:
    """A job about all that the person may see now."""
    edits = EditRequest.objects.visible_to(owner)
    return start_job(owner=owner, action=action, edits=edits, names=names, now=NOW)


def work(*, rounds: int = 1) -> None:
    """What a worker does."""
    for _ in range(rounds):
        run_bulk_jobs(lease=timedelta(seconds=60), now=LATER)


@pytest.fixture
def one_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that does one chunk and is then cut off."""
    monkeypatch.setattr(service, "CHUNKS_PER_ROUND", 1)


def state_of(job: BulkJob) -> tuple[str, int, int]:
    """Its state, and how many edits were done and changed."""
    job.refresh_from_db()
    return job.state, job.done, job.changed


class TestRounds:
    def test_a_job_is_done_and_its_marks_carry_its_moment(self, alice: User) -> None:
        many(alice, 5)
        job = job_of(alice, JobAction.TRASH)
        work()
        assert state_of(job) == (JobState.DONE, 5, 5)
        assert set(EditRequest.objects.values_list("trashed_at", flat=True)) == {NOW}

    def test_what_is_canceled_in_the_trash_ended_when_it_was_canceled(self, alice: User) -> None:
        edit_of(alice, status=Status.QUEUED)
        job_of(alice, JobAction.TRASH)
        work()
        assert EditRequest.objects.get().finished_at == LATER

    @pytest.mark.usefixtures("one_chunk")
    def test_a_cut_off_job_goes_on_where_it_stopped(self, alice: User) -> None:
        many(alice, 5)
        job = job_of(alice, JobAction.STAR)
        work()
        assert state_of(job) == (JobState.RUNNING, 2, 2)
        work(rounds=3)
        assert state_of(job) == (JobState.DONE, 5, 5)
        assert Star.objects.count() == 5

    def test_edits_that_come_later_are_not_touched(self, alice: User) -> None:
        many(alice, 3)
        job_of(alice, JobAction.TRASH)
        late = edit_of(alice)
        work()
        assert EditRequest.objects.not_trashed().get() == late

    def test_what_is_no_longer_shared_gets_no_star(self, alice: User, bob: User) -> None:
        many(alice, 3, status=Status.SUCCEEDED, shared_at=NOW)
        job = job_of(bob, JobAction.STAR)
        EditRequest.objects.update(shared_at=None)
        work()
        assert state_of(job) == (JobState.DONE, 3, 0)
        assert not Star.objects.exists()

    @pytest.mark.parametrize("action", [JobAction.SHARE, JobAction.TAG, JobAction.TRASH, JobAction.RESTORE])
    def test_others_edits_are_not_changed(self, alice: User, bob: User, action: JobAction) -> None:
        many(alice, 3, status=Status.SUCCEEDED, shared_at=NOW)
        before = list(EditRequest.objects.values())
        job = job_of(bob, action, ("harbor",))
        work()
        assert state_of(job) == (JobState.DONE, 3, 0)
        assert list(EditRequest.objects.values()) == before

    @pytest.mark.usefixtures("one_chunk")
    def test_it_stops_when_its_owner_is_deactivated(self, alice: User) -> None:
        many(alice, 5)
        job = job_of(alice, JobAction.TRASH)
        work()
        User.objects.filter(pk=alice.pk).update(is_active=False)
        work(rounds=3)
        assert state_of(job) == (JobState.CANCELED, 2, 2)

    @pytest.mark.usefixtures("one_chunk")
    def test_people_take_turns(self, alice: User, bob: User) -> None:
        for person in (alice, bob):
            many(person, 5)
        jobs = [job_of(alice, JobAction.TRASH), job_of(alice, JobAction.STAR), job_of(bob, JobAction.STAR)]
        work()
        assert [state_of(job)[1] for job in jobs] == [2, 0, 2]

    def test_ended_jobs_are_forgotten_after_a_week(self, alice: User) -> None:
        edit_of(alice)
        job_of(alice, JobAction.STAR)
        work()
        job_of(alice, JobAction.TRASH)
        lease = timedelta(seconds=60)
        forget_bulk_jobs(lease=lease, now=LATER + KEPT_FOR)
        assert BulkJob.objects.count() == 2
        forget_bulk_jobs(lease=lease, now=LATER + KEPT_FOR + timedelta(seconds=1))
        assert BulkJob.objects.get().state == JobState.RUNNING
        assert BulkChunk.objects.count() == 1


class TestCancelAndUndo:
    @pytest.mark.usefixtures("one_chunk")
    def test_a_canceled_job_changes_no_more_and_can_be_undone(self, alice: User) -> None:
        many(alice, 5)
        job = job_of(alice, JobAction.TRASH)
        work()
        assert cancel_job(owner=alice, public_id=job.public_id, now=LATER)
        assert not cancel_job(owner=alice, public_id=job.public_id, now=LATER)
        work()
        assert EditRequest.objects.trashed().count() == 2
        assert undo_job(owner=alice, public_id=job.public_id)
        work(rounds=2)
        assert state_of(job)[:2] == (JobState.UNDONE, 0)
        assert not EditRequest.objects.trashed().exists()

    def test_undo_leaves_what_was_so_before(self, alice: User) -> None:
        first, *_ = edits = many(alice, 5, status=Status.SUCCEEDED)
        mine = EditRequest.objects.filter(pk=first.pk)
        star_edits(user=alice, edits=mine, now=NOW - timedelta(days=1))
        share_edit(edit=first, with_source=True, now=NOW - timedelta(days=1))
        tag_edits(owner=alice, edits=mine, names=["harbor"])
        jobs = [
            job_of(alice, action, ("harbor",)) for action in (JobAction.STAR, JobAction.SHARE, JobAction.TAG)
        ]
        work()
        assert [state_of(job) for job in jobs] == [(JobState.DONE, 5, 4)] * 3
        assert Tag.objects.get().edits.count() == len(edits)
        for job in jobs:
            assert undo_job(owner=alice, public_id=job.public_id)
        work()
        assert {state_of(job)[0] for job in jobs} == {JobState.UNDONE}
        assert Star.objects.get().edit == first
        assert EditRequest.objects.shared().get() == first
        assert Tag.objects.get().edits.get() == first

    def test_what_was_thrown_away_before_stays_in_the_trash(self, alice: User) -> None:
        first, *_ = many(alice, 3)
        before = NOW - timedelta(days=1)
        trash_edits(owner=alice, edits=EditRequest.objects.filter(pk=first.pk), now=before)
        job = job_of(alice, JobAction.TRASH)
        work()
        undo_job(owner=alice, public_id=job.public_id)
        work()
        assert EditRequest.objects.trashed().get() == first

    def test_others_can_do_nothing_with_a_job(self, alice: User, bob: User) -> None:
        many(alice, 3)
        job = job_of(alice, JobAction.TRASH)
        assert not cancel_job(owner=bob, public_id=job.public_id, now=LATER)
        work()
        assert not undo_job(owner=bob, public_id=job.public_id)
        assert state_of(job)[0] == JobState.DONE

    def test_restoring_has_no_undo(self, alice: User) -> None:
        many(alice, 3, trashed_at=NOW)
        job = job_of(alice, JobAction.RESTORE)
        work()
        assert state_of(job) == (JobState.DONE, 3, 3)
        assert not undo_job(owner=alice, public_id=job.public_id)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("bulk_job_action_known", {"action": "purge"}),
        ("bulk_job_ends_once", {"state": JobState.DONE}),
        ("bulk_job_ends_once", {"ended_at": NOW}),
        ("bulk_job_ends_once", {"state": "lost"}),
        ("bulk_job_within_total", {"done": 2}),
    ],
)
def test_the_database_refuses_nonsense(alice: User, constraint: str, fields: dict[str, Any]) -> None:
    edit_of(alice)
    job_of(alice, JobAction.STAR)
    refuses(BulkJob.objects.all(), constraint, **fields)


def test_a_number_names_one_chunk(alice: User) -> None:
    many(alice, 3)
    job_of(alice, JobAction.STAR)
    refuses(BulkChunk.objects.filter(number=1), "bulk_chunk_once|number", number=0)


def pressed(client: Client, deed: str) -> BulkJob:
    """Press a button of the only job's strip."""
    job = BulkJob.objects.get()
    client.post(f"/edits/bulk/jobs/{job.public_id}/{deed}/")
    job.refresh_from_db()
    return job


class TestPages:
    def test_up_to_a_thousand_are_done_at_once(self, alice: User) -> None:
        many(alice, 2)
        assert said(with_all(signed_in(alice), "trash"))[0] == "Moved 2 edits to the trash."
        assert not BulkJob.objects.exists()

    def test_more_are_shown_until_they_are_done_and_can_be_undone(self, alice: User) -> None:
        many(alice, 3)
        client = signed_in(alice)
        with_all(client, "trash")
        assert not EditRequest.objects.trashed().exists()
        page = client.get("/history/").content.decode()
        assert "Moving edits to the trash · 0 of 3" in page
        assert 'hx-get="/edits/bulk/jobs/"' in page
        work()
        part = client.get("/edits/bulk/jobs/", headers={"HX-Request": "true"}).content.decode()
        assert "Moved 3 edits to the trash." in part
        assert "hx-get" not in part
        assert "Moved 3 edits to the trash." in client.get("/trash/").content.decode()
        assert pressed(client, "undo").state == JobState.UNDOING
        work()
        assert EditRequest.objects.not_trashed().count() == 3
        assert "Undone." in client.get("/history/").content.decode()

    def test_tags_are_read_before_a_job_begins(self, alice: User) -> None:
        many(alice, 3)
        client = signed_in(alice)
        with_all(client, "tag", names="!!")
        assert not BulkJob.objects.exists()
        with_all(client, "tag", names="Harbor, night")
        assert BulkJob.objects.get().names == ["harbor", "night"]
        work()
        assert Tag.objects.get(name="harbor").edits.count() == 3

    def test_a_canceled_job_says_what_it_did_until_it_is_closed(self, alice: User) -> None:
        many(alice, 3)
        client = signed_in(alice)
        with_all(client, "star")
        assert pressed(client, "cancel").state == JobState.CANCELED
        assert "Canceled." in client.get("/history/").content.decode()
        pressed(client, "close")
        assert "Canceled." not in client.get("/history/").content.decode()

    def test_only_a_page_from_before_the_end_offers_to_be_loaded_again(self, alice: User) -> None:
        many(alice, 3)
        client = signed_in(alice)
        with_all(client, "star")
        work()
        BulkJob.objects.update(ended_at=timezone.now())
        address = "/edits/bulk/jobs/?shown="
        before, after = (cursors.encode(timezone.now() + timedelta(minutes=by)) for by in (-1, 1))
        assert ">Reload<" in client.get(address + before).content.decode()
        for page in (address + after, address + "soon", "/history/"):
            assert ">Reload<" not in client.get(page).content.decode()

    def test_nobody_else_sees_it_or_stops_it(self, alice: User, bob: User) -> None:
        many(alice, 3)
        with_all(signed_in(alice), "star")
        client = signed_in(bob)
        assert "Starring" not in client.get("/edits/bulk/jobs/").content.decode()
        assert pressed(client, "cancel").state == JobState.RUNNING

    def test_an_ended_one_is_shown_for_an_hour(self, alice: User) -> None:
        edit_of(alice)
        job_of(alice, JobAction.STAR)
        ended = timezone.now() - timedelta(minutes=61)
        BulkJob.objects.update(state=JobState.DONE, ended_at=ended)
        assert "bulk-job " not in signed_in(alice).get("/history/").content.decode()
