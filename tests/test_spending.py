"""The team's budget: exactly so many charged calls, the rest waits, and administrators are notified once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from pytest_django.fixtures import Settings

from edits.models import (
    FIRST,
    Attempt,
    AuditEntry,
    Budget,
    Charged,
    EditRequest,
    Provider,
    ProviderModel,
    Status,
    User,
)
from edits.models.budgets import LIMITS as LIMITED
from edits.providers import Answer, ServerFailed, Unanswered
from edits.services.api.wait_for_result import Waited, why_nothing_is_sent
from edits.services.budgets.setting_budgets import set_budgets
from edits.services.calls.running import run_edit
from edits.services.queue.canceling import cancel_edit
from edits.services.queue.claiming import PROBE_EVERY, QueueLimits, claim_next
from edits.services.team.mailing import mail_administrators
from tests.conftest import signed_in
from tests.editors import LEASE, Editor, made, stopped, undrawn
from tests.factories import edit_of, finished_edit_of, upload_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOMORROW = datetime(2026, 11, 23, tzinfo=UTC)
LIMITS = QueueLimits(concurrent=5, per_minute=1000)


@pytest.fixture(autouse=True)
def _ten_calls_a_day(db: None) -> None:
    Provider.objects.update(verified_at=NOON)
    Budget.objects.update(team_per_day=10)


def work(editor: Editor, *, at: datetime = NOON) -> int:
    """Go on as a worker would at this moment; returns how many calls were made."""
    before = len(editor.calls)
    while edit := claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=at):
        run_edit(edit, client_for=lambda _: editor, now=lambda: at, render=undrawn)
    return len(editor.calls) - before


def queue(owner: User, number: int) -> list[EditRequest]:
    source = upload_of()
    return [edit_of(owner, now=NOON, upload=source) for _ in range(number)]


def test_a_budget_of_ten_is_ten_calls_and_the_rest_waits(alice: User, bob: User) -> None:
    queue(alice, 8)
    queue(bob, 5)
    assert work(Editor([made()])) == 10
    assert EditRequest.objects.filter(status=Status.SUCCEEDED).count() == 10
    assert EditRequest.objects.queued().count() == 3


def test_at_midnight_the_rest_goes_on_by_itself(alice: User) -> None:
    queue(alice, 13)
    editor = Editor([made()])
    work(editor)
    assert work(editor, at=TOMORROW - timedelta(seconds=1)) == 0
    assert work(editor, at=TOMORROW) == 3
    assert Budget.objects.get().budget_exhausted_until is None


def test_midnight_is_that_of_the_installation(alice: User) -> None:
    queue(alice, 11)
    editor = Editor([made()])
    with override_settings(TIME_ZONE="Europe/Berlin"):
        work(editor)
        assert work(editor, at=TOMORROW - timedelta(minutes=61)) == 0
        assert work(editor, at=TOMORROW - timedelta(minutes=60)) == 1


def test_the_month_has_a_budget_of_its_own(alice: User) -> None:
    Budget.objects.update(team_per_day=None, team_per_month=2)
    queue(alice, 3)
    editor = Editor([made()])
    assert work(editor) == 2
    assert work(editor, at=NOON + timedelta(days=8)) == 0
    assert Budget.objects.get().budget_exhausted_until == datetime(2026, 12, 1, tzinfo=UTC)
    assert work(editor, at=datetime(2026, 12, 1, tzinfo=UTC)) == 1


def test_calls_that_were_not_charged_give_their_place_back(alice: User) -> None:
    Budget.objects.update(team_per_day=2)
    queue(alice, 4)
    outcomes: list[Answer | Exception] = [
        ServerFailed("503", status=503),
        stopped(stage="request"),
        made(),
        made(),
    ]
    editor = Editor(outcomes)
    assert work(editor) == 4
    assert Attempt.objects.exclude(charged=Charged.NO).count() == 2
    assert work(editor, at=NOON + timedelta(minutes=5)) == 0


def test_calls_that_may_have_been_charged_count(alice: User) -> None:
    Budget.objects.update(team_per_day=2)
    queue(alice, 4)
    assert work(Editor([Unanswered("no answer")])) == 2


def test_a_call_that_runs_holds_its_place_and_nobody_is_told_before_it_ends(alice: User, root: User) -> None:
    Budget.objects.update(team_per_day=1)
    queue(alice, 2)
    running = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOON)
    assert running
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOON) is None
    assert Budget.objects.get().budget_exhausted_until is None
    assert not AuditEntry.objects.exists()
    run_edit(running, client_for=lambda _: Editor([ServerFailed("503", status=503)]), now=lambda: NOON)
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOON)


def test_a_canceled_call_keeps_its_place_until_it_is_known_to_be_free(alice: User) -> None:
    Budget.objects.update(team_per_day=1)
    queue(alice, 2)
    running = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOON)
    assert running
    cancel_edit(edit=running, now=NOON)
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOON) is None


def test_not_even_a_probe_of_a_held_queue_goes_beyond_the_budget(alice: User) -> None:
    queue(alice, 11)
    work(Editor([made()]))
    Provider.objects.update(held_since=NOON, held_reason="HTTP 401", probe_at=NOON)
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOON + PROBE_EVERY) is None
    assert Provider.objects.get().probe_at == NOON


def test_without_a_budget_nothing_is_counted(alice: User, django_assert_num_queries: Any) -> None:
    Budget.objects.update(team_per_day=None)
    queue(alice, 12)
    assert work(Editor([made()])) == 12


def test_counting_the_calls_of_a_month_looks_at_an_index_alone(alice: User) -> None:
    paid = Attempt.objects.paid(since=NOON).order_by()
    if connection.vendor == "sqlite":
        assert "attempt_paid" in paid.values("started_at").explain()


class TestTelling:
    @pytest.fixture(autouse=True)
    def _mail_is_set_up(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        """And sent here and now, where a worker would send it beside."""
        settings.MAIL_IS_SET_UP = True
        at_once = partial(mail_administrators, run=lambda job: job())
        monkeypatch.setattr("edits.services.budgets.spending.mail_administrators", at_once)

    def test_administrators_are_told_once_a_day(
        self, alice: User, root: User, django_capture_on_commit_callbacks: Any
    ) -> None:
        queue(alice, 12)
        editor = Editor([made()])
        with django_capture_on_commit_callbacks(execute=True):
            for minutes in range(5):
                work(editor, at=NOON + timedelta(minutes=minutes))
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action) == (None, "team budget used up")
        assert entry.detail == (
            "All 10 charged calls for today are used up. Waiting edits continue at midnight (UTC)."
        )
        assert [message.to for message in mail.outbox] == [["root@example.com"]]
        assert all(
            f"{sentence}." in mail.outbox[0].body for sentence in entry.detail.removesuffix(".").split(". ")
        )
        queue(alice, 20)
        with django_capture_on_commit_callbacks(execute=True):
            work(editor, at=TOMORROW)
        assert AuditEntry.objects.count() == len(mail.outbox) == 2

    def test_no_mail_is_sent_where_none_is_set_up_or_nobody_has_an_address(
        self, alice: User, root: User, django_capture_on_commit_callbacks: Any
    ) -> None:
        queue(alice, 11)
        User.objects.update(email="")
        with django_capture_on_commit_callbacks(execute=True):
            work(Editor([made()]))
        assert not mail.outbox
        assert AuditEntry.objects.count() == 1

    def test_a_mail_server_that_is_down_stops_nothing(
        self,
        alice: User,
        root: User,
        settings: Settings,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        settings.EMAIL_BACKEND = "tests.test_alerting.Away"
        queue(alice, 11)
        with django_capture_on_commit_callbacks(execute=True):
            assert work(Editor([made()])) == 10

    def test_a_new_budget_lets_the_rest_go_and_is_told_of_when_it_is_used_up_too(
        self, alice: User, root: User
    ) -> None:
        queue(alice, 14)
        editor = Editor([made()])
        work(editor)
        limits: dict[str, int | None] = dict.fromkeys(LIMITED) | {"team_per_day": 12}
        assert set_budgets(limits=limits, by=root, now=NOON)
        assert Budget.objects.get().budget_exhausted_until is None
        assert work(editor) == 2
        entries = AuditEntry.objects.filter(action="team budget used up")
        assert entries.count() == 2


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_do_not_make_an_eleventh_call(alice: User, root: User) -> None:
    Provider.objects.update(verified_at=NOON)
    Budget.objects.update_or_create(pk=1, defaults={"team_per_day": 10})
    queue(alice, 40)
    limits = QueueLimits(concurrent=100, per_minute=1000)

    def claim_all(_: int) -> int:
        claimed = 0
        while claim_next(lease=LEASE, limits_of=lambda _: limits, now=NOON):
            claimed += 1
        connection.close()
        return claimed

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim_all, range(8))) == 10
    assert Attempt.objects.count() == 10


class TestMoney:
    """Ten calls a day of the fixture are left out; a dollar a day it is, at 40 cents an edit."""

    @pytest.fixture(autouse=True)
    def free(self, alice: User) -> ProviderModel:
        Budget.objects.update(team_per_day=None, team_cost_per_day=Decimal(1))
        ProviderModel.objects.filter(name="step-1x-edit").update(price=Decimal("0.40"))
        return ProviderModel.objects.create(provider_id=FIRST, name="free")

    def test_calls_are_made_as_long_as_their_price_fits(self, alice: User, root: User) -> None:
        queue(alice, 4)
        editor = Editor([made()])
        assert work(editor) == 2
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action) == (None, "team budget used up")
        assert entry.detail == (
            "$0.80 of $1.00 for today is spent, and the remaining $0.20 is not enough for a waiting edit. "
            "Waiting edits continue at midnight (UTC)."
        )
        budget = Budget.objects.get()
        assert (budget.budget_exhausted_until, budget.cost_budget_exhausted_until) == (None, TOMORROW)
        assert work(editor, at=TOMORROW - timedelta(seconds=1)) == 0
        assert AuditEntry.objects.count() == 1
        assert work(editor, at=TOMORROW) == 2
        assert Budget.objects.get().cost_budget_exhausted_until is None

    def test_an_edit_of_a_free_model_still_goes_out(self, alice: User, bob: User) -> None:
        queue(alice, 3)
        work(Editor([made()]))
        late = edit_of(bob, model="free", now=NOON, steps=None, cfg_scale=None, seed=None, size="")
        assert work(Editor([made()])) == 1
        late.refresh_from_db()
        assert late.status == Status.SUCCEEDED
        assert EditRequest.objects.queued().count() == 1

    def test_the_card_of_a_free_edit_does_not_say_that_it_waits_for_money(self, alice: User) -> None:
        queue(alice, 3)
        work(Editor([made()]))
        edit_of(alice, model="free", now=NOON)
        cards: list[Any] = list(EditRequest.objects.with_cards(alice).queued())
        waits = {card.model: card.budget_spent_until for card in cards}
        assert waits == {"step-1x-edit": TOMORROW, "free": None}

    def test_callers_of_the_api_wait_on_where_no_model_has_a_price(self, alice: User) -> None:
        queue(alice, 3)
        work(Editor([made()]))
        own = Provider.objects.create(
            name="GPU", slug="gpu", preset="vllm-omni", stored_url="http://127.0.0.1:9/v1"
        )
        ProviderModel.objects.create(provider=own, name="klein")
        spent = {(FIRST, True): Waited.SPENT, (own.pk, True): Waited.SPENT}
        assert why_nothing_is_sent(NOON) == spent
        Budget.objects.update(budget_exhausted_until=TOMORROW)
        assert why_nothing_is_sent(NOON) == spent | {
            (FIRST, False): Waited.SPENT,
            (own.pk, False): Waited.SPENT,
        }

    def test_calls_that_were_not_charged_give_their_price_back(self, alice: User) -> None:
        queue(alice, 4)
        editor = Editor([ServerFailed("503", status=503), stopped(stage="request"), made(), made()])
        assert work(editor) == 4
        assert work(editor, at=NOON + timedelta(minutes=5)) == 0

    def test_a_call_that_runs_holds_its_price_and_nobody_is_told_before_it_ends(self, alice: User) -> None:
        Budget.objects.update(team_cost_per_day=Decimal("0.50"))
        queue(alice, 2)
        running = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOON)
        assert running
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOON) is None
        assert not AuditEntry.objects.exists()
        run_edit(running, client_for=lambda _: Editor([ServerFailed("503", status=503)]), now=lambda: NOON)
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOON)

    def test_a_free_call_that_runs_delays_no_news(self, alice: User, root: User) -> None:
        queue(alice, 3)
        work(Editor([made()]))
        AuditEntry.objects.all().delete()
        Budget.objects.update(cost_budget_exhausted_until=None, notified_until=None)
        edit_of(alice, model="free", now=NOON)
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOON)
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOON) is None
        assert AuditEntry.objects.count() == 1

    def test_not_even_a_probe_of_a_held_provider_goes_beyond_it(self, alice: User) -> None:
        queue(alice, 3)
        work(Editor([made()]))
        Provider.objects.update(held_since=NOON, held_reason="HTTP 401", probe_at=NOON)
        assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOON + PROBE_EVERY) is None

    def test_raising_the_limit_lets_the_rest_go(self, alice: User, root: User) -> None:
        queue(alice, 3)
        editor = Editor([made()])
        work(editor)
        assert set_budgets(limits={"team_cost_per_day": Decimal("1.20")}, by=root, now=NOON)
        assert work(editor) == 1

    def test_a_limit_below_what_was_spent_holds_priced_edits_alone(self, alice: User) -> None:
        queue(alice, 3)
        work(Editor([made()]))
        Budget.objects.update(team_cost_per_day=Decimal("0.10"))
        edit_of(alice, model="free", now=NOON)
        assert work(Editor([made()])) == 1

    def test_the_studio_says_that_a_priced_edit_will_wait(self, alice: User) -> None:
        now = timezone.now()
        Budget.objects.update(team_cost_per_day=Decimal("0.40"))
        Attempt.objects.create(
            edit=finished_edit_of(alice),
            number=1,
            fence=1,
            started_at=now,
            ended_at=now,
            cost=Decimal("0.40"),
        )
        page = signed_in(alice).get("/").content.decode().replace("&#x27;", "'")
        assert "What you send now with a model that has a price waits and continues" in page


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_do_not_spend_a_cent_too_much(alice: User, root: User) -> None:
    Provider.objects.update(verified_at=NOON)
    ProviderModel.objects.update(price=Decimal("0.10"))
    Budget.objects.update_or_create(pk=1, defaults={"team_per_day": None, "team_cost_per_day": Decimal(1)})
    queue(alice, 40)
    limits = QueueLimits(concurrent=100, per_minute=1000)

    def claim_all(_: int) -> int:
        claimed = 0
        while claim_next(lease=LEASE, limits_of=lambda _: limits, now=NOON):
            claimed += 1
        connection.close()
        return claimed

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim_all, range(8))) == 10
    assert Attempt.objects.count() == 10
