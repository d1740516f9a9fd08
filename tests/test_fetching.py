"""Fetching: a paid picture whose link gave nothing at first is followed for as long as the link lives."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from edits.models import Attempt, Charged, EditRequest, Provider, Reason, Status, User
from edits.providers import ResultLost, UnsafeLink, Unusable, expires_at
from edits.services.calls import fetching, saving, spooling
from edits.services.calls.failures import record_interruption
from edits.services.calls.fetching import LINKS_LIVE_FOR, LONGEST, fetch_linked, keep_link
from edits.services.calls.saving import save_spooled
from edits.services.calls.unreadable import unreadable_of
from edits.services.pictures.storing import picture_bytes
from edits.services.queue.canceling import cancel_edit
from edits.services.queue.claiming import claim_next
from edits.services.queue.maintenance import FETCHING_TASKS, SAVING_TASKS
from tests.editors import LEASE, LIMITS, NOW, Editor, run
from tests.factories import edit_of, picture
from tests.stored import stored

LINK = "https://files.example/a.png?sig=secret"
MINUTE = timedelta(minutes=1)


def lost(*, may_come: bool = True, link: str = LINK) -> ResultLost:
    """What the client says of an answer whose link did not give its picture."""
    error = ResultLost("the result could not be fetched: HTTP 503", status=200, trace_id="t-1")
    error.link, error.may_come, error.seed, error.provider_id = link, may_come, 4711, "p-1"
    return error


@dataclass
class Files:
    """The host behind the links: fails so many times, then gives what it has."""

    content: bytes = b""
    errors: list[Exception] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def download(self, link: str, *, tries: int) -> bytes:
        assert tries == 1
        self.asked.append(link)
        if self.errors:
            raise self.errors.pop(0)
        return self.content


def fetch(files: Files, *, at: datetime) -> int:
    """A round of the worker."""
    return fetch_linked(lease=LEASE, now=at, client_for=lambda _: files)


def late(owner: User, *, link: str = LINK) -> EditRequest:
    """An edit whose picture is made, and was not to be had at once."""
    return run(edit_of(owner), Editor([lost(link=link)]))


def spooled() -> list[str]:
    return sorted(path.name for path in spooling.folder().iterdir())


def test_the_edit_waits_for_its_picture_and_gets_it(alice: User) -> None:
    edit = late(alice)
    assert (edit.status, edit.lease_until, edit.not_before) == (Status.SAVING, None, None)
    assert spooled() == [f"{edit.public_id}-1.link"]
    files = Files(data := picture(mark=3))
    assert fetch(files, at=NOW + MINUTE) == 1
    edit.refresh_from_db()
    assert (edit.status, edit.last_fault, edit.result.seed_used) == (Status.SUCCEEDED, "", 4711)
    assert picture_bytes(edit.result.file) == data
    assert files.asked == [LINK]
    assert spooled() == []


def test_what_it_cost_is_on_record_at_once_and_it_is_never_sent_again(alice: User) -> None:
    edit = late(alice)
    (attempt,) = edit.attempts.all()
    assert (attempt.charged, attempt.fault, attempt.status) == (Charged.YES, "", 200)
    assert (attempt.trace_id, attempt.provider_id) == ("t-1", "p-1")
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW + LINKS_LIVE_FOR) is None


@pytest.mark.slow
def test_it_is_asked_for_ever_more_seldom_until_the_link_is_dead(alice: User) -> None:
    edit = late(alice)
    files = Files(errors=[lost() for _ in range(100)])
    minutes = []
    for minute in range(1, 200):
        before = len(files.asked)
        fetch(files, at=NOW + minute * MINUTE)
        minutes += [minute] if len(files.asked) > before else []
    assert minutes == [1, 2, 4, 8, 16, 32, 62, 92, 122]
    edit.refresh_from_db()
    assert (edit.status, edit.reason, edit.last_fault) == (Status.FAILED, Reason.RESULT_LOST, "result_lost")
    assert spooled() == []


@pytest.mark.slow
def test_a_link_that_names_its_end_is_followed_until_then(alice: User) -> None:
    ends = int((NOW + timedelta(hours=5)).timestamp())
    edit = late(alice, link=f"https://files.example/a.png?Expires={ends}&Signature=x")
    files = Files(picture(), errors=[lost() for _ in range(9)])
    for minute in range(1, 200):
        fetch(files, at=NOW + minute * MINUTE)
    edit.refresh_from_db()
    assert edit.status == Status.SUCCEEDED


def test_a_link_that_lives_for_a_month_is_given_up_before_its_edit_is(alice: User) -> None:
    kept = keep_link(edit_of(alice), lost(link="https://files.example/a?Expires=4102444800"), now=NOW)
    assert kept is not None
    with kept:
        assert fetching.lives_until(kept) == NOW + LONGEST
    assert saving.GIVEN_UP_AFTER > LONGEST


@pytest.mark.parametrize(
    ("query", "end"),
    [
        ("?Expires=1800000000&Signature=x", datetime(2027, 1, 15, 8, 0, tzinfo=UTC)),
        ("?X-Amz-Date=20270115T080000Z&X-Amz-Expires=3600", datetime(2027, 1, 15, 9, 0, tzinfo=UTC)),
        ("?x-tos-date=20270115T080000Z&x-tos-expires=60", datetime(2027, 1, 15, 8, 1, tzinfo=UTC)),
        ("?X-Amz-Date=yesterday&X-Amz-Expires=3600", None),
        ("?X-Amz-Expires=3600", None),
        ("?Expires=" + "9" * 400, None),
        ("?Expires=soon", None),
        ("", None),
    ],
)
def test_the_end_of_a_link_is_read_where_it_is_written(query: str, end: datetime | None) -> None:
    assert expires_at("https://files.example/a.png" + query) == end


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (lost(may_come=False), Reason.RESULT_LOST),
        (Unusable("no picture"), Reason.BAD_RESULT),
        (UnsafeLink("private"), Reason.BAD_RESULT),
    ],
)
def test_what_no_further_try_mends_ends_it(alice: User, error: Exception, reason: Reason) -> None:
    edit = late(alice)
    assert fetch(Files(errors=[error]), at=NOW + MINUTE) == 1
    edit.refresh_from_db()
    assert (edit.status, edit.reason, spooled()) == (Status.FAILED, reason, [])
    (attempt,) = edit.attempts.all()
    assert (attempt.charged, attempt.detail) == (Charged.YES, str(error))
    assert attempt.fault


def test_a_link_that_says_there_is_nothing_is_not_kept(alice: User) -> None:
    edit = run(edit_of(alice), Editor([lost(may_come=False)]))
    assert (edit.status, edit.reason, spooled()) == (Status.FAILED, Reason.RESULT_LOST, [])


def test_bytes_that_are_no_picture_are_kept_for_the_administrator(alice: User) -> None:
    edit = late(alice)
    fetch(Files(b"GIF89a and so on"), at=NOW + MINUTE)
    edit.refresh_from_db()
    assert (edit.status, edit.reason) == (Status.FAILED, Reason.BAD_RESULT)
    path = unreadable_of(Attempt.objects.get())
    assert path is not None
    path.unlink()


def test_a_disk_that_does_not_take_the_link_loses_it_and_says_so(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    edit = edit_of(alice)
    monkeypatch.setattr(spooling.os, "fsync", full)
    run(edit, Editor([lost()]))
    assert (edit.status, edit.reason, spooled()) == (Status.FAILED, Reason.RESULT_LOST, [])


def test_a_canceled_edit_is_not_fetched(alice: User) -> None:
    edit = late(alice)
    assert cancel_edit(edit=edit, now=timezone.now())
    fetch(files := Files(picture()), at=NOW + MINUTE)
    edit.refresh_from_db()
    assert (edit.status, files.asked, spooled(), stored("results")) == (Status.CANCELED, [], [], [])


def test_a_deleted_edit_is_not_fetched(alice: User) -> None:
    late(alice).delete()
    fetch(files := Files(picture()), at=NOW + MINUTE)
    assert (files.asked, spooled()) == ([], [])


def test_after_a_restart_it_goes_on_also_where_the_edit_was_to_be_sent_again(alice: User) -> None:
    edit_of(alice)
    edit = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
    assert edit is not None
    kept = keep_link(edit, lost(), now=NOW)
    assert kept is not None
    kept.release()  # its worker was killed before it could say so
    record_interruption(edit, now=NOW, detail="The worker was lost.")
    fetch(Files(errors=[lost()]), at=NOW)
    edit.refresh_from_db()
    assert (edit.status, edit.last_fault) == (Status.SAVING, "result_lost")
    assert [(a.fault, a.charged) for a in edit.attempts.all()] == [("", Charged.YES)]
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW + MINUTE) is None


def test_a_picture_that_comes_while_the_storage_is_away_waits_for_it(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> str:
        raise OSError("bucket away")

    edit = late(alice)
    files = Files(picture())
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("edits.services.calls.recording.save_picture", away)
        assert fetch(files, at=NOW + MINUTE) == 0
    edit.refresh_from_db()
    assert (edit.status, edit.last_fault) == (Status.SAVING, "")  # its card speaks of our storage now
    assert spooled() == [f"{edit.public_id}-1.answer"]
    assert save_spooled(lease=LEASE, now=NOW + 2 * MINUTE) == 1
    edit.refresh_from_db()
    assert (edit.status, len(files.asked)) == (Status.SUCCEEDED, 1)


def test_a_database_that_is_away_costs_no_link(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("away")

    edit = late(alice)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(fetching, "spooled_edit", away)
        with pytest.raises(OperationalError):
            fetch(Files(picture()), at=NOW + MINUTE)
    assert fetch(Files(picture()), at=NOW + MINUTE) == 1
    edit.refresh_from_db()
    assert edit.status == Status.SUCCEEDED


def test_a_picture_that_comes_late_does_not_open_a_queue_that_was_held_since(alice: User) -> None:
    late(alice)
    Provider.objects.update(held_since=NOW, held_reason="HTTP 401", verified_at=None)
    assert fetch(Files(picture()), at=NOW + MINUTE) == 1
    assert Provider.objects.get().held_since == NOW


def test_answers_that_came_whole_do_not_wait_for_links(alice: User) -> None:
    late(alice)
    assert list(spooling.spooled_answers()) == []
    assert not saving.is_blocked.is_set()
    assert not set(FETCHING_TASKS) & set(SAVING_TASKS)  # rounds of their own, in threads of their own


def test_neither_log_nor_attempt_nor_edit_tells_the_link(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    edit = late(alice)
    fetch(Files(errors=[lost()]), at=NOW + MINUTE)
    fetch(Files(errors=[lost(may_come=False)]), at=NOW + 2 * MINUTE)
    edit.refresh_from_db()
    assert "sig=secret" not in caplog.text + edit.message + edit.attempts.get().detail
