"""Setting budgets: administrators alone, written down, wrong numbers refused at their field."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from edits.models import AuditEntry, Budget, User
from tests.conftest import signed_in
from tests.factories import edit_of, finished_edit_of

LIMITS = {
    "person_per_day": "60",
    "person_per_month": "1,000",
    "person_waiting": "100",
    "team_per_day": "",
    "team_per_month": "5000",
}


def limits() -> dict[str, int | None]:
    return {name: getattr(Budget.objects.get(), name) for name in LIMITS}


def save(user: User, **changed: str) -> Any:
    return signed_in(user).post("/settings/budgets/", LIMITS | changed, follow=True)


def save_own(user: User, person: User, *, day: str = "", month: str = "") -> Any:
    prefix = f"person-{person.pk}"
    form = {f"{prefix}-edits_per_day": day, f"{prefix}-edits_per_month": month}
    return signed_in(user).post(reverse("edits:save_own_budget", args=[person.pk]), form, follow=True)


class TestEverybodys:
    def test_numbers_are_limits_and_nothing_is_none(self, root: User) -> None:
        assert "Budgets saved." in save(root).content.decode()
        assert list(limits().values()) == [60, 1000, 100, None, 5000]

    def test_each_change_is_written_down(self, root: User) -> None:
        save(root)
        save(root, person_per_day="80")
        save(root, person_per_day="80")
        newest, first = AuditEntry.objects.all()
        assert (newest.actor, newest.action) == (root, "changed the budgets")
        assert newest.detail == "edits a day: 60 to 80"
        assert "waiting at once: 500 to 100" in first.detail
        assert "the team a month: none to 5000" in first.detail

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            *(
                ("person_per_day", wrong)
                for wrong in ("0", "-1", "1.5", "x", "1000001", "9" * 5000, "NaN", "١")
            ),
            ("team_per_month", "0"),
            ("person_waiting", "0"),
        ],
    )
    def test_what_is_no_limit_is_refused_at_its_field_and_nothing_is_set(
        self, root: User, field: str, wrong: str
    ) -> None:
        before = limits()
        answer = signed_in(root).post("/settings/budgets/", LIMITS | {field: wrong})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "must be a whole number from 1 to 1,000,000" in page
        assert page.count('class="errorlist"') == 1
        assert 'value="1,000"' in page
        assert f'value="{wrong}"' in page
        assert limits() == before
        assert not AuditEntry.objects.exists()

    @pytest.mark.parametrize("who", ["alice", "rita"])
    def test_for_others_they_do_not_exist(self, request: pytest.FixtureRequest, root: User, who: str) -> None:
        user = request.getfixturevalue(who)
        assert save(user).status_code == save_own(user, user, day="9999").status_code == 404
        assert 'id="budgets"' not in signed_in(user).get("/settings/").content.decode()
        user.refresh_from_db()
        assert (Budget.objects.get().person_per_day, user.edits_per_day) == (None, None)

    def test_setting_is_a_post_with_a_token(self, root: User) -> None:
        assert signed_in(root).get("/settings/budgets/").status_code == 405
        client = Client(enforce_csrf_checks=True)
        client.force_login(root, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.post("/settings/budgets/", LIMITS).status_code == 403

    def test_strangers_are_led_to_the_sign_in(self, stranger: Client, root: User) -> None:
        for address in ("/settings/budgets/", f"/settings/people/{root.pk}/budget/"):
            assert stranger.post(address)["Location"].startswith("/accounts/login/")


class TestOnesOwn:
    def test_a_person_gets_limits_of_their_own_and_loses_them(self, root: User, bob: User) -> None:
        page = save_own(root, bob, day="20").content.decode()
        bob.refresh_from_db()
        assert (bob.edits_per_day, bob.edits_per_month) == (20, None)
        assert "Own budget: 20 a day" in page
        save_own(root, bob)
        bob.refresh_from_db()
        assert bob.edits_per_day is None
        newest, first = AuditEntry.objects.all()
        assert (first.action, first.subject, first.detail) == (
            "changed a person's budget",
            "bob",
            "edits a day: none to 20",
        )
        assert newest.detail == "edits a day: 20 to none"

    def test_wrong_numbers_stay_at_the_person(self, root: User, alice: User, bob: User) -> None:
        answer = save_own(root, bob, day="many", month="300")
        page = answer.content.decode()
        assert answer.status_code == 422
        assert page.count('class="own-budget fold" open') == page.count('class="errorlist"') == 1
        assert 'value="many"' in page
        assert 'value="300"' in page
        bob.refresh_from_db()
        assert (bob.edits_per_day, bob.edits_per_month) == (None, None)

    def test_nobody_else_is_changed(self, root: User, alice: User, bob: User) -> None:
        save_own(root, bob, day="20")
        alice.refresh_from_db()
        assert alice.edits_per_day is None

    def test_the_limits_of_nobody_do_not_exist(self, root: User) -> None:
        assert signed_in(root).post("/settings/people/999/budget/").status_code == 404


class TestOnesUse:
    def test_everybody_reads_their_own(self, alice: User, bob: User) -> None:
        Budget.objects.update(person_per_day=60)
        for _ in range(3):
            finished_edit_of(alice)
        edit_of(bob)
        page = signed_in(alice).get("/settings/").content.decode()
        assert "<b>3</b> of 60" in page
        assert '<progress max="60" value="3"' in page
        assert "no limit" in page  # of the month


class TestMoney:
    def test_dollars_are_limits_however_they_are_spelled(self, root: User, bob: User) -> None:
        save(root, person_cost_per_day="$5", team_cost_per_month="1,000.5", person_cost_per_month=".50")
        budget = Budget.objects.get()
        assert (budget.person_cost_per_day, budget.person_cost_per_month) == (Decimal(5), Decimal("0.50"))
        assert (budget.team_cost_per_day, budget.team_cost_per_month) == (None, Decimal("1000.50"))
        entry = AuditEntry.objects.get()
        assert "cost a day: none to $5.00" in entry.detail
        assert "the team's cost a month: none to $1,000.50" in entry.detail
        page = signed_in(root).get("/settings/").content.decode()
        assert 'value="1000.50"' in page
        assert (
            "Leave a field empty for the default: 60 a day, 1,000 a month, $5.00 a day, $0.50 a month."
            in page
        )

    def test_the_same_amount_again_is_no_change(self, root: User) -> None:
        save(root, person_cost_per_day="5")
        save(root, person_cost_per_day="$5.00")
        assert AuditEntry.objects.count() == 1

    @pytest.mark.parametrize(
        "wrong", ["0", "-1", "0.001", "5.555", "x", "1e3", "1000000", "NaN", "9" * 5000, "٥"]
    )
    def test_what_is_no_amount_is_refused_at_its_field_and_nothing_is_set(
        self, root: User, wrong: str
    ) -> None:
        before = limits()
        answer = signed_in(root).post("/settings/budgets/", LIMITS | {"team_cost_per_day": wrong})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert page.count('class="errorlist"') == 1
        assert f'value="{wrong}"' in page
        assert (limits(), Budget.objects.get().team_cost_per_day) == (before, None)

    def test_a_person_gets_a_limit_of_their_own(self, root: User, bob: User) -> None:
        prefix = f"person-{bob.pk}"
        form = {f"{prefix}-cost_per_day": "2.50", f"{prefix}-edits_per_day": "20"}
        answer = signed_in(root).post(reverse("edits:save_own_budget", args=[bob.pk]), form, follow=True)
        bob.refresh_from_db()
        assert (bob.cost_per_day, bob.cost_per_month) == (Decimal("2.50"), None)
        assert "Own budget: 20 a day, $2.50 a day" in answer.content.decode()
