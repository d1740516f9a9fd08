"""Signing in and out: with which names, how often, and where it leads."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import NoReverseMatch, clear_url_caches, include, path, reverse
from django.utils import timezone
from pytest_django import Settings

from editor_site import account_urls
from editor_site import urls as site_urls
from edits.models import AuditEntry, Role, User
from edits.services.team.people import deactivate, make_reset_key, set_role
from tests.conftest import signed_in

LOGIN = "/accounts/login/"
PASSWORD = "open sesame 7"

handler404 = site_urls.handler404
urlpatterns = [path("accounts/", include(account_urls.RESET_BY_MAIL)), *site_urls.urlpatterns]
"""The addresses of an installation with a mail server."""


@pytest.fixture(autouse=True)
def _no_failures_yet(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def _mail_is_set_up() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        clear_url_caches()
        yield
    clear_url_caches()


def sign_in(client: Client, login: str, password: str = PASSWORD, **more: str) -> str:
    """Where it leads, or the page that says why not."""
    answer = client.post(LOGIN, {"login": login, "password": password, **more})
    return answer.headers.get("Location") or answer.content.decode()


class TestIn:
    @pytest.mark.parametrize("login", ["alice", "ALICE", "alice@example.com", " Alice@Example.com "])
    def test_by_username_or_email(self, alice: User, client: Client, login: str) -> None:
        assert sign_in(client, login) == reverse("edits:studio")
        assert client.session["_auth_user_id"] == str(alice.pk)

    def test_the_session_gets_a_new_id(self, alice: User, client: Client) -> None:
        client.get("/settings/")
        session = client.session
        session["before"] = 1
        session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
        sign_in(client, "alice")
        assert client.session.session_key != session.session_key

    def test_the_cookie_is_kept_from_scripts_and_other_sites(self, alice: User, client: Client) -> None:
        sign_in(client, "alice")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"

    def test_it_needs_the_token_of_its_own_form(self, alice: User) -> None:
        client = Client(enforce_csrf_checks=True)
        assert 'data-reason="no_cookie"' in sign_in(client, "alice")

    def test_a_deactivated_person_is_told_so_and_stays_out(
        self, alice: User, root: User, client: Client
    ) -> None:
        deactivate(user=alice, by=root, now=timezone.now())
        assert sign_in(client, "alice") == LOGIN
        assert "deactivated" in client.get(LOGIN).content.decode()
        assert "_auth_user_id" not in client.session

    def test_whether_somebody_is_deactivated_is_told_only_with_their_password(
        self, alice: User, root: User, client: Client
    ) -> None:
        deactivate(user=alice, by=root, now=timezone.now())
        assert "Wrong username or password" in sign_in(client, "alice", "guess")


class TestSideDoors:
    def test_the_admin_has_no_door_past_it(self, root: User, client: Client) -> None:
        answer = client.post("/admin/login/", {"username": "root", "password": PASSWORD})
        assert answer.headers["Location"].startswith(LOGIN)
        assert "_auth_user_id" not in client.session

    def test_hammering_gets_a_429_with_a_wait(self, alice: User, client: Client) -> None:
        answers = [client.post("/accounts/signup/", {}) for _ in range(21)]
        assert answers[-1].status_code == 429
        assert answers[-1].headers["Retry-After"] == "60"


class TestNext:
    def test_it_leads_back_to_where_one_wanted_to_go(self, alice: User, client: Client) -> None:
        to_sign_in = client.get("/settings/?a=1").headers["Location"]
        assert to_sign_in == f"{LOGIN}?next=/settings/%3Fa%3D1"
        page = client.get(to_sign_in).content.decode()
        assert '<input type="hidden" name="next" value="/settings/?a=1">' in page
        assert sign_in(client, "alice", next="/settings/?a=1") == "/settings/?a=1"

    @pytest.mark.parametrize(
        "elsewhere",
        [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "http:///evil.example",
            "\thttps://evil.example",
        ],
    )
    def test_it_never_leads_to_another_site(self, alice: User, client: Client, elsewhere: str) -> None:
        assert sign_in(client, "alice", next=elsewhere) == reverse("edits:studio")
        answer = client.post("/accounts/logout/", {"next": elsewhere})
        assert answer.headers["Location"] == LOGIN


class TestStrangers:
    @pytest.mark.parametrize("page", ["/", "/history/", "/team/", "/trash/", "/review/", "/settings/"])
    def test_every_page_leads_them_to_the_sign_in(self, root: User, client: Client, page: str) -> None:
        assert client.get(page).headers["Location"] == f"{LOGIN}?next={page}"

    def test_the_admin_leads_them_there_too(self, root: User, client: Client) -> None:
        answer = client.get("/admin/edits/user/", follow=True)
        assert answer.redirect_chain[-1][0] == f"{LOGIN}?next=/admin/edits/user/"

    def test_a_program_gets_401(self, root: User, client: Client) -> None:
        answer = client.get("/settings/", headers={"accept": "application/json"})
        assert answer.status_code == 401
        assert answer.json() == {
            "error": {
                "message": "Sign in first.",
                "type": "invalid_request_error",
                "param": None,
                "code": "not_signed_in",
            }
        }

    def test_a_part_of_a_page_gets_401_instead_of_a_sign_in_page_inside_a_card(
        self, root: User, client: Client
    ) -> None:
        assert client.get("/settings/", headers={"HX-Request": "true"}).status_code == 401

    def test_a_browser_that_takes_anything_gets_a_page(self, root: User, client: Client) -> None:
        assert client.get("/settings/", headers={"accept": "*/*"}).status_code == 302

    @pytest.mark.parametrize("page", [LOGIN, "/accounts/signup/", "/accounts/password/reset/key/1-x/"])
    def test_what_they_need_is_open(self, root: User, client: Client, page: str) -> None:
        assert client.get(page).status_code == 200

    @pytest.mark.parametrize(
        "page",
        [
            "email/",
            "confirm-email/",
            "inactive/",
            "reauthenticate/",
            "login/code/confirm/",
            "password/reset/done/",
            "3rdparty/",
        ],
    )
    def test_what_retake_does_not_offer_is_not_there(self, root: User, page: str) -> None:
        assert Client().get(f"/accounts/{page}").status_code == 404
        assert signed_in(root).get(f"/accounts/{page}").status_code == 404

    def test_without_mail_a_forgotten_password_leads_to_an_administrator(self, root: User) -> None:
        for client in (Client(), signed_in(root)):
            answer = client.get("/accounts/password/reset/")
            assert answer.status_code == 200
            assert 'name="email"' not in answer.content.decode()

    @pytest.mark.parametrize(
        "page", ["/metrics", "/metrics/", "/__debug__/", "/docs", "/media/", "/pictures/"]
    )
    def test_there_are_no_side_doors(self, root: User, alice: User, page: str) -> None:
        assert Client().get(page).status_code == 404
        assert signed_in(alice).get(page).status_code == 404


class TestOut:
    def test_signing_out_ends_the_session_and_needs_a_post(self, alice: User) -> None:
        client = signed_in(alice)
        assert "Sign out?" in client.get("/accounts/logout/").content.decode()
        assert client.get("/settings/").status_code == 200
        assert client.post("/accounts/logout/").headers["Location"] == LOGIN
        assert client.get("/settings/").status_code == 302


class TestPassword:
    def test_changing_it_signs_out_elsewhere(self, alice: User) -> None:
        here, there = signed_in(alice), signed_in(alice)
        form = {"oldpassword": PASSWORD, "password1": "velvet hammer 9", "password2": "velvet hammer 9"}
        assert here.post("/accounts/password/change/", form).headers["Location"] == "/settings/"
        assert here.get("/settings/").status_code == 200
        assert there.get("/settings/").status_code == 302
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.subject) == (alice, "changed their password", "alice")
        assert "velvet" not in entry.detail

    def test_the_form_speaks_in_our_words(self, alice: User) -> None:
        page = signed_in(alice).get("/accounts/password/change/").content.decode()
        assert "New password again" in page
        assert "placeholder" not in page
        assert "Your API keys keep working" in page
        assert 'href="/settings/#api-keys"' in page
        assert page.count("At least 8 characters") == 1

    def test_it_needs_the_old_one(self, alice: User) -> None:
        form = {"oldpassword": "guess", "password1": "velvet hammer 9", "password2": "velvet hammer 9"}
        page = signed_in(alice).post("/accounts/password/change/", form).content.decode()
        assert "not your current password" in page

    def test_changing_it_does_not_bring_back_a_role(self, rita: User, root: User) -> None:
        stale = User.objects.get(pk=rita.pk)
        client = signed_in(stale)
        set_role(user=rita, role=Role.MEMBER, by=root, now=timezone.now())
        form = {"oldpassword": PASSWORD, "password1": "velvet hammer 9", "password2": "velvet hammer 9"}
        client.post("/accounts/password/change/", form)
        assert User.objects.get(pk=rita.pk).role == Role.MEMBER

    def test_a_link_of_an_administrator_sets_a_new_one_once(
        self, alice: User, root: User, client: Client
    ) -> None:
        uid, key = make_reset_key(user=alice, by=root, now=timezone.now())
        link = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})
        form = client.get(link).headers["Location"]
        assert key not in form
        assert 'href="/settings/#api-keys"' in client.get(form).content.decode()
        new = {"password1": "velvet hammer 9", "password2": "velvet hammer 9"}
        assert client.post(form, new).status_code == 302
        assert sign_in(client, "alice", "velvet hammer 9") == reverse("edits:studio")
        assert "This link no longer works" in Client().get(link).content.decode()
        entry = AuditEntry.objects.get(action="used a password link")
        assert (entry.actor, entry.subject) == (alice, "alice")

    def test_without_a_mail_server_one_asks_an_administrator(self, root: User, client: Client) -> None:
        assert "Ask an administrator" in client.get(LOGIN).content.decode()
        with pytest.raises(NoReverseMatch):
            reverse("account_reset_password")

    @pytest.mark.usefixtures("_mail_is_set_up")
    def test_by_mail_known_and_unknown_addresses_are_answered_alike(
        self, alice: User, client: Client
    ) -> None:
        pages = []
        for address in ("alice@example.com", "nobody@example.com"):
            answer = client.post("/accounts/password/reset/", {"email": address}, follow=True)
            assert answer.redirect_chain == [("/accounts/password/reset/done/", 302)]
            page = answer.content.decode().split("<main")[1].split("</main>")[0]
            pages.append(re.sub(r'(csrfmiddlewaretoken" value=)"\w+"', r"\1", page))
        assert pages[0] == pages[1]
        assert [letter.to for letter in mail.outbox] == [["alice@example.com"]]
        assert mail.outbox[0].subject == "Retake: Set a new password"
        assert "/accounts/password/reset/key/" in mail.outbox[0].body

    @pytest.mark.usefixtures("_mail_is_set_up")
    def test_a_mailed_link_is_written_down_once_an_hour(self, alice: User) -> None:
        for address in ("alice@example.com", "nobody@example.com", "alice@example.com"):
            Client().post("/accounts/password/reset/", {"email": address})
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.subject) == (None, "mailed a password link", "alice")

    @pytest.mark.usefixtures("_mail_is_set_up")
    def test_the_link_in_the_mail_is_not_the_choice_of_who_asked_for_it(
        self, alice: User, settings: Settings
    ) -> None:
        settings.ALLOWED_HOSTS = ["*"]
        settings.SITE_URL, settings.SITE_URL_IS_GIVEN = "https://retake.example.com", True
        forger = Client(HTTP_HOST="evil.example")
        forger.post("/accounts/password/reset/", {"email": "alice@example.com"})
        assert "\nhttps://retake.example.com/accounts/password/reset/key/" in mail.outbox[0].body
        assert "evil" not in mail.outbox[0].body

    @pytest.mark.usefixtures("_mail_is_set_up")
    def test_a_mail_server_that_is_down_tells_nobody_which_addresses_are_known(
        self, alice: User, client: Client
    ) -> None:
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=1
        ):
            answer = client.post("/accounts/password/reset/", {"email": "alice@example.com"})
        assert answer.status_code == 302
