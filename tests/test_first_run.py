"""The first run: who may make the first account, and that it is made once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from edits.models import AuditEntry, Role, User
from edits.services.team.first_run import is_setup_code, make_first_account, setup_code
from tests.conftest import signed_in

GOOD = {"username": "root", "name": "Root Meyer", "email": "root@example.com", "password": "velvet hammer 9"}


def answers(**changes: str) -> dict[str, str]:
    """A filled-in setup form."""
    return GOOD | {"code": setup_code()} | changes


@pytest.mark.django_db
class TestCode:
    def test_it_is_long_enough_not_to_be_guessed_and_short_enough_to_type(self) -> None:
        assert len(setup_code().replace("-", "")) == 16

    def test_it_is_the_same_in_every_process_that_knows_the_secret_key(self) -> None:
        assert setup_code() == setup_code()

    def test_it_depends_on_the_secret_key(self) -> None:
        code = setup_code()
        with override_settings(SECRET_KEY="another " + "y" * 50):
            assert not is_setup_code(code)

    def test_it_may_be_typed_in_capitals_and_without_hyphens(self) -> None:
        assert is_setup_code(setup_code().upper().replace("-", " "))

    @pytest.mark.parametrize("wrong", ["", "----", "aaaa-bbbb-cccc-dddd", "é" * 16])
    def test_nothing_else_is_it(self, wrong: str) -> None:
        assert not is_setup_code(wrong)


@pytest.mark.django_db
class TestMiddleware:
    @pytest.mark.parametrize("path", ["/", "/history/", "/accounts/login/", "/admin/", "/no/such/page/"])
    def test_every_page_leads_to_the_setup(self, client: Client, path: str) -> None:
        assert client.get(path).headers["Location"] == "/setup/"

    def test_posts_lead_there_too(self, client: Client) -> None:
        assert client.post("/accounts/login/", {"login": "root"}).headers["Location"] == "/setup/"

    def test_health_is_answered_before_anybody_has_an_account(self, client: Client) -> None:
        assert client.get("/healthz").headers.get("Location") is None
        assert client.get("/readyz").headers.get("Location") is None

    def test_programs_get_no_page_to_follow(self, client: Client) -> None:
        answer = client.get("/settings/", headers={"accept": "application/json"})
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "not_signed_in"

    def test_it_asks_the_database_no_more_once_there_is_an_account(
        self, client: Client, root: User, django_assert_num_queries: pytest.FixtureRequest
    ) -> None:
        client.get("/accounts/login/")
        with django_assert_num_queries(0):  # type: ignore[operator]
            client.get("/accounts/login/")

    def test_it_notices_an_account_that_was_made_elsewhere(self, client: Client) -> None:
        assert client.get("/accounts/login/").status_code == 302
        make_first_account(username="root", password="velvet hammer 9", now=timezone.now())
        assert client.get("/accounts/login/").status_code == 200


@pytest.mark.django_db
class TestPage:
    def test_the_printed_link_fills_in_the_code(self, client: Client) -> None:
        page = client.get("/setup/", {"code": setup_code()})
        assert f'value="{setup_code()}"' in page.content.decode()

    def test_it_makes_the_administrator_and_signs_them_in(self, client: Client) -> None:
        answer = client.post("/setup/", answers())
        founder = User.objects.get()
        assert answer.headers["Location"] == reverse("edits:studio")
        assert (founder.role, founder.is_founder, founder.name) == (Role.ADMINISTRATOR, True, "Root Meyer")
        assert client.session["_auth_user_id"] == str(founder.pk)
        assert AuditEntry.objects.get().actor == founder

    def test_a_wrong_code_is_told_and_the_rest_is_kept(self, client: Client) -> None:
        page = client.post("/setup/", answers(code="aaaa-bbbb-cccc-dddd"))
        assert page.status_code == 422
        assert "Wrong code" in page.content.decode()
        assert 'value="Root Meyer"' in page.content.decode()
        assert not User.objects.exists()

    def test_without_a_code_there_is_no_account(self, client: Client) -> None:
        assert client.post("/setup/", GOOD).status_code == 422
        assert not User.objects.exists()

    @pytest.mark.parametrize("password", ["short", "password", "12345678", "root@example.com"])
    def test_an_easy_password_is_refused(self, client: Client, password: str) -> None:
        assert client.post("/setup/", answers(password=password)).status_code == 422
        assert not User.objects.exists()

    def test_a_password_never_comes_back_in_the_page(self, client: Client) -> None:
        page = client.post("/setup/", answers(code="wrong"))
        assert "velvet hammer" not in page.content.decode()

    @pytest.mark.parametrize("username", ["a b", "root\x00", "x" * 151, ""])
    def test_a_username_is_checked(self, client: Client, username: str) -> None:
        assert client.post("/setup/", answers(username=username)).status_code == 422
        assert not User.objects.exists()

    def test_it_does_not_exist_once_there_is_an_account(self, client: Client, root: User) -> None:
        assert client.get("/setup/", {"code": setup_code()}).status_code == 404
        assert client.post("/setup/", answers(username="mallory")).status_code == 404
        assert signed_in(root).get("/setup/").status_code == 404
        assert User.objects.count() == 1

    def test_it_needs_the_token_of_its_own_form(self) -> None:
        assert Client(enforce_csrf_checks=True).post("/setup/", answers()).status_code == 403


class TestOnlyOne:
    def test_the_second_gets_nothing(self, root: User) -> None:
        assert make_first_account(username="mallory", password="velvet hammer 9", now=timezone.now()) is None
        assert User.objects.count() == 1

    def test_the_database_refuses_a_second_founder(self, db: None) -> None:
        make_first_account(username="root", password="velvet hammer 9", now=timezone.now())
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create_superuser("mallory", is_founder=True)

    @pytest.mark.django_db(transaction=True)
    def test_of_two_at_the_same_moment_one_wins(self) -> None:
        together = Barrier(2)

        def set_up(name: str) -> User | None:
            try:
                together.wait(timeout=10)
                return make_first_account(username=name, password="velvet hammer 9", now=timezone.now())
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as threads:
            made = list(threads.map(set_up, ["root", "mallory"]))
        assert sum(founder is not None for founder in made) == 1
        assert User.objects.count() == 1
        assert AuditEntry.objects.count() == 1
