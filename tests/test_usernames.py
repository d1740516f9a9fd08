"""Usernames: typed in any case, accents and composition, and never alike to another one."""

import io
import unicodedata

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from edits.models import ApiKey, Role, User
from edits.services.team.inviting import invite
from tests.conftest import person, signed_in
from tests.test_create_api_key import create
from tests.test_first_run import answers
from tests.test_inviting import CAROL, arrive
from tests.test_signing_in import sign_in


@pytest.fixture(autouse=True)
def _no_failures_yet(db: None) -> None:
    cache.clear()


def join(root: User, username: str) -> str:
    """What the form says to somebody who was invited and wants this name; blank where they are in."""
    _, token = invite(by=root, role=Role.MEMBER, days=7, now=timezone.now())
    answer = arrive(token).post("/accounts/signup/", CAROL | {"username": username, "email": ""})
    return answer.content.decode()


def namesakes(*names: str) -> list[User]:
    """Accounts of a version in which they were different, after the upgrade."""
    return [
        User.objects.create_user(name, password="open sesame 7", is_namesake=number > 0)
        for number, name in enumerate(names)
    ]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Éric", "éric"),
        ("Éric", "E\u0301RIC"),
        ("Éric", "eric"),
        ("Иван", "иван"),
        ("straße", "STRASSE"),
        ("ipek", "İPEK"),
        ("ırmak", "IRMAK"),
        ("Νίκος", "ΝΙΚΟΣ"),
        ("ガラス", "ｶﾞﾗｽ"),
    ],
)
def test_one_signs_in_however_the_name_is_typed(client: Client, name: str, typed: str) -> None:
    user = person(name)
    assert sign_in(client, typed) == reverse("edits:studio")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_guesses_count_for_the_account_in_whatever_spelling() -> None:
    person("éric")
    for typed in ("éric", "ÉRIC", "eric", "Eric", "e\u0301ric"):
        sign_in(Client(), typed, "guess")
    assert "Wait five minutes" in sign_in(Client(), "éric")


def test_accounts_that_were_told_apart_before_stay_two() -> None:
    for user in namesakes("éric", "eric", "Eríc"):
        client = Client()
        assert sign_in(client, user.username) == reverse("edits:studio")
        assert client.session["_auth_user_id"] == str(user.pk)


def test_an_address_is_never_read_as_somebodys_name(client: Client) -> None:
    person("jose@example.com")
    jose = User.objects.create_user("pepe", "josé@example.com", "open sesame 7")
    sign_in(client, "josé@example.com")
    assert client.session["_auth_user_id"] == str(jose.pk)


@pytest.mark.parametrize("taken", ["éric", "eric", "E\u0301RIC", "ＥＲＩＣ"])
def test_a_name_like_that_of_another_is_refused(root: User, taken: str) -> None:
    person("Éric")
    assert "username is already taken" in join(root, taken)
    assert User.objects.count() == 2


@pytest.mark.parametrize("name", ["boss@example.com", "boss@home", "@boss", "b@ss", "boss＠example.com"])
def test_an_address_is_no_username(root: User, name: str) -> None:
    assert "may contain only" in join(root, name)
    assert not User.objects.exclude(pk=root.pk).exists()


@pytest.mark.parametrize("name", ["rооt", "аlice", "rοοt", "Օlivia", "աlice", "Ꭱita", "иνан"])
def test_a_name_of_letters_that_look_alike_is_refused(root: User, name: str) -> None:
    assert "the letters of only one script" in join(root, name)
    assert not User.objects.exclude(pk=root.pk).exists()


@pytest.mark.parametrize(
    "name",
    [
        "иван",
        "Νίκος",
        "ガラスひらがな漢字",
        "山田taro",
        "김철수",
        "רונית",
        "أمل",
        "o-brien.2",
        "иван_2",
        "1+1",
        "Nguyễn",
    ],
)
def test_a_name_of_one_script_is_taken(root: User, name: str) -> None:
    assert join(root, name) == ""
    assert User.objects.exclude(pk=root.pk).count() == 1


def test_the_setup_and_the_terminal_refuse_the_same(client: Client) -> None:
    for name, words in (("boss@example.com", "may contain only"), ("rооt", "one script")):
        answer = client.post("/setup/", answers(username=name))
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
        with pytest.raises(CommandError, match=words):
            call_command("createsuperuser", username=name, email="", interactive=False, stderr=io.StringIO())
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["boss@example.com", "rооt"])
def test_accounts_of_an_earlier_version_keep_signing_in(client: Client, name: str) -> None:
    user = person(name)
    User.objects.filter(pk=user.pk).update(email="")
    assert sign_in(client, name) == reverse("edits:studio")
    assert client.session["_auth_user_id"] == str(user.pk)
    answer = client.post("/settings/profile/", {"name": "B", "email": "", "shortcuts": "on"})
    assert answer.status_code == 302


@pytest.mark.parametrize("where", ["join", "profile"])
def test_nobody_takes_an_address_that_is_somebodys_name(root: User, alice: User, where: str) -> None:
    person("boss@example.com")
    User.objects.filter(username="boss@example.com").update(email="")
    if where == "join":
        _, token = invite(by=root, role=Role.MEMBER, days=7, now=timezone.now())
        page = arrive(token).post("/accounts/signup/", CAROL | {"email": "Boss@example.com"}).content.decode()
    else:
        form = {"name": "", "email": "Boss@example.com"}
        page = signed_in(alice).post("/settings/profile/", form).content.decode()
    assert "address is already in use" in page
    assert not User.objects.filter(email__iexact="boss@example.com").exists()


def test_a_name_is_stored_composed(root: User) -> None:
    assert join(root, "e\u0301ric") == ""
    assert User.objects.filter(username=unicodedata.normalize("NFKC", "e\u0301ric")).exists()


def test_a_name_that_grows_too_long_is_refused(client: Client) -> None:
    assert client.post("/setup/", answers(username="\ufdfa" * 150)).status_code == 422
    assert not User.objects.exists()


def test_a_superuser_made_in_the_terminal_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    person("Éric")
    with pytest.raises(CommandError, match="already taken"):
        call_command("createsuperuser", username="eric", email="", interactive=False, stderr=io.StringIO())


def test_a_key_is_made_for_who_is_meant() -> None:
    user = person("Éric")
    create("éric")
    assert ApiKey.objects.get().owner == user
