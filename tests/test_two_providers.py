"""Two providers at once: fair to people over both, and trouble with one neither delays the other nor moves edits."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from edits.http.edit_status import status_display
from edits.models import FIRST, Attempt, AuditEntry, EditRequest, Provider, ProviderModel, Status, User
from edits.providers import NotAuthorized, ProviderError, RateLimited, Unreachable
from edits.services.calls.failures import record_fault
from edits.services.calls.running import run_edit
from edits.services.provider.keys import encrypt_key
from edits.services.queue.claiming import PROBE_EVERY, claim_next
from edits.services.queue.maintenance import wake_for_waiting
from tests.editors import LEASE, Editor, made
from tests.factories import edit_of, upload_of
from tests.second_provider import model_at, second_provider

NOW = timezone.now()
MINUTE = timedelta(minutes=1)
EDITS, WORKERS = 30, 4


@pytest.fixture
def gpu(db: None) -> Provider:
    """The second provider, with one model; calls to both have worked before."""
    provider = second_provider(stored_max_concurrent=4, stored_max_per_minute=20)
    model_at(provider)
    Provider.objects.update(verified_at=NOW - MINUTE)
    return provider


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.STEPFUN_MAX_CONCURRENT, settings.STEPFUN_MAX_PER_MINUTE = 2, 10


def at_gpu(owner: User, **fields: Any) -> EditRequest:
    """An edit that waits for the second provider."""
    return edit_of(owner, provider=Provider.objects.get(name="GPU"), model="flux", **fields)


def claim(now: datetime = NOW) -> EditRequest | None:
    """By the limits of the providers' own rows."""
    return claim_next(lease=LEASE, now=now)


def claimed(count: int, now: datetime = NOW) -> list[EditRequest]:
    """What so many claims give."""
    return [edit for edit in (claim(now) for _ in range(count)) if edit]


def where(edits: list[EditRequest]) -> Counter[str]:
    """How many go to which provider."""
    return Counter(edit.provider.slug for edit in edits)


def ends_with(edit: EditRequest, outcome: Any, *, at: datetime = NOW) -> EditRequest:
    """The call of a claimed edit ends so."""
    edit.refresh_from_db()
    editor = Editor([outcome])
    run_edit(edit, client_for=lambda _: editor, now=lambda: at)
    edit.refresh_from_db()
    return edit


def gpu_row() -> Provider:
    """As it is now."""
    return Provider.objects.get(name="GPU")


def first_row() -> Provider:
    """That of the settings, as it is now."""
    return Provider.objects.get(pk=FIRST)


class TestFairness:
    def test_who_has_fewer_running_is_next_wherever_they_run(
        self, alice: User, bob: User, gpu: Provider
    ) -> None:
        for _ in range(3):
            at_gpu(alice)
        edit_of(alice)
        edit_of(bob)
        at_gpu(bob)
        assert [edit.owner.username for edit in claimed(4)] == ["alice", "bob", "alice", "bob"]

    def test_a_full_provider_delays_nobody_who_waits_for_the_other(
        self, alice: User, bob: User, gpu: Provider
    ) -> None:
        for _ in range(5):
            edit_of(alice)
        last = at_gpu(bob)
        assert last in claimed(3)
        for _ in range(9):
            at_gpu(alice)
        assert where(claimed(20)) == {"gpu": 3}, "two of the first and four of the second run now"

    def test_ones_own_edits_for_a_free_provider_overtake_those_for_a_full_one(
        self, alice: User, gpu: Provider
    ) -> None:
        for _ in range(4):
            edit_of(alice)
        at_gpu(alice)
        assert where(claimed(9)) == {"stepfun": 2, "gpu": 1}


class TestLimits:
    def test_calls_at_once_are_counted_for_each_provider(self, alice: User, gpu: Provider) -> None:
        for _ in range(9):
            edit_of(alice)
            at_gpu(alice)
        assert where(claimed(20)) == {"stepfun": 2, "gpu": 4}

    def test_calls_of_a_minute_are_counted_for_each_provider(
        self, alice: User, gpu: Provider, settings: Settings
    ) -> None:
        settings.STEPFUN_MAX_CONCURRENT, settings.STEPFUN_MAX_PER_MINUTE = 50, 3
        Provider.objects.filter(pk=gpu.pk).update(stored_max_concurrent=50, stored_max_per_minute=5)
        for _ in range(9):
            edit_of(alice)
            at_gpu(alice)
        assert where(claimed(20)) == {"stepfun": 3, "gpu": 5}
        assert where(claimed(20, NOW + timedelta(seconds=61))) == {"stepfun": 3, "gpu": 4}

    def test_a_test_of_the_connection_takes_a_place_at_its_own_provider_only(
        self, alice: User, gpu: Provider
    ) -> None:
        Provider.objects.filter(pk=gpu.pk).update(test_until=NOW + MINUTE, tested_at=NOW)
        for _ in range(9):
            edit_of(alice)
            at_gpu(alice)
        assert where(claimed(20)) == {"stepfun": 2, "gpu": 3}

    def test_a_new_provider_is_tried_two_at_a_time_and_the_known_one_is_not(
        self, alice: User, gpu: Provider, settings: Settings
    ) -> None:
        settings.STEPFUN_MAX_CONCURRENT = 5
        Provider.objects.filter(pk=gpu.pk).update(verified_at=None)
        for _ in range(9):
            edit_of(alice)
            at_gpu(alice)
        assert where(claimed(20)) == {"stepfun": 5, "gpu": 2}

    def test_only_as_many_workers_are_woken_as_both_have_room_for(self, alice: User, gpu: Provider) -> None:
        for _ in range(9):
            edit_of(alice)
        at_gpu(alice)
        assert wake_for_waiting(lease=LEASE, now=NOW) == 3


