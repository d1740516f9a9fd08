"""Budgets in dollars of a person: what counts, what is refused before it is stored, and what is never refused."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from edits.edit_call import EditOptions
from edits.images import check_image
from edits.models import (
    FIRST,
    Attempt,
    Budget,
    CanaryRun,
    Charged,
    EditRequest,
    ProviderModel,
    Reason,
    Status,
    Upload,
    User,
)
from edits.providers import ServerFailed, Unanswered
from edits.services.budgets.budgeting import OverBudget
from edits.services.budgets.costs import cost_of, cost_of_team, dollars
from edits.services.curating.trashing import purge_trash, trash_edits
from edits.services.queue.canceling import cancel_edit, retry_edit
from edits.services.queue.submitting import Source, rerun_edit, submit_edit
from tests.callers import caller_of
from tests.conftest import signed_in
from tests.editors import Editor, made, run
from tests.factories import edit_of, picture
from tests.pictures import photo
from tests.stored import stored

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OPTIONS = EditOptions(prompt="sepia", seed=None, steps=28, cfg_scale=6.0, size="512x512")


@pytest.fixture(autouse=True)
def priced(db: None) -> ProviderModel:
    """Four cents an edit, and ten cents a day for each person."""
    Budget.objects.update(person_cost_per_day=Decimal("0.10"))
    ProviderModel.objects.filter(name="step-1x-edit").update(price=Decimal("0.04"))
    return ProviderModel.objects.get(name="step-1x-edit")


@pytest.fixture
def free() -> ProviderModel:
    """A model without a price."""
    return ProviderModel.objects.create(provider_id=FIRST, name="free")


def submit(owner: User, model: ProviderModel, *, at: datetime = NOON) -> EditRequest:
    checked = check_image(picture(), spec=model.spec)
    return submit_edit(
        model=model,
        owner=owner,
        source=Source.of_upload(checked, name="harbor.png"),
        options=OPTIONS,
        submission_key=uuid.uuid4(),
        now=at,
    )


def used(owner: User, *, at: datetime = NOON) -> tuple[str, str]:
    day, month = cost_of(owner, budget=Budget.objects.get(), now=at)
    return day.used_words, month.used_words


def call_of(edit: EditRequest, *, charged: Charged, cost: str | None, ended: bool = True) -> Attempt:
    return Attempt.objects.create(
        edit=edit,
        number=1,
        fence=1,
        started_at=NOON,
        ended_at=NOON if ended else None,
        model=edit.model,
        charged=charged,
        cost=cost,
    )


class TestWhatCounts:
    def test_a_queued_edit_counts_by_the_price_of_its_model_whenever_it_was_queued(self, alice: User) -> None:
        edit_of(alice, now=NOON - timedelta(days=40))
        assert used(alice) == ("$0.04", "$0.04")

    def test_a_call_that_runs_counts_by_the_price_of_its_model(self, alice: User) -> None:
        call_of(edit_of(alice, status=Status.RUNNING), charged=Charged.MAYBE, cost=None, ended=False)
        assert used(alice) == ("$0.04", "$0.04")

    def test_a_call_that_ended_counts_what_was_recorded_and_not_today_s_price(self, alice: User) -> None:
        call_of(edit_of(alice, status=Status.SUCCEEDED), charged=Charged.YES, cost="0.0123")
        assert used(alice) == ("$0.0123", "$0.0123")

    @pytest.mark.parametrize(
        ("charged", "words"), [(Charged.NO, "$0.00"), (Charged.MAYBE, "$0.04"), (Charged.YES, "$0.04")]
    )
    def test_a_failed_edit_counts_if_it_may_have_been_charged(
        self, alice: User, charged: Charged, words: str
    ) -> None:
        edit = edit_of(alice, status=Status.FAILED, reason=Reason.OUTCOME_UNKNOWN)
        call_of(edit, charged=charged, cost=None if charged == Charged.NO else "0.04")
        assert used(alice)[0] == words

    def test_days_and_months_begin_at_midnight(self, alice: User) -> None:
        call_of(edit_of(alice, status=Status.SUCCEEDED), charged=Charged.YES, cost="0.04")
        assert used(alice, at=NOON + timedelta(days=1)) == ("$0.00", "$0.04")
        assert used(alice, at=datetime(2026, 12, 1, tzinfo=UTC)) == ("$0.00", "$0.00")

    def test_others_and_free_models_and_canceled_ones_cost_nothing(
        self, alice: User, bob: User, free: ProviderModel
    ) -> None:
        edit_of(bob)
        edit_of(alice, model=free.name)
        edit_of(alice, status=Status.CANCELED)
        assert used(alice) == ("$0.00", "$0.00")

    def test_a_canary_counts_in_no_budget(self, alice: User, priced: ProviderModel) -> None:
        CanaryRun.objects.create(model=priced, began_at=NOON, charged=Charged.YES, cost=Decimal("0.04"))
        assert used(alice) == ("$0.00", "$0.00")
        assert cost_of_team(budget=Budget.objects.get(), now=NOON)[0].used == 0

    def test_a_worker_s_calls_are_counted_as_they_end(self, alice: User) -> None:
        failing = Editor([ServerFailed("busy", status=503), Unanswered("no answer"), made()])
        edit = edit_of(alice, now=NOON)
        run(edit, failing, at=NOON)
        assert used(alice)[0] == "$0.04"  # that call was free, and the edit waits to be sent again
        EditRequest.objects.update(not_before=None)
        run(edit, failing, at=NOON + timedelta(minutes=1))
        assert edit.status == Status.FAILED
        assert used(alice)[0] == "$0.04"  # this one may have been charged
        retry_edit(edit=edit, now=NOON + timedelta(minutes=2))
        assert used(alice)[0] == "$0.08"
        run(edit, failing, at=NOON + timedelta(minutes=3))
        assert edit.status == Status.SUCCEEDED
        assert used(alice)[0] == "$0.08"
        assert len(failing.calls) == 3

    def test_what_deleted_edits_cost_still_counts(self, alice: User, settings: object) -> None:
        call_of(edit_of(alice, status=Status.SUCCEEDED, now=NOON), charged=Charged.YES, cost="0.0401")
        settings.TRASH_DAYS = 0  # type: ignore[attr-defined]
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=NOON)
        while purge_trash(now=NOON + timedelta(seconds=1)):
            pass
        assert not EditRequest.objects.exists()
        assert used(alice) == ("$0.0401", "$0.0401")
        assert cost_of_team(budget=Budget.objects.get(), now=NOON)[1].used == Decimal("0.0401")


class TestRefusing:
    def test_an_edit_whose_price_does_not_fit_is_refused_and_leaves_nothing(
        self, alice: User, priced: ProviderModel
    ) -> None:
        submit(alice, priced)
        submit(alice, priced)
        files = stored()
        with pytest.raises(OverBudget) as refused:
            submit(alice, priced)
        assert refused.value.sentence == (
            "This edit costs $0.04, but only $0.02 of your $0.10 for today is left. "
            "Choose a cheaper model, or send it again from midnight (UTC)."
        )
        assert refused.value.retry_after_seconds(NOON) == 12 * 3600
        assert EditRequest.objects.count() == Upload.objects.count() == 2
        assert stored() == files

    def test_a_price_that_fits_exactly_is_taken(self, alice: User, priced: ProviderModel) -> None:
        ProviderModel.objects.update(price=Decimal("0.05"))
        assert submit(alice, priced)
        assert submit(alice, priced)
        with pytest.raises(OverBudget):
            submit(alice, priced)

    def test_a_free_model_is_never_refused_for_money(
        self, alice: User, priced: ProviderModel, free: ProviderModel
    ) -> None:
        submit(alice, priced)
        submit(alice, priced)
        assert all(submit(alice, free) for _ in range(3))

    def test_a_price_beyond_the_whole_budget_promises_no_tomorrow(
        self, alice: User, priced: ProviderModel
    ) -> None:
        ProviderModel.objects.update(price=Decimal("0.25"))
        with pytest.raises(
            OverBudget, match=r"costs \$0\.25, more than your whole budget of \$0\.10 for today"
        ):
            submit(alice, priced)

    def test_a_price_beyond_the_team_s_whole_budget_would_wait_forever(
        self, alice: User, priced: ProviderModel
    ) -> None:
        Budget.objects.update(person_cost_per_day=None, team_cost_per_month=Decimal("0.03"))
        with pytest.raises(OverBudget, match=r"more than the team's whole budget of \$0\.03"):
            submit(alice, priced)
        assert not EditRequest.objects.exists()

    def test_one_s_own_limit_takes_the_place_of_the_default(self, alice: User, priced: ProviderModel) -> None:
        User.objects.update(cost_per_day=Decimal("0.04"))
        submit(alice, priced)
        with pytest.raises(OverBudget):
            submit(alice, priced)

    def test_the_month_is_named_where_both_are_used_up(self, alice: User, priced: ProviderModel) -> None:
        Budget.objects.update(person_cost_per_month=Decimal("0.10"))
        submit(alice, priced)
        submit(alice, priced)
        with pytest.raises(OverBudget) as refused:
            submit(alice, priced)
        assert refused.value.until == datetime(2026, 12, 1, tzinfo=UTC)

    def test_what_is_canceled_in_the_queue_gives_its_price_back(
        self, alice: User, priced: ProviderModel
    ) -> None:
        edits = [submit(alice, priced) for _ in range(2)]
        cancel_edit(edit=edits[0], now=NOON)
        assert submit(alice, priced)

    def test_re_runs_and_second_tries_are_paid_too(self, alice: User, priced: ProviderModel) -> None:
        first = submit(alice, priced)
        failed = edit_of(alice, status=Status.FAILED, now=NOON)
        submit(alice, priced)
        with pytest.raises(OverBudget):
            rerun_edit(edit=first, owner=alice, submission_key=uuid.uuid4(), same_seed=True, now=NOON)
        with pytest.raises(OverBudget):
            retry_edit(edit=failed, now=NOON)
        failed.refresh_from_db()
        assert failed.status == Status.FAILED


class TestWords:
    def used_up(self, owner: User) -> None:
        for _ in range(2):
            edit_of(owner)

    def test_the_api_answers_429_and_stores_nothing(self, alice: User) -> None:
        self.used_up(alice)
        data = {"image": SimpleUploadedFile("a.jpg", photo()), "prompt": "x", "model": "step-1x-edit"}
        answer = caller_of(alice).post("/v1/images/edits", data)
        error = json.loads(answer.content)["error"]
        assert (answer.status_code, error["code"]) == (429, "rate_limit_exceeded")
        assert "$0.02 of your $0.10 for today is left" in error["message"]
        assert int(answer["Retry-After"]) > 0
        assert EditRequest.objects.count() == 2

    def test_the_studio_says_what_is_left(self, alice: User) -> None:
        edit_of(alice)
        page = signed_in(alice).get("/").content.decode()
        assert "<span>$0.06 left today</span>" in page

    def test_settings_show_what_is_used(self, alice: User) -> None:
        edit_of(alice)
        page = signed_in(alice).get("/settings/").content.decode()
        assert "<b>$0.04</b> of $0.10" in page
        assert '<progress max="0.10" value="0.0400"' in page

    def test_without_prices_and_limits_money_is_not_mentioned(self, alice: User) -> None:
        Budget.objects.update(person_cost_per_day=None)
        ProviderModel.objects.update(price=None)
        edit_of(alice)
        client = signed_in(alice)
        assert (
            "$" not in client.get("/settings/").content.decode().split('id="use"')[1].split("</section>")[0]
        )
        assert '<div class="budget-left" id="budget-left"></div>' in client.get("/").content.decode()

    @pytest.mark.parametrize(
        ("amount", "words"),
        [
            ("3.2", "$3.20"),
            ("0", "$0.00"),
            ("0.0042", "$0.0042"),
            ("1234.5", "$1,234.50"),
            ("0.125", "$0.125"),
        ],
    )
    def test_dollars_have_cents_and_fractions_where_there_are_any(self, amount: str, words: str) -> None:
        assert dollars(Decimal(amount)) == words
