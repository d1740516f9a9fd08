"""The canary: one call a day and never two, within the account's limits, outside budgets, galleries and the queue."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from edits.model_specs import Bounds, ModelSpec
from edits.models import (
    Attempt,
    AuditEntry,
    CanaryRun,
    CanarySkip,
    EditRequest,
    Provider,
    ProviderModel,
    ReturnedImage,
    SpentDay,
    Status,
    Upload,
    User,
)
from edits.providers import (
    Client,
    GatewayFailed,
    NotAuthorized,
    ProviderError,
    RateLimited,
    ServerFailed,
    Unanswered,
    Unreachable,
)
from edits.services.canary import daily_at, forget_old_runs, run_due_canaries, switch_canary
from edits.services.canary.daily_run import Tools
from edits.services.canary.fixed_edit import canary_call
from edits.services.queue.claiming import QueueLimits, claim_next
from edits.services.queue.lease_safety import LeaseSafety
from tests.editors import LEASE, Editor, made, stopped
from tests.factories import default_model, edit_of, picture
from tests.provider import provider

SIX = datetime(2026, 11, 3, 6, 0, tzinfo=ZoneInfo("UTC"))
DAY = timedelta(days=1)
PICTURE = picture(mark=1)


@pytest.fixture
def model(db: None) -> ProviderModel:
    """The default model with its canary on, due today at its time."""
    row = default_model()
    switch_on(row, now=SIX - timedelta(hours=3))
    return default_model()


def switch_on(model: ProviderModel, *, now: datetime, on: bool = True) -> bool:
    root = User.objects.filter(username="root").first() or User.objects.create_superuser("root", "", "x")
    return switch_canary(model=model, on=on, actor=root, now=now)


def round_at(now: datetime, editor: Any, **limits: Any) -> int:
    """One round of the worker."""
    wide = QueueLimits(**({"concurrent": 5, "per_minute": 60} | limits))
    watch = iter([10.0, 14.5] * 50)
    tools = Tools(
        client_for=lambda _: editor,
        limits_of=lambda _: wide,
        read_clock=lambda: now,
        stopwatch=lambda: next(watch),
    )
    return run_due_canaries(lease=LEASE, now=now, tools=tools)


def due(model: ProviderModel) -> datetime:
    at = ProviderModel.objects.get(pk=model.pk).canary_due_at
    assert at is not None
    return at


def provider_row(**fields: Any) -> Provider:
    Provider.objects.update(**fields)
    return Provider.objects.get()


class TestWhenItIsDue:
    def test_it_is_off_until_somebody_switches_it_on(self, db: None) -> None:
        editor = Editor([made()])
        assert round_at(SIX + DAY, editor) == 0
        assert editor.calls == []

    def test_it_begins_at_six_in_the_installation_s_time_zone(self, db: None, settings: Settings) -> None:
        settings.TIME_ZONE = "Asia/Shanghai"
        model = default_model()
        switch_on(model, now=SIX)
        at = due(model).astimezone(ZoneInfo("Asia/Shanghai"))
        assert (at.day, at.hour, at.time()) == (4, 6, daily_at(model))

    def test_models_are_spread_over_the_hour(self) -> None:
        times = {daily_at(ProviderModel(pk=pk)) for pk in range(1, 61)}
        assert len(times) == 60
        assert {at.hour for at in times} == {6}

    def test_it_runs_once_a_day(self, model: ProviderModel) -> None:
        editor = Editor([made(PICTURE)])
        for minutes in (-180, 59, 60, 61, 600, 1000):
            round_at(SIX + timedelta(minutes=minutes), editor)
        assert len(editor.calls) == 1
        for minutes in (60, 61, 600):
            round_at(SIX + DAY + timedelta(minutes=minutes), editor)
        assert len(editor.calls) == 2

    def test_one_that_comes_late_does_not_make_the_next_one_early(self, model: ProviderModel) -> None:
        editor = Editor([made(PICTURE)])
        night = SIX + DAY - timedelta(hours=1)
        round_at(night, editor)
        round_at(SIX + DAY + timedelta(hours=1), editor)
        assert len(editor.calls) == 1
        assert due(model) == datetime.combine(
            (night + DAY).date(), daily_at(model), tzinfo=timezone.get_default_timezone()
        )

    def test_switching_it_off_and_on_does_not_make_a_second_call(self, model: ProviderModel) -> None:
        editor = Editor([made(PICTURE)])
        round_at(SIX + timedelta(hours=1), editor)
        CanaryRun.objects.update(began_at=SIX - timedelta(hours=1))
        switch_on(model, now=SIX - timedelta(minutes=30), on=False)
        assert switch_on(model, now=SIX - timedelta(minutes=20))
        round_at(SIX + timedelta(hours=1), editor)
        assert len(editor.calls) == 1

    def test_switching_is_in_the_audit_log_once(self, root: User) -> None:
        model = default_model()
        assert switch_canary(model=model, on=True, actor=root, now=SIX)
        assert not switch_canary(model=model, on=True, actor=root, now=SIX)
        assert switch_canary(model=model, on=False, actor=root, now=SIX)
        entries = AuditEntry.objects.order_by("pk").values_list("actor", "action", "subject")
        assert list(entries) == [
            (root.pk, "switched a canary on", model.full_id),
            (root.pk, "switched a canary off", model.full_id),
        ]

    def test_a_model_that_is_not_offered_has_none(self, db: None) -> None:
        other = ProviderModel.objects.get(name="step-image-edit-2")
        switch_on(other, now=SIX - timedelta(hours=3))
        editor = Editor([made()])
        round_at(SIX + timedelta(hours=1), editor)
        assert editor.calls == []
        assert not CanaryRun.objects.exists()

    def test_a_machine_whose_clock_is_wrong_runs_none(self, model: ProviderModel) -> None:
        wrong, editor = LeaseSafety(), Editor([made()])
        wrong.clock_is_right = False
        now = SIX + timedelta(hours=1)
        tools = Tools(client_for=lambda _: editor, read_clock=lambda: now)
        assert run_due_canaries(lease=LEASE, now=now, tools=tools, safety=wrong) == 0
        assert editor.calls == []


class TestWhatIsSent:
    def test_the_same_and_the_least_each_day(self, model: ProviderModel) -> None:
        editor = Editor([made(PICTURE)])
        round_at(SIX + timedelta(hours=1), editor)
        round_at(SIX + DAY + timedelta(hours=1), editor)
        first, second = editor.calls
        assert first == second
        options = first.options
        assert (options.steps, options.size) == (1, "512x512")
        assert options.seed
        assert len(first.pictures) == 1
        assert len(first.pictures[0].data) < 4000

    def test_a_model_gets_only_what_it_takes(self, db: None) -> None:
        spec = ModelSpec(
            name="m", sizes=("auto", "1024x1024"), default_size="auto", qualities=("low", "high")
        )
        call = canary_call(ProviderModel(name="m", provider=Provider(), spec_json=spec.to_json()))
        assert call.options.seed is call.options.steps is call.options.cfg_scale is None
        assert (call.options.size, call.options.quality) == ("1024x1024", "low")
        few = ModelSpec(name="m", steps=Bounds(4, 50, 20), takes_seed=True)
        call = canary_call(ProviderModel(name="m", provider=Provider(), spec_json=few.to_json()))
        assert (call.options.steps, call.options.size) == (4, "")

    def test_it_goes_out_over_http_like_an_edit(self, model: ProviderModel, settings: Settings) -> None:
        now = SIX + timedelta(hours=1)
        with provider("ok") as stepfun:
            settings.STEPFUN_BASE_URL = stepfun.base_url
            assert run_due_canaries(lease=LEASE, now=now, tools=Tools(read_clock=lambda: now)) == 1
            assert stepfun.calls == 1
            assert stepfun.received[0].fields["model"] == "step-1x-edit"
        run = CanaryRun.objects.get()
        assert (run.status, run.fault, run.charged) == (200, "", "yes")
        assert run.seconds is not None

    def test_nothing_of_it_is_an_edit(self, model: ProviderModel) -> None:
        round_at(SIX + timedelta(hours=1), Editor([made(PICTURE)]))
        for table in (EditRequest, Attempt, ReturnedImage, Upload, SpentDay):
            assert not table.objects.exists(), table


class TestMoney:
    @pytest.mark.parametrize(
        "fault",
        [
            Unanswered("no answer"),
            GatewayFailed("502", status=502),
            ServerFailed("503", status=503),
            NotAuthorized("401", status=401),
            Unreachable("refused", cause="refused"),
        ],
        ids=lambda fault: type(fault).__name__,
    )
    def test_no_fault_makes_a_second_call(self, model: ProviderModel, fault: ProviderError) -> None:
        editor = Editor([fault])
        for minutes in (60, 61, 120, 900):
            round_at(SIX + timedelta(minutes=minutes), editor)
        assert len(editor.calls) == 1
        run = CanaryRun.objects.get()
        assert (run.fault, run.charged, run.status) == (fault.fault, fault.charged, fault.status)
        assert run.has_failed
        assert run.seconds == 4.5

    @pytest.mark.parametrize(
        ("outcome", "cost"),
        [(made(PICTURE), "0.0200"), (Unanswered("no"), "0.0200"), (ServerFailed("5"), None)],
    )
    def test_its_price_is_on_record_where_it_may_be_charged(
        self, model: ProviderModel, outcome: Any, cost: str | None
    ) -> None:
        ProviderModel.objects.filter(pk=model.pk).update(price="0.02")
        round_at(SIX + timedelta(hours=1), Editor([outcome]))
        found = CanaryRun.objects.get().cost
        assert (str(found) if found is not None else None) == cost

    def test_a_worker_that_is_killed_in_the_call_does_not_call_again_that_day(
        self, model: ProviderModel
    ) -> None:
        class Killed(BaseException):
            """As kill -9: nothing behind it runs but what the interpreter unwinds."""

        def die() -> None:
            raise Killed

        editor = Editor([made(PICTURE)], while_running=die)
        with pytest.raises(Killed):
            round_at(SIX + timedelta(hours=1), editor)
        run = CanaryRun.objects.get()
        assert (run.is_open, run.charged, run.picture) == (True, "maybe", "")
        round_at(SIX + timedelta(hours=2), editor)
        assert len(editor.calls) == 1

    def test_two_workers_make_one_call(self, model: ProviderModel) -> None:
        now, second = SIX + timedelta(hours=1), Editor([made(PICTURE)])
        first = Editor([made(PICTURE)], while_running=lambda: made_by_second.append(round_at(now, second)))
        made_by_second: list[int] = []
        assert round_at(now, first) == 1
        assert made_by_second == [0]
        assert (len(first.calls), second.calls, CanaryRun.objects.count()) == (1, [], 1)

    def test_a_day_that_another_worker_claimed_in_this_moment_is_not_claimed_again(
        self, model: ProviderModel
    ) -> None:
        now, editor = SIX + timedelta(hours=1), Editor([made(PICTURE)])

        def claimed_meanwhile() -> datetime:
            ProviderModel.objects.filter(pk=model.pk).update(canary_due_at=SIX + DAY)
            return now

        tools = Tools(client_for=lambda _: editor, read_clock=claimed_meanwhile)
        assert run_due_canaries(lease=LEASE, now=now, tools=tools) == 0
        assert editor.calls == []
        assert not CanaryRun.objects.exists()


class TestTheAccount:
    @pytest.mark.parametrize(
        ("fields", "skip"),
        [
            ({"held_since": SIX, "held_reason": "HTTP 401"}, CanarySkip.HELD),
            ({"stopped_since": SIX, "stopped_by": "root"}, CanarySkip.STOPPED),
            ({"paused_until": SIX + timedelta(hours=2)}, CanarySkip.PAUSED),
        ],
    )
    def test_a_day_is_skipped_and_said_while_nothing_is_sent(
        self, model: ProviderModel, fields: dict[str, Any], skip: str
    ) -> None:
        provider_row(**fields)
        editor = Editor([made(PICTURE)])
        assert round_at(SIX + timedelta(hours=1), editor) == 0
        run = CanaryRun.objects.get()
        assert (run.skipped, run.charged, run.cost, run.is_skipped, run.has_failed) == (
            skip,
            "no",
            None,
            True,
            False,
        )
        provider_row(held_since=None, held_reason="", stopped_since=None, stopped_by="", paused_until=None)
        round_at(SIX + timedelta(hours=3), editor)
        assert editor.calls == [], "the day is over for it"

    def test_it_waits_while_the_account_is_full(self, model: ProviderModel, alice: User) -> None:
        edit = edit_of(alice, status=Status.RUNNING)
        editor, now = Editor([made(PICTURE)]), SIX + timedelta(hours=1)
        assert round_at(now, editor, concurrent=1) == 0
        assert not CanaryRun.objects.exists()
        EditRequest.objects.filter(pk=edit.pk).update(
            status=Status.CANCELED, lease_until=None, finished_at=now
        )
        assert round_at(now, editor, concurrent=1) == 1

    def test_it_waits_for_an_administrator_s_test_to_end(self, model: ProviderModel) -> None:
        now = SIX + timedelta(hours=1)
        provider_row(tested_at=now - timedelta(seconds=30), test_until=None)
        editor = Editor([made(PICTURE)])
        assert round_at(now, editor) == 0
        assert round_at(now + timedelta(minutes=1), editor) == 1

    def test_it_takes_a_place_while_it_runs(self, model: ProviderModel, alice: User) -> None:
        edit_of(alice, queued_at=SIX)
        now, narrow = SIX + timedelta(hours=1), QueueLimits(concurrent=1, per_minute=60)
        claimed: list[EditRequest | None] = []
        editor = Editor(
            [made(PICTURE)],
            while_running=lambda: claimed.append(
                claim_next(lease=LEASE, now=now, limits_of=lambda _: narrow)
            ),
        )
        round_at(now, editor)
        assert claimed == [None]
        assert provider_row().test_until is None
        assert claim_next(lease=LEASE, now=now, limits_of=lambda _: narrow) is not None

    def test_a_429_pauses_the_provider(self, model: ProviderModel) -> None:
        busy = RateLimited("429", status=429)
        busy.retry_after = 40.0
        now = SIX + timedelta(hours=1)
        round_at(now, Editor([busy]))
        assert provider_row().paused_until == now + timedelta(seconds=40)

    def test_a_fault_of_the_account_does_not_hold_the_queue(self, model: ProviderModel) -> None:
        round_at(SIX + timedelta(hours=1), Editor([NotAuthorized("401", status=401)]))
        assert provider_row().held_since is None

    def test_a_key_that_cannot_be_read_is_a_fault_that_cost_nothing(self, db: None) -> None:
        second = Provider.objects.create(
            name="GPU", slug="gpu", preset="other", stored_url="http://127.0.0.1:9/v1", encrypted_key="broken"
        )
        row = second.models.create(name="m", canary_is_on=True, canary_due_at=SIX)
        now = SIX + timedelta(hours=1)
        run_due_canaries(lease=LEASE, now=now, tools=Tools(read_clock=lambda: now))
        run = CanaryRun.objects.get(model=row)
        assert (run.fault, run.charged, run.cost) == ("account", "no", None)

    def test_a_spec_that_contradicts_itself_skips_the_day(self, db: None) -> None:
        second = Provider.objects.create(
            name="GPU", slug="gpu", preset="other", stored_url="http://x.test/v1"
        )
        second.models.create(
            name="m",
            canary_is_on=True,
            canary_due_at=SIX,
            spec_json={"sizes": ["64x64"], "default_size": "?"},
        )
        editor = Editor([made()])
        round_at(SIX + timedelta(hours=1), editor)
        assert (CanaryRun.objects.get().skipped, editor.calls) == (CanarySkip.SPEC, [])


class TestWhatIsKept:
    def test_a_filtered_one_keeps_no_picture(self, model: ProviderModel) -> None:
        round_at(SIX + timedelta(hours=1), Editor([stopped(data=PICTURE)]))
        run = CanaryRun.objects.get()
        assert (run.is_filtered, run.picture, run.format, run.charged) == (True, "", "", "yes")

    def test_what_is_no_picture_is_a_fault_that_was_charged(self, model: ProviderModel) -> None:
        round_at(SIX + timedelta(hours=1), Editor([made(b"\x89PNG\r\n\x1a\n, not")]))
        run = CanaryRun.objects.get()
        assert (run.fault, run.charged, run.picture, run.is_baseline) == ("unusable", "yes", "", False)

    def test_old_runs_are_deleted_but_for_baselines(self, model: ProviderModel) -> None:
        for days, is_baseline in ((200, True), (150, False), (121, False), (119, False)):
            model.canary_runs.create(
                began_at=SIX - days * DAY, seconds=1, picture="data:x", is_baseline=is_baseline
            )
        assert forget_old_runs(lease=LEASE, now=SIX) == 2
        kept = CanaryRun.objects.order_by("began_at").values_list("is_baseline", flat=True)
        assert list(kept) == [True, False]
        assert forget_old_runs(lease=LEASE, now=SIX) == 0


def test_the_client_is_as_patient_as_for_an_edit(db: None, settings: Settings) -> None:
    settings.STEPFUN_TIMEOUT_SECONDS = 77
    client = Tools().client_for(default_model())
    assert isinstance(client, Client)
    assert client.timeout_seconds == 77
