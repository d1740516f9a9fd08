"""The worker's entry: woken, it works off what may be sent, over real HTTP to a provider of our own."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from edits import tasks
from edits.models import EditRequest, Provider, Reason, Status, User
from tests.factories import edit_of, upload_of
from tests.provider import provider


@pytest.fixture(autouse=True)
def _fresh_worker(settings: Settings) -> Iterator[None]:
    settings.STEPFUN_MAX_PER_MINUTE = 1000
    yield
    tasks.stopping.clear()


def statuses() -> list[str]:
    return list(EditRequest.objects.order_by("pk").values_list("status", flat=True))


def test_one_wake_up_works_off_the_whole_queue(alice: User, bob: User, settings: Settings) -> None:
    for owner in (alice, bob, alice):
        edit_of(owner)
    with provider("ok") as stepfun:
        settings.STEPFUN_BASE_URL = stepfun.base_url
        tasks.work()
        assert stepfun.calls == 3
    assert statuses() == [Status.SUCCEEDED] * 3


def test_each_edit_is_sent_as_it_was_asked_for(alice: User, settings: Settings) -> None:
    edit_of(alice, upload=upload_of(width_px=120, height_px=90), prompt="sepia", seed=99, cfg_scale=7.5)
    with provider("ok") as stepfun:
        settings.STEPFUN_BASE_URL = stepfun.base_url
        tasks.work()
        (received,) = stepfun.received
    assert received.fields["prompt"] == "sepia"
    assert (received.fields["seed"], received.fields["cfg_scale"]) == ("99", "7.5")
    assert (received.fields["model"], received.fields["response_format"]) == ("step-1x-edit", "b64_json")
    assert received.headers["Authorization"] == "Bearer test-key"


def test_two_pictures_are_never_swapped(alice: User, settings: Settings) -> None:
    with provider("ok") as stepfun:
        settings.STEPFUN_BASE_URL = stepfun.base_url
        edits = [edit_of(alice, prompt=f"prompt {number}", seed=number + 1) for number in range(4)]
        tasks.work()
    hashes = {EditRequest.objects.get(pk=edit.pk).result.sha256 for edit in edits}
    assert len(hashes) == 4


def test_a_wrong_key_costs_one_call_and_keeps_every_edit(alice: User, settings: Settings) -> None:
    for _ in range(20):
        edit_of(alice)
    with provider("401") as stepfun:
        settings.STEPFUN_BASE_URL = stepfun.base_url
        tasks.work()
        tasks.work()
        assert stepfun.calls == 1
    assert statuses() == [Status.QUEUED] * 20
    assert Provider.objects.get().held_since


def test_no_answer_is_never_asked_for_twice(alice: User, settings: Settings) -> None:
    edit = edit_of(alice)
    with provider("reset_after_body") as stepfun:
        settings.STEPFUN_BASE_URL = stepfun.base_url
        tasks.work()
        tasks.work()
        assert stepfun.calls == 1
    edit.refresh_from_db()
    assert (edit.status, edit.reason) == (Status.FAILED, Reason.OUTCOME_UNKNOWN)


def test_a_worker_that_is_asked_to_stop_begins_nothing_more(alice: User) -> None:
    edit_of(alice)
    tasks.stop_claiming()
    tasks.work()
    assert statuses() == [Status.QUEUED]


def test_a_step_that_fails_keeps_no_other_from_its_turn() -> None:
    stop, rounds = threading.Event(), []

    def failing(**_: Any) -> None:
        raise OSError("the storage is away")

    def counting(**_: Any) -> None:
        rounds.append(1)
        if len(rounds) == 3:
            stop.set()

    tasks.keep_running(stop, steps=(failing, counting), every=timedelta(0))
    assert len(rounds) == 3


def test_a_step_that_hangs_lets_no_lease_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, alive = threading.Event(), threading.Event()

    def hangs(**_: Any) -> None:
        hanging.wait(timeout=10)

    def lives(**_: Any) -> None:
        alive.set()
        hanging.wait(timeout=10)

    monkeypatch.setattr(tasks, "keep_rendering", lambda _: None)
    monkeypatch.setattr(tasks, "keep_telling", lambda _: None)
    monkeypatch.setattr(tasks, "UNTIL_THE_END", ((hangs,), (lives,)))
    monkeypatch.setattr(tasks, "UNTIL_A_STOP", ((hangs,),))
    monkeypatch.setattr(tasks, "keep_running", lambda stop, *, steps, every: [step() for step in steps])
    tasks.start_maintenance()
    assert alive.wait(timeout=5)
    hanging.set()


def test_who_is_first_in_line_claims_for_those_behind(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, line = list[int](), tasks.Line()
    edits = [edit_of(alice) for _ in range(3)]

    def claim_edits(*, most: int, **_: Any) -> list[EditRequest]:
        asked.append(most)
        return edits if len(asked) == 1 else []

    monkeypatch.setattr(tasks, "claim_edits", claim_edits)
    lease = timedelta(seconds=30)
    assert [line.claim(lease=lease) for _ in range(4)] == [*edits, None]
    assert asked == [1, 1]