STATES: list[dict[str, Any]] = [
    {"held_since": NOW, "held_reason": "HTTP 401", "probe_at": NOW + PROBE_EVERY},
    {"stopped_since": NOW, "stopped_by": "Root"},
    {"paused_since": NOW, "paused_until": NOW + MINUTE},
]


class TestTrouble:
    @pytest.mark.parametrize("state", STATES, ids=["held", "stopped", "paused"])
    @pytest.mark.parametrize("name", ["GPU", ""])
    def test_a_provider_that_takes_nothing_delays_the_other_not_at_all(
        self, state: dict[str, Any], name: str, alice: User, gpu: Provider
    ) -> None:
        Provider.objects.filter(name=name).update(**state)
        for _ in range(5):
            edit_of(alice)
            at_gpu(alice)
        free = {"stepfun": 2} if name else {"gpu": 4}
        assert where(claimed(9)) == free

    @pytest.mark.parametrize(
        "error",
        [
            NotAuthorized("HTTP 401", status=401),
            NotAuthorized("HTTP 402", status=402),
            Unreachable("self-signed", cause="tls"),
        ],
    )
    def test_a_fault_of_the_account_holds_this_provider_alone(
        self, error: ProviderError, alice: User, gpu: Provider
    ) -> None:
        edit = at_gpu(alice)
        assert claim() == edit
        ends_with(edit, error)
        assert (gpu_row().held_since, first_row().held_since) == (NOW, None)
        assert (edit.status, first_row().verified_at) == (Status.QUEUED, NOW - MINUTE)
        other = edit_of(alice)
        assert claim() == other
        ends_with(other, made())
        assert gpu_row().held_since == NOW, "what the other one answers says nothing of this one"

    def test_a_429_pauses_this_provider_alone(self, alice: User, gpu: Provider) -> None:
        busy = RateLimited("HTTP 429", status=429)
        busy.retry_after = 30.0
        edit = at_gpu(alice)
        assert claim()
        ends_with(edit, busy)
        assert (gpu_row().paused_until, first_row().paused_until) == (NOW + timedelta(seconds=30), None)
        at_gpu(alice)
        edit_of(alice)
        assert where(claimed(3)) == {"stepfun": 1}

    def test_an_answer_lets_only_its_own_providers_edits_go_on_at_once(
        self, alice: User, gpu: Provider
    ) -> None:
        later = NOW + MINUTE
        mine, others = (
            at_gpu(alice, last_fault="not_sent", not_before=later),
            edit_of(alice, last_fault="not_sent", not_before=later),
        )
        edit = at_gpu(alice)
        assert claim() == edit
        ends_with(edit, made())
        mine.refresh_from_db()
        others.refresh_from_db()
        assert (mine.not_before, others.not_before) == (None, later)

    def test_a_key_that_cannot_be_read_holds_this_provider_and_sends_nothing(
        self, alice: User, gpu: Provider, settings: Settings
    ) -> None:
        Provider.objects.filter(pk=gpu.pk).update(encrypted_key=encrypt_key("sk-secret"))
        settings.SECRET_KEY = "another one " * 5
        at_gpu(alice)
        edit = claim()
        assert edit
        run_edit(edit, now=lambda: NOW)
        edit.refresh_from_db()
        assert (edit.status, edit.attempts.get().charged) == (Status.QUEUED, "no")
        assert "SECRET_KEY has changed" in gpu_row().held_reason
        assert "sk-secret" not in gpu_row().held_reason
        assert first_row().held_since is None

    def test_a_success_that_began_before_the_hold_does_not_open_it(self, alice: User, gpu: Provider) -> None:
        slow, refused, probe = (at_gpu(alice) for _ in range(3))
        assert claimed(2) == [slow, refused]
        at = NOW + timedelta(seconds=5)
        ends_with(refused, NotAuthorized("HTTP 402", status=402), at=at)
        ends_with(slow, made(), at=at + timedelta(seconds=5))
        assert slow.status == Status.SUCCEEDED
        assert gpu_row().held_since == at
        assert claim(at + timedelta(seconds=6)) is None
        assert claim(at + PROBE_EVERY) == probe
        ends_with(probe, made(), at=at + PROBE_EVERY)
        assert gpu_row().held_since is None

    @pytest.mark.django_db(transaction=True)
    def test_a_hold_is_mailed_once_though_its_transaction_is_repeated(
        self, root: User, alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("edits.services.team.mailing.in_background", lambda job: job())
        monkeypatch.setattr(
            "edits.services.provider.alerting.tell_administrators_held.__kwdefaults__", {"run": _now}
        )
        settings.MAIL_IS_SET_UP = True
        model_at(second_provider())
        edit = at_gpu(alice)
        assert claim() == edit
        error = NotAuthorized("HTTP 401", status=401)
        edit.refresh_from_db()

        @transaction.atomic
        def cut_off() -> None:
            record_fault(edit, error, now=NOW)
            raise DatabaseError("the connection broke")

        with pytest.raises(DatabaseError):
            cut_off()
        assert mail.outbox == []
        record_fault(edit, error, now=NOW + timedelta(seconds=2))
        record_fault(edit, error, now=NOW + timedelta(seconds=4))
        assert [message.subject for message in mail.outbox] == ["Retake: GPU is on hold"]
        assert AuditEntry.objects.filter(action="held the queue").count() == 1


def _now(job: Any) -> None:
    """Here, where a worker mails beside its work."""
    job()


class TestGone:
    """What waits for a model that is gone stays where it is."""

    @pytest.mark.parametrize("gone", ["off", "removed", "provider"])
    def test_nothing_is_sent_elsewhere(self, gone: str, alice: User, gpu: Provider) -> None:
        edit = at_gpu(alice)
        if gone == "off":
            ProviderModel.objects.filter(provider=gpu).update(is_on=False)
        elif gone == "removed":
            ProviderModel.objects.filter(provider=gpu).delete()
        else:
            Provider.objects.filter(pk=gpu.pk).update(removed_at=NOW)
        assert claim() is None
        other = edit_of(alice)
        assert claimed(3) == [other]
        edit.refresh_from_db()
        assert (edit.status, edit.provider_id, edit.model) == (Status.QUEUED, gpu.pk, "flux")
        assert not edit.attempts.exists()
        card = EditRequest.objects.with_cards(alice).get(pk=edit.pk)
        assert status_display(card, place=None, now=NOW).title == "flux is no longer available"

    def test_it_goes_on_when_its_model_is_back(self, alice: User, gpu: Provider) -> None:
        edit = at_gpu(alice)
        ProviderModel.objects.filter(provider=gpu).update(is_on=False)
        assert claim() is None
        ProviderModel.objects.filter(provider=gpu).update(is_on=True)
        assert claim() == edit


def test_each_edit_is_sent_to_its_own_address_under_its_own_name(alice: User, gpu: Provider) -> None:
    edits = [edit_of(alice), at_gpu(alice)]
    for edit in claimed(2):
        ends_with(edit, made())
    hosts = {
        attempt.edit_id: (attempt.account_id, attempt.host, attempt.model)
        for attempt in Attempt.objects.all()
    }
    assert hosts[edits[1].pk] == (gpu.pk, "127.0.0.1:9", "flux")
    assert hosts[edits[0].pk][0] == FIRST
    assert hosts[edits[0].pk][1] != "127.0.0.1:9"


@transaction.atomic
def _is_over(edit: EditRequest) -> None:
    """Its call has ended, and its place is free."""
    now = timezone.now()
    Attempt.objects.filter(edit=edit).update(ended_at=now)
    done = EditRequest.objects.filter(pk=edit.pk)
    done.update(status=Status.CANCELED, finished_at=now, lease_until=None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_four_workers_at_once_keep_the_limits_of_both(alice: User, bob: User, settings: Settings) -> None:
    settings.STEPFUN_MAX_CONCURRENT, settings.STEPFUN_MAX_PER_MINUTE = 1, 1000
    model_at(gpu := second_provider(stored_max_concurrent=2, stored_max_per_minute=1000))
    Provider.objects.update(verified_at=NOW)
    upload = upload_of()
    for number in range(EDITS):
        make = at_gpu if number % 2 else edit_of
        make(alice if number % 3 else bob, upload=upload)
    together, changed = threading.Barrier(WORKERS, timeout=60), threading.Condition()
    running, most = Counter[int](), Counter[int]()

    def work(_: int) -> list[int]:
        mine = []
        try:
            together.wait()
            while EditRequest.objects.queued().exists() and time.monotonic() < end:
                edit = claim_next(lease=LEASE, now=timezone.now())
                with changed:
                    if edit is None:  # both are full: until one of the others is done
                        changed.wait(timeout=1)
                        continue
                    running[edit.provider_id] += 1
                    most[edit.provider_id] = max(most[edit.provider_id], running[edit.provider_id])
                mine.append(edit.pk)
                with changed:
                    running[edit.provider_id] -= 1
                _is_over(edit)
                with changed:
                    changed.notify_all()
        finally:
            connection.close()
        return mine

    end = time.monotonic() + 120
    with ThreadPoolExecutor(WORKERS) as pool:
        counted = Counter(pk for mine in pool.map(work, range(WORKERS)) for pk in mine)
    assert counted == Counter(EditRequest.objects.values_list("pk", flat=True))
    assert most[FIRST] == 1
    assert most[gpu.pk] <= 2
    assert Counter(Attempt.objects.values_list("account", flat=True)) == {
        FIRST: EDITS // 2,
        gpu.pk: EDITS // 2,
    }
