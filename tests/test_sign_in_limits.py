"""Wrong passwords: guessing is slow, and nobody can lock somebody else out."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from edits.models import AuditEntry, User
from edits.services.team.people import deactivate, make_reset_key
from edits.views.sign_in_limits import KNOWN_FOR_SECONDS, SALT
from tests.conftest import person, signed_in
from tests.test_signing_in import LOGIN, PASSWORD, sign_in

STUDIO = reverse("edits:studio")
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
COOKIE = settings.BROWSER_COOKIE_NAME


LIMITS = dict(settings.ACCOUNT_RATE_LIMITS)


@pytest.fixture(autouse=True)
def _no_failures_yet(db: None, settings: Settings) -> Iterator[None]:
    """With a lower limit for all addresses together: a hundred wrong passwords take half a minute to check."""
    settings.ACCOUNT_RATE_LIMITS = LIMITS | {"login_failed_account": "15/h/key"}
    cache.clear()
    yield
    cache.clear()


def attempt(client: Client, login: str = "alice", password: str = "guess") -> Any:
    return client.post(LOGIN, {"login": login, "password": password})


def attack(login: str = "alice", *, addresses: int = 1, first: int = 1, tries: int = 5) -> None:
    """As many wrong passwords as are taken, from several addresses."""
    for number in range(first, first + addresses):
        for _ in range(tries):
            attempt(Client(REMOTE_ADDR=f"203.0.113.{number}"), login)


def entries(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action))


# --- Who is slowed down -----------------------------------------------------------------------------------


def test_after_five_the_right_password_is_refused_with_429_and_a_time(alice: User) -> None:
    client = Client(REMOTE_ADDR=HERE)
    for _ in range(5):
        assert attempt(client).status_code == 200
    answer = attempt(client, password=PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert "Wait five minutes" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_who_is_elsewhere_signs_in_meanwhile(alice: User) -> None:
    attack()
    assert sign_in(Client(REMOTE_ADDR=ELSEWHERE), "alice") == STUDIO


def test_username_and_address_are_one_account(alice: User) -> None:
    client = Client(REMOTE_ADDR=HERE)
    for login in ("alice", "alice@example.com", "ALICE", " Alice@Example.com ", "alice"):
        assert attempt(client, login).status_code == 200
    assert attempt(client, "alice@example.com", PASSWORD).status_code == 429
    assert attempt(client, "alice", PASSWORD).status_code == 429


def test_one_address_tries_at_most_ten_in_a_minute_whatever_the_names(alice: User) -> None:
    for number in range(10):
        attempt(Client(REMOTE_ADDR=HERE), f"nobody{number}")
    answer = attempt(Client(REMOTE_ADDR=HERE), "alice", PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Wait a minute" in answer.content.decode()


def test_many_addresses_together_have_a_limit_for_an_hour(alice: User) -> None:
    assert LIMITS["login_failed_account"] == "100/h/key"
    attack(addresses=3)
    answer = attempt(Client(REMOTE_ADDR=ELSEWHERE), password=PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert "Wait an hour" in answer.content.decode()


def test_a_colleague_at_the_same_address_is_not_held_up(alice: User, bob: User) -> None:
    attack()
    assert sign_in(Client(REMOTE_ADDR="203.0.113.1"), "bob") == STUDIO


def test_forms_without_a_password_hold_nobody_up(alice: User) -> None:
    for _ in range(40):
        assert attempt(Client(REMOTE_ADDR=HERE), password="").status_code == 200
    assert sign_in(Client(REMOTE_ADDR=HERE), "alice") == STUDIO


def test_right_passwords_do_not_count(alice: User) -> None:
    for _ in range(12):
        assert sign_in(Client(REMOTE_ADDR=HERE), "alice") == STUDIO


def test_a_right_password_does_not_wipe_what_was_guessed_before(alice: User) -> None:
    client = Client(REMOTE_ADDR=HERE)
    for _ in range(4):
        attempt(client)
    assert sign_in(Client(REMOTE_ADDR=HERE), "alice") == STUDIO
    assert attempt(client).status_code == 200
    assert attempt(client).status_code == 429


def test_names_that_nobody_has_read_and_count_the_same(alice: User) -> None:
    def answers(login: str, address: str) -> list[tuple[int, str]]:
        client = Client(REMOTE_ADDR=address)
        answered = [attempt(client, login) for _ in range(6)]
        return [
            (answer.status_code, answer.content.decode().split("errorlist")[1].split("</ul>")[0])
            for answer in answered
        ]

    assert answers("alice", HERE) == answers("nobody", ELSEWHERE)
    cache.clear()
    assert answers("alice@example.com", HERE) == answers("n" * 400 + "@example.com", ELSEWHERE)


# --- A browser that is known ------------------------------------------------------------------------------


@pytest.fixture
def known(alice: User) -> Client:
    """A browser in which Alice signed in before, at the address that the attack comes from."""
    client = Client(REMOTE_ADDR="203.0.113.1")
    assert sign_in(client, "alice") == STUDIO
    client.post("/accounts/logout/")
    return client


def test_it_is_not_held_up_by_guesses_from_anywhere(known: Client) -> None:
    attack(addresses=3)
    assert attempt(Client(REMOTE_ADDR=ELSEWHERE), password=PASSWORD).status_code == 429
    assert sign_in(known, "alice") == STUDIO
    known.post("/accounts/logout/")
    assert sign_in(known, "alice@example.com") == STUDIO


def test_it_has_five_tries_of_its_own(known: Client) -> None:
    for _ in range(5):
        assert attempt(known).status_code == 200
    assert attempt(known, password=PASSWORD).status_code == 429
    assert sign_in(Client(REMOTE_ADDR=ELSEWHERE), "alice") == STUDIO


def test_it_is_known_for_one_account_only(known: Client, bob: User) -> None:
    attack("bob")
    assert attempt(known, "bob", PASSWORD).status_code == 429


def test_its_cookie_is_kept_from_scripts_and_other_sites_and_lasts(known: Client) -> None:
    cookie = known.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", KNOWN_FOR_SECONDS)


@pytest.mark.parametrize("value", ["", "x", "{}", "e30:1:x", "é"])
def test_a_forged_cookie_counts_for_nothing(alice: User, value: str) -> None:
    attack()
    client = Client(REMOTE_ADDR="203.0.113.1")
    client.cookies[COOKIE] = value
    assert attempt(client, password=PASSWORD).status_code == 429


def test_a_cookie_signed_with_another_key_counts_for_nothing(alice: User) -> None:
    client = Client(REMOTE_ADDR="203.0.113.1")
    value = {"person": alice.pk, "browser": "b"}
    client.cookies[COOKIE] = signing.dumps(value, key="of another installation", salt=SALT)
    attack()
    assert attempt(client, password=PASSWORD).status_code == 429


def test_it_is_sent_over_https_alone_and_below_the_path_of_the_site(alice: User, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_PATH = True, "/retake"
    cookie = attempt(Client(), password=PASSWORD).cookies[COOKIE]
    assert (cookie["secure"], cookie["path"]) == (True, "/retake")


# --- The end of a wait ------------------------------------------------------------------------------------


def test_a_new_password_by_link_ends_all_waits(alice: User, root: User) -> None:
    attack(addresses=3)
    uid, key = make_reset_key(user=alice, by=root, now=timezone.now())
    client = Client(REMOTE_ADDR="203.0.113.1")
    link = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})
    form = client.get(link).headers["Location"]
    new = {"password1": "velvet hammer 9", "password2": "velvet hammer 9"}
    assert client.post(form, new).status_code == 302
    assert sign_in(client, "alice", "velvet hammer 9") == STUDIO


def test_an_administrator_ends_all_waits(alice: User, root: User) -> None:
    attack(addresses=3)
    answer = signed_in(root).post(reverse("edits:unlock_sign_in", args=[alice.pk]))
    assert answer.headers["Location"] == "/settings/#people"
    assert sign_in(Client(REMOTE_ADDR="203.0.113.1"), "alice") == STUDIO
    (entry,) = entries("unlocked sign-in")
    assert (entry.actor, entry.subject) == (root, "alice")


def test_nobody_else_ends_them(alice: User, bob: User, rita: User) -> None:
    for user in (alice, bob, rita):
        assert signed_in(user).post(reverse("edits:unlock_sign_in", args=[alice.pk])).status_code == 404
    assert not entries("unlocked sign-in")


def test_the_count_begins_again_after_that(alice: User, root: User) -> None:
    attack()
    signed_in(root).post(reverse("edits:unlock_sign_in", args=[alice.pk]))
    attack()
    assert attempt(Client(REMOTE_ADDR="203.0.113.1"), password=PASSWORD).status_code == 429


# --- What is written down ---------------------------------------------------------------------------------


def test_a_sign_in_is_written_down_with_its_address(alice: User) -> None:
    sign_in(Client(REMOTE_ADDR=HERE), "alice@example.com")
    (entry,) = entries("signed in")
    assert (entry.actor, entry.subject, entry.detail) == (alice, "alice", f"from {HERE}")


@pytest.mark.slow
def test_an_attack_is_two_entries_an_hour_however_long_it_goes_on(alice: User, bob: User) -> None:
    attack(addresses=5, tries=6)
    attack("alice@example.com", addresses=3, tries=6)
    written = entries("failed to sign in")
    assert sorted(entry.detail.split(",")[0] for entry in written) == ["too many tries", "wrong password"]
    assert {(entry.actor, entry.subject) for entry in written} == {(None, "alice")}
    attempt(Client(REMOTE_ADDR=ELSEWHERE), "bob")
    assert {entry.subject for entry in entries("failed to sign in")} == {"alice", "bob"}


def test_names_that_nobody_has_share_one_entry_and_are_not_in_it(alice: User) -> None:
    for name in ("hunter2", "carol", "dave@example.com"):
        attempt(Client(REMOTE_ADDR=HERE), name)
    (entry,) = entries("failed to sign in")
    assert entry.subject == "a name that nobody has"
    assert "hunter2" not in f"{entry.subject} {entry.detail}"


def test_a_deactivated_person_with_the_right_password_is_written_down(alice: User, root: User) -> None:
    deactivate(user=alice, by=root, now=timezone.now())
    sign_in(Client(REMOTE_ADDR=HERE), "alice")
    (entry,) = entries("failed to sign in")
    assert (entry.subject, entry.detail.split(",")[0]) == ("alice", "deactivated")
    assert not entries("signed in")


def test_a_new_member_is_known_at_once(root: User) -> None:
    carol = person("carol")
    client = Client(REMOTE_ADDR=HERE)
    sign_in(client, "carol")
    assert signing.loads(client.cookies[COOKIE].value, salt=SALT)["person"] == carol.pk
