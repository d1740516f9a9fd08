"""Runs of recipes: each step once, whatever happens to the workers; stops, waits, and ways on."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from edits import tasks
from edits.models import (
    Attempt,
    Budget,
    EditRequest,
    ProviderModel,
    Recipe,
    RecipeRun,
    RecipeVersion,
    RunStep,
    Status,
    StopReason,
    User,
    WaitReason,
)
from edits.services.budgets.budgeting import OverBudget
from edits.services.curating.trashing import purge_trash, trash_edits
from edits.services.queue.canceling import cancel_edit, retry_edit
from edits.services.recipes import advancing
from edits.services.recipes.advancing import advance, run_recipes
from edits.services.recipes.run_actions import cancel_run, go_on, stop_restored_runs, stopped_rows
from tests.provider import Provider, provider
from tests.recipes import LEASE, PROMPTS, recipe_of, rows_of, run_of, said, work
from tests.test_models import refuses

LATER = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _fast_queue(settings: Settings) -> Iterator[None]:
    settings.STEPFUN_MAX_PER_MINUTE = 10_000
    yield
    tasks.stopping.clear()


@pytest.fixture
def service(settings: Settings) -> Iterator[Provider]:
    """A provider that answers well and counts."""
    with provider("ok") as stepfun:
        settings.STEPFUN_BASE_URL = stepfun.base_url
        yield stepfun


@pytest.fixture
def unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that are killed before they go on with a recipe: only the round is left."""
    monkeypatch.setattr(tasks, "advance_after", lambda edit, now: False)


def set_budget(**limits: Any) -> None:
    Budget.objects.update_or_create(pk=1, defaults=limits)


