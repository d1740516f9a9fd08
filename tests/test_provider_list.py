"""The list of providers: states, figures of the day, what helps one on hold, and the same queries for any number."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from edits.models import FIRST, Attempt, Budget, Provider, ProviderModel, Status, User
from edits.services.provider.removing import remove_provider
from edits.views.provider_list import ProviderRow, line_of, provider_rows
from tests.conftest import signed_in
from tests.factories import edit_of
from tests.model_lists import QWEN
from tests.provider_rows import gpu

PAGE = "/settings/providers/"
NOW = timezone.now()
MINUTE = timedelta(minutes=1)


def call(owner: User, provider: Provider, **fields: Any) -> Attempt:
    """A call of a moment ago that was answered in four seconds and cost two cents, unless said otherwise."""
    edit = edit_of(owner, status=Status.SUCCEEDED, provider_id=provider.pk)
    now = timezone.now()
    usual: dict[str, Any] = {
        "account": provider, "number": 1, "fence": 1, "status": 200, "charged": "yes", "cost": Decimal("0.02"),
        "started_at": now - timedelta(seconds=4), "ended_at": now,
    }  # fmt: skip
    return Attempt.objects.create(edit=edit, **(usual | fields))


def row_of(provider: Provider) -> ProviderRow:
    """Its row as the page has it now."""
    page = provider_rows(timezone.now())
    return next(row for row in [*page.rows, *page.removed] if row.provider == provider)


@pytest.mark.django_db
class TestAccess:
    @pytest.mark.parametrize("who", ["alice", "rita"])
    def test_for_others_it_does_not_exist(self, request: pytest.FixtureRequest, who: str) -> None:
        assert signed_in(request.getfixturevalue(who)).get(PAGE).status_code == 404

    def test_strangers_are_led_to_the_sign_in(self, root: User, stranger: Client) -> None:
        assert stranger.get(PAGE).headers["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
class TestFigures:
    def test_calls_costs_and_failures_of_the_day(self, alice: User) -> None:
        provider, now = gpu(), timezone.now()
        call(alice, provider)
        call(alice, provider, charged="maybe", fault="no_answer", status=None)
        call(alice, provider, charged="no", fault="busy", cost=None)
        call(alice, provider, started_at=now - timedelta(days=2), ended_at=now - timedelta(days=2))
        row = row_of(provider)
        assert (row.calls, row.failed, row.cost) == (3, 2, Decimal("0.04"))
        page = provider_rows(now)
        assert (page.calls, page.failed, round(page.failed_percent)) == (3, 2, 67)
        assert page.cost.used == Decimal("0.04")

    def test_calls_to_a_removed_provider_stay_in_the_sum(self, root: User, alice: User) -> None:
        provider = gpu()
        call(alice, provider)
        remove_provider(provider, actor=root, now=timezone.now())
        page = provider_rows(timezone.now())
        assert ([row.provider.pk for row in page.rows], page.calls) == ([FIRST], 1)

    def test_calls_of_one_are_not_those_of_another(self, alice: User) -> None:
        one, two = gpu("One"), gpu("Two")
        call(alice, one)
        assert (row_of(one).calls, row_of(two).calls, row_of(two).median_seconds) == (1, 0, None)

    def test_the_cost_is_shown_against_the_budget(self, root: User) -> None:
        Budget.objects.update(team_cost_per_day=25)
        assert 'aria-label="Cost today"' in signed_in(root).get(PAGE).content.decode()
        Budget.objects.update(team_cost_per_day=None)
        assert 'aria-label="Cost today"' not in signed_in(root).get(PAGE).content.decode()

    def test_the_median_is_of_good_calls_of_the_last_day(self, alice: User) -> None:
        provider, now = gpu(), timezone.now()
        for seconds in (2, 3, 40):
            call(alice, provider, started_at=now - timedelta(seconds=seconds), ended_at=now)
        call(alice, provider, started_at=now - timedelta(seconds=500), ended_at=now, fault="no_answer")
        old = now - timedelta(hours=25)
        call(alice, provider, started_at=old, ended_at=old + timedelta(seconds=90))
        assert row_of(provider).median_seconds == 3

    def test_models_and_the_default(self) -> None:
        provider = gpu()
        ProviderModel.objects.filter(provider=provider, name=QWEN).update(is_default=True)
        ProviderModel.objects.filter(provider=provider).exclude(name=QWEN).update(is_on=False)
        assert (row_of(provider).models, row_of(provider).has_default) == (1, True)
        assert not row_of(Provider.objects.get(pk=FIRST)).has_default

    def test_a_line_joins_the_hours(self) -> None:
        line = line_of([(NOW - timedelta(hours=5), 2.0), (NOW - MINUTE, 4.0)], now=NOW)
        assert line
        assert (line.end_x, line.end_y) == (104.0, 4.0)
        assert line.path.count("L") == 1
        assert line_of([(NOW, 2.0), (NOW, 3.0)], now=NOW) is None


@pytest.mark.django_db
class TestStates:
    @pytest.mark.parametrize(
        ("columns", "kind", "words"),
        [
            ({}, "open", "Open"),
            ({"held_since": 0 * MINUTE, "held_reason": "The key was refused"}, "held", "On hold since"),
            ({"paused_since": 0 * MINUTE, "paused_until": 10 * MINUTE}, "paused", "Paused until"),
            ({"paused_since": 0 * MINUTE, "paused_until": 300 * MINUTE}, "waiting", "Paused until"),
            ({"stopped_since": 0 * MINUTE, "stopped_by": "Root"}, "stopped", "by Root"),
        ],
    )
    def test_each_has_a_sign_and_a_word(
        self, root: User, columns: dict[str, Any], kind: str, words: str
    ) -> None:
        now = timezone.now()
        times = {name: now + value for name, value in columns.items() if isinstance(value, timedelta)}
        provider = gpu(**columns | times)
        page = signed_in(root).get(PAGE).content.decode()
        assert f'class="is-{kind}" id="provider-{provider.slug}"' in page
        assert words in page

    def test_one_on_hold_says_why_and_what_helps(self, root: User) -> None:
        provider = gpu(held_since=NOW, held_reason="The service refused the key", probe_at=NOW + MINUTE)
        page = signed_in(root).get(PAGE).content.decode()
        assert "<b>The service refused the key.</b>" in page
        assert (
            page.count(f'href="/settings/providers/{provider.slug}/key/"') == 2
        )  # in the row and in its menu
        assert f'action="/settings/providers/{provider.slug}/try/"' in page

    def test_an_open_one_has_nothing_to_help(self, root: User) -> None:
        provider = gpu()
        page = signed_in(root).get(PAGE).content.decode()
        assert f'action="/settings/providers/{provider.slug}/try/"' not in page

    def test_what_waits_is_counted_for_each(self, alice: User) -> None:
        provider = gpu()
        for _ in range(2):
            edit_of(alice, provider_id=provider.pk, model=QWEN)
        edit_of(alice)
        assert (row_of(provider).waiting, provider_rows(NOW).waiting) == (2, 3)

    def test_a_removed_one_is_there_while_edits_wait(self, root: User, alice: User) -> None:
        provider = gpu()
        edit = edit_of(alice, provider_id=provider.pk, model=QWEN)
        remove_provider(provider, actor=root, now=NOW)
        assert [row.provider for row in provider_rows(NOW).removed] == [provider]
        edit.delete()
        assert provider_rows(NOW).removed == []


@pytest.mark.django_db
def test_as_many_queries_for_twelve_as_for_one(
    root: User, alice: User, django_assert_num_queries: Any
) -> None:
    client = signed_in(root)
    client.get(PAGE)
    with django_assert_num_queries(13) as first:
        client.get(PAGE)
    for number in range(12):
        provider = gpu(f"GPU {number}", held_since=NOW, held_reason="401")
        call(alice, provider)
        edit_of(alice, provider_id=provider.pk, model=QWEN)
    with django_assert_num_queries(len(first)):
        client.get(PAGE)
