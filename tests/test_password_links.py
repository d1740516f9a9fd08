"""Links that set a new password: what ends them, for good."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from edits.models import Role, User
from edits.services.team.password_links import PasswordLinkKeys
from edits.services.team.people import deactivate, make_reset_key, reactivate, save_profile, set_role
from tests.conftest import person, signed_in

NEW = {"password1": "velvet hammer 9", "password2": "velvet hammer 9"}


def link(user: User, by: User) -> str:
    uid, key = make_reset_key(user=user, by=by, now=timezone.now())
    return reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})


def sets_a_password(address: str, client: Client | None = None) -> bool:
    """Whether the link still does what it is for, tried as a browser does."""
    client = client or Client()
    form = client.get(address).headers.get("Location")
    return bool(form) and client.post(str(form), NEW).status_code == 302


@pytest.fixture
def rosa(db: None) -> User:
    """Administers as well."""
    return person("rosa", Role.ADMINISTRATOR)


def come_and_go(user: User, root: User) -> None:
    deactivate(user=user, by=root, now=timezone.now())
    reactivate(user=user, by=root, now=timezone.now())


def lose_and_get_role(user: User, root: User) -> None:
    set_role(user=user, role=Role.MEMBER, by=root, now=timezone.now())
    set_role(user=user, role=Role.ADMINISTRATOR, by=root, now=timezone.now())


def test_it_works_while_nothing_happens(alice: User, root: User) -> None:
    assert sets_a_password(link(alice, by=root))


def test_while_its_person_is_deactivated_it_sets_nothing(alice: User, root: User) -> None:
    address = link(alice, by=root)
    deactivate(user=alice, by=root, now=timezone.now())
    assert not sets_a_password(address)
    assert User.objects.get(pk=alice.pk).check_password("open sesame 7")


@pytest.mark.parametrize("mailed", [False, True])
def test_deactivating_ends_it_for_good(alice: User, root: User, mailed: bool) -> None:
    uid, key = make_reset_key(user=alice, by=root, now=timezone.now())
    if mailed:
        key = PasswordLinkKeys().make_token(alice)
    address = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})
    come_and_go(alice, root)
    assert not sets_a_password(address)
    assert sets_a_password(link(User.objects.get(pk=alice.pk), by=root))


def test_a_form_that_is_open_already_sets_nothing_either(alice: User, root: User) -> None:
    client = Client()
    form = client.get(link(alice, by=root)).headers["Location"]
    come_and_go(alice, root)
    assert client.post(form, NEW).status_code == 200
    assert User.objects.get(pk=alice.pk).check_password("open sesame 7")


@pytest.mark.parametrize("happens", [come_and_go, lose_and_get_role])
def test_those_that_an_administrator_made_end_with_their_rights(
    alice: User, root: User, rosa: User, happens: Callable[[User, User], None]
) -> None:
    made, by_another = link(alice, by=rosa), link(alice, by=root)
    happens(rosa, root)
    assert not sets_a_password(made)
    assert sets_a_password(by_another)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.MEMBER])
def test_those_to_the_account_of_who_steps_down_end_too(root: User, rosa: User, role: Role) -> None:
    address = link(rosa, by=root)
    set_role(user=rosa, role=role, by=root, now=timezone.now())
    assert not sets_a_password(address)


def test_another_address_ends_it(alice: User, root: User) -> None:
    address = link(alice, by=root)
    save_profile(user=alice, name="", email="li@example.com", shortcuts=True, now=timezone.now())
    assert not sets_a_password(address)


@pytest.mark.parametrize("maker", ["", "0", "99", "x", "-1", "²", "9" * 40])
def test_a_maker_who_did_not_make_it_is_not_believed(alice: User, root: User, maker: str) -> None:
    key = make_reset_key(user=alice, by=root, now=timezone.now())[1]
    forged = f"{key.partition('.')[0]}.{maker}"
    assert not PasswordLinkKeys().check_token(alice, forged)


def test_a_key_of_somebody_else_opens_nothing(alice: User, bob: User, root: User) -> None:
    assert not PasswordLinkKeys().check_token(bob, make_reset_key(user=alice, by=root, now=timezone.now())[1])
    assert not PasswordLinkKeys().check_token(None, "x")
    assert not PasswordLinkKeys().check_token(alice, None)


def test_whom_nothing_happened_to_stays_signed_in(alice: User, bob: User, root: User) -> None:
    client = signed_in(bob)
    link(bob, by=root)
    deactivate(user=alice, by=root, now=timezone.now())
    assert client.get("/settings/").status_code == 200