class TestRestarts:
    @pytest.mark.slow
    def test_three_steps_run_over_ten_pictures_through_kills_without_loss_or_double_spending(
        self, alice: User, service: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = run_of(alice, recipe_of(alice), pictures=10)
        killed, write_next = iter([False] * 3 + [True] + [False] * 6 + [True]), advancing._write_next

        def killed_before_commit(*args: Any) -> None:
            write_next(*args)
            if next(killed, False):
                raise SystemExit

        monkeypatch.setattr(advancing, "_write_next", killed_before_commit)
        for _ in range(2):
            with pytest.raises(SystemExit):
                work(rounds=9)
        monkeypatch.setattr(tasks, "advance_after", lambda edit, now: False)  # killed between edit and recipe
        work(rounds=2)
        for row in rows_of(run):  # a second worker looks at what is done
            assert not advance(row.pk, now=timezone.now()) or row.state == "open"
        work(rounds=4)
        assert service.calls == EditRequest.objects.count() == Attempt.objects.count() == 30
        assert said(run) == [(at, step, "passed", "") for at in range(1, 11) for step in (1, 2, 3)]
        for first, second, third in zip(*[iter(rows_of(run))] * 3, strict=True):
            edits = [row.edit for row in (first, second, third) if row.edit]
            assert [edit.prompt for edit in edits] == list(PROMPTS)
            assert [edit.parent for edit in edits] == [None, edits[0], edits[1]]

    def test_two_workers_at_once_submit_a_step_once(
        self, alice: User, service: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = run_of(alice, recipe_of(alice))
        monkeypatch.setattr(tasks, "advance_after", lambda edit, now: False)
        tasks.work()
        (row,), make = rows_of(run), advancing._source_after

        def beaten(edit: EditRequest, step: Any) -> Any:
            monkeypatch.setattr(advancing, "_source_after", make)
            assert advance(row.pk, now=timezone.now())  # the other worker is faster
            return make(edit, step)

        monkeypatch.setattr(advancing, "_source_after", beaten)
        assert not advance(row.pk, now=timezone.now())
        assert [row.step for row in rows_of(run)] == [1, 2]
        assert EditRequest.objects.count() == 2

    @pytest.mark.usefixtures("unsent", "service")
    def test_after_a_restore_nothing_follows_by_itself(self, alice: User) -> None:
        run = run_of(alice, recipe_of(alice))
        tasks.work()
        stop_restored_runs()
        work()
        assert said(run) == [(1, 1, "stopped", StopReason.RESTORED)]
        assert go_on(rows_of(run)[0], now=timezone.now())
        assert [row.step for row in rows_of(run)] == [1, 2]


class TestStarting:
    def test_the_same_press_twice_is_one_run(self, alice: User) -> None:
        key, recipe = uuid.uuid4(), recipe_of(alice)
        assert run_of(alice, recipe, key=key) == run_of(alice, recipe, key=key)
        assert (RecipeRun.objects.count(), EditRequest.objects.count()) == (1, 1)

    def test_it_is_refused_whole_where_the_first_step_does_not_fit(self, alice: User) -> None:
        set_budget(person_per_day=2)
        with pytest.raises(OverBudget) as refusal:
            run_of(alice, recipe_of(alice), pictures=3)
        assert refusal.value.fits == 2
        assert not EditRequest.objects.exists()
        assert not RecipeRun.objects.exists()

    def test_a_run_keeps_its_steps_with_the_model_of_its_day(self, alice: User) -> None:
        run = run_of(alice, recipe_of(alice, "sepia", model=""))
        assert [step["model"] for step in run.steps] == ["stepfun/step-1x-edit"]

    def test_a_step_of_a_picture_exists_once(self, alice: User) -> None:
        run = run_of(alice, recipe_of(alice))
        other = RunStep.objects.filter(pk=RunStep.objects.create(run=run, picture=2, step=1).pk)
        refuses(other, "run_step_once|UNIQUE", picture=1)
        refuses(other, "run_step_state_known|run_step_waits", state="x")
        refuses(other, "run_step_stopped_has_reason", state="stopped")
        refuses(other, "run_step_waits_while_open", waits_for="budget")
        refuses(Recipe.objects.all(), "recipe_has_name", name="")
        again = RecipeRun.objects.filter(pk=run_of(alice, Recipe.objects.get()).pk)
        refuses(again, "recipe_run_one_per_submission|UNIQUE", submission_key=run.submission_key)
        second = RecipeVersion.objects.create(
            recipe=Recipe.objects.get(), number=2, steps=[], created_at=timezone.now()
        )
        refuses(RecipeVersion.objects.filter(pk=second.pk), "recipe_version_once|UNIQUE", number=1)


class TestStops:
    def test_a_filtered_step_stops_its_picture_and_no_other(self, alice: User, settings: Settings) -> None:
        run = run_of(alice, recipe_of(alice, "sepia", "grain"), pictures=2)
        with provider("451", "ok") as stepfun:
            settings.STEPFUN_BASE_URL = stepfun.base_url
            work(rounds=3)
            assert stepfun.calls == 3
        assert said(run) == [(1, 1, "stopped", "filtered"), (2, 1, "passed", ""), (2, 2, "passed", "")]

    def test_trying_again_makes_another_edit_of_what_was_filtered(
        self, alice: User, settings: Settings
    ) -> None:
        run = run_of(alice, recipe_of(alice, "sepia", "grain"))
        with provider("451", "ok") as stepfun:
            settings.STEPFUN_BASE_URL = stepfun.base_url
            work()
            (row,) = stopped_rows(run, with_risky=False)
            old = row.edit
            assert go_on(row, now=timezone.now())
            assert not go_on(row, now=timezone.now())
            work(rounds=2)
        assert said(run) == [(1, 1, "passed", ""), (1, 2, "passed", "")]
        first = rows_of(run)[0].edit
        assert first
        assert old
        assert (first != old, first.upload) == (True, old.upload)
        assert EditRequest.objects.count() == 3

    def test_trying_again_queues_a_failed_edit_once_more(self, alice: User, settings: Settings) -> None:
        run = run_of(alice, recipe_of(alice, "sepia"))
        with provider("400", "ok") as stepfun:
            settings.STEPFUN_BASE_URL = stepfun.base_url
            work()
            assert said(run) == [(1, 1, "stopped", "failed")]
            (row,) = stopped_rows(run, with_risky=True)
            assert go_on(row, now=timezone.now())
            work()
        assert said(run) == [(1, 1, "passed", "")]
        assert EditRequest.objects.count() == 1

    def test_a_failed_edit_that_its_owner_retries_on_its_own_page_goes_on(
        self, alice: User, settings: Settings
    ) -> None:
        run = run_of(alice, recipe_of(alice, "sepia", "grain"))
        with provider("400", "ok") as stepfun:
            settings.STEPFUN_BASE_URL = stepfun.base_url
            work()
            assert retry_edit(edit=EditRequest.objects.get(), now=timezone.now())
            work()
        assert said(run) == [(1, 1, "passed", ""), (1, 2, "passed", "")]

    @pytest.mark.usefixtures("service")
    def test_a_run_goes_with_its_last_edit(self, alice: User) -> None:
        run_of(alice, recipe_of(alice, "sepia"))
        work()
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now())
        assert RecipeRun.objects.exists()
        assert purge_trash(now=timezone.now() + timedelta(days=31)) == 1
        assert not RecipeRun.objects.exists()

    def test_a_canceled_edit_stops_its_chain(self, alice: User) -> None:
        run = run_of(alice, recipe_of(alice))
        assert cancel_edit(edit=EditRequest.objects.get(), now=timezone.now())
        work()
        assert said(run) == [(1, 1, "stopped", "canceled")]

    @pytest.mark.usefixtures("service", "unsent")
    def test_a_result_in_the_trash_is_not_edited_further(self, alice: User) -> None:
        run = run_of(alice, recipe_of(alice))
        tasks.work()
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now())
        work()
        assert said(run) == [(1, 1, "stopped", "trashed")]
        assert stopped_rows(run, with_risky=True) == []

    @pytest.mark.usefixtures("service", "unsent")
    def test_a_model_that_is_gone_is_never_replaced_under_way(self, alice: User) -> None:
        other = ProviderModel.objects.create(
            provider_id=1, name="other", spec_json={"takes_seed": True}, is_on=True
        )
        run = run_of(alice, recipe_of(alice, "sepia", "grain", model="stepfun/other"))
        tasks.work()
        ProviderModel.objects.filter(pk=other.pk).update(is_on=False)
        work()
        assert said(run) == [(1, 1, "stopped", "model_gone")]
        ProviderModel.objects.filter(pk=other.pk).update(is_on=True, spec_json={"max_prompt_chars": 3})
        assert go_on(stopped_rows(run, with_risky=True)[0], now=timezone.now())
        assert said(run) == [(1, 1, "stopped", "limits")]

    @pytest.mark.usefixtures("service")
    def test_canceling_ends_it_for_good(self, alice: User) -> None:
        run = run_of(alice, recipe_of(alice), pictures=2)
        assert cancel_run(run=run, now=timezone.now())
        run.refresh_from_db()
        assert not cancel_run(run=run, now=timezone.now())
        work(rounds=2)
        assert {edit.status for edit in EditRequest.objects.all()} == {Status.CANCELED}
        assert stopped_rows(run, with_risky=True) == []
        assert not go_on(rows_of(run)[0], now=timezone.now())


