"""What a stopped worker left undrawn: its machine's next worker draws it at once, nobody else does."""

from datetime import datetime, timedelta
from queue import Empty, Queue

import pytest

from edits import tasks
from edits.models import Attempt, EditRequest, ReturnedImage, User
from edits.services.calls.running import run_edit
from edits.services.pictures.renditions import JUST_DONE, undrawn
from edits.services.queue.claiming import MACHINE, claim_next
from tests.editors import LEASE, LIMITS, NOW, Editor, made, stopped
from tests.factories import edit_of, picture

SOON = NOW + timedelta(seconds=5)


class Enough(BaseException):
    """Nothing more to draw."""


class Orders(Queue[EditRequest]):
    """A queue that ends with its last edit."""

    def get(self, block: bool = True, timeout: float | None = None) -> EditRequest:
        try:
            return super().get(block=False)
        except Empty:
            raise Enough from None


def left_by_a_stop(owner: User, *, at: datetime = NOW, editor: Editor | None = None) -> EditRequest:
    """An edit that is done and stored, and whose worker was stopped before it drew."""
    edit_of(owner)
    edit = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=at)
    assert edit
    answers = editor or Editor([made(picture(mark=edit.pk % 200))])
    run_edit(edit, client_for=lambda _: answers, now=lambda: at, render=lambda _: None)
    return edit


def test_the_next_worker_draws_it_before_anything_else(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    edits = [left_by_a_stop(alice) for _ in range(2)]
    monkeypatch.setattr(tasks.connection, "close", lambda: None)  # the test's transaction needs it
    monkeypatch.setattr(tasks.timezone, "now", lambda: SOON)
    with pytest.raises(Enough):
        tasks.keep_rendering(Orders())
    drawn = ReturnedImage.objects.exclude(thumb_320="").order_by("pk")
    assert [result.edit for result in drawn] == edits


def test_a_database_that_is_away_does_not_end_the_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: object) -> list[EditRequest]:
        raise OSError("away")

    monkeypatch.setattr(tasks, "undrawn", away)
    with pytest.raises(Enough):
        tasks.keep_rendering(Orders())


def test_what_another_machine_has_just_done_is_left_to_it(alice: User) -> None:
    left_by_a_stop(alice)
    Attempt.objects.update(worker="another machine")
    assert undrawn(worker=MACHINE, now=SOON) == []


def test_what_is_older_is_left_to_the_sweep(alice: User) -> None:
    left_by_a_stop(alice)
    assert undrawn(worker=MACHINE, now=NOW + JUST_DONE + timedelta(seconds=1)) == []


def test_a_withheld_picture_is_not_drawn(alice: User) -> None:
    left_by_a_stop(alice, editor=Editor([stopped(data=picture())]))
    assert undrawn(worker=MACHINE, now=SOON) == []