class TestWaits:
    @pytest.mark.usefixtures("service")
    def test_a_budget_that_ends_in_the_middle_lets_the_chain_wait(self, alice: User) -> None:
        set_budget(person_per_day=3)
        run = run_of(alice, recipe_of(alice, "sepia", "grain"), pictures=2)
        work(rounds=3)
        assert EditRequest.objects.count() == 3
        (waiting,) = [row for row in rows_of(run) if row.waits_for]
        assert (waiting.waits_for, waiting.state) == (WaitReason.BUDGET, "open")
        assert waiting.not_before
        assert waiting.not_before > timezone.now()
        set_budget(person_per_day=4)
        run_recipes(lease=LEASE, now=timezone.now())
        assert EditRequest.objects.count() == 3  # not before its time
        run_recipes(lease=LEASE, now=waiting.not_before)
        work()
        assert [row.state for row in rows_of(run)] == ["passed"] * 4

    @pytest.mark.usefixtures("service")
    def test_money_counts_too(self, alice: User) -> None:
        ProviderModel.objects.filter(name="step-1x-edit").update(price=Decimal("0.50"))
        set_budget(person_cost_per_day=Decimal("0.60"))
        run = run_of(alice, recipe_of(alice, "sepia", "grain"))
        work(rounds=3)
        assert [row.waits_for for row in rows_of(run)] == ["budget"]

    @pytest.mark.usefixtures("service", "unsent")
    def test_a_storage_that_is_away_is_asked_again(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = run_of(alice, recipe_of(alice, "sepia", "grain"))
        tasks.work()

        def away(edit: EditRequest, step: Any) -> Any:
            raise OSError

        with monkeypatch.context() as patch:
            patch.setattr(advancing, "_source_after", away)
            work()
        assert [row.waits_for for row in rows_of(run)] == ["storage"]
        run_recipes(lease=LEASE, now=timezone.now() + LATER)
        assert [row.step for row in rows_of(run)] == [1, 2]

    @pytest.mark.usefixtures("service", "unsent")
    def test_nothing_is_sent_for_somebody_who_was_deactivated(self, alice: User) -> None:
        run = run_of(alice, recipe_of(alice))
        tasks.work()
        User.objects.update(is_active=False)
        work()
        assert [row.state for row in rows_of(run)] == ["open"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("service", "unsent")
def test_of_four_workers_at_the_same_moment_one_submits_the_step(alice: User) -> None:
    run = run_of(alice, recipe_of(alice))
    tasks.work()
    (row,) = rows_of(run)

    def work_once(_: int) -> bool:
        try:
            return advance(row.pk, now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(work_once, range(4))) == 1
    assert [row.step for row in rows_of(run)] == [1, 2]
    assert EditRequest.objects.count() == 2
