"""Keys on the settings page: made and shown once, listed by how they begin, revoked; administrators revoke all."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from edits.forms.api_keys import MOST_KEYS
from edits.models import ApiKey, AuditEntry, User
from edits.services.api.api_keys import find_api_key, make_api_key, revoke_api_key
from tests.conftest import person, signed_in
from tests.log_lines import logged

MAKE = "/settings/api-keys/"
FORM = {"name": "nightly", "per_minute": "600", "can_edit": "on", "can_read": "on", "days": "90"}


def key_of(owner: User, *, name: str = "nightly") -> ApiKey:
    return make_api_key(owner=owner, name=name, now=timezone.now())[0]


def revoke(client: Client, key: ApiKey, **more: Any) -> Any:
    return client.post(reverse("edits:revoke_api_key", args=[key.pk]), **more)


def page_of(user: User) -> str:
    """The settings as this person sees them."""
    return html.unescape(signed_in(user).get("/settings/").content.decode())


def text_in(page: str) -> str:
    """The key that a page shows once."""
    found = re.search(r'readonly value="(rtk_[\w-]+)"', page)
    assert found
    return found[1]


class TestMaking:
    @pytest.mark.parametrize("who", ["alice", "rita", "root"])
    def test_everybody_makes_their_own(self, request: pytest.FixtureRequest, who: str) -> None:
        owner: User = request.getfixturevalue(who)
        answer = signed_in(owner).post(MAKE, FORM)
        key = find_api_key(text_in(answer.content.decode()), now=timezone.now())
        assert key
        assert (key.owner, key.name, key.per_minute) == (owner, "nightly", 600)
        assert (key.can_edit, key.can_read) == (True, True)
        assert key.expires_at == key.created_at + timedelta(days=90)

    def test_it_is_shown_once_and_never_again(self, alice: User, root: User) -> None:
        client = signed_in(alice)
        with logged() as lines:
            answer = client.post(MAKE, FORM)
        page = answer.content.decode()
        text = text_in(page)
        assert answer.headers["Cache-Control"] == "no-store"
        assert f'data-copy="{text}"' in page
        later = [client.get(address).content.decode() for address in ("/settings/", "/", "/history/")]
        later += [page_of(root), signed_in(root).get("/admin/edits/apikey/").content.decode()]
        assert not any(text in other for other in later)
        assert text not in lines.text + "".join(str(cookie) for cookie in client.cookies.values())
        assert ApiKey.objects.get().hint in later[0]

    @override_settings(STEPFUN_MODEL="step-image-edit-2")
    def test_a_call_to_try_it_with_comes_along(self, alice: User) -> None:
        page = html.unescape(signed_in(alice).post(MAKE, FORM).content.decode())
        example = page.split("<pre")[1].split("</pre>")[0]
        assert "curl http://testserver/v1/images/edits" in example
        assert '-H "Authorization: Bearer $RETAKE_API_KEY"' in example
        assert "-F model=step-image-edit-2" in example
        assert "rtk_" not in example

    def test_a_key_that_only_reads_has_no_such_call(self, alice: User) -> None:
        form = {name: value for name, value in FORM.items() if name != "can_edit"}
        page = signed_in(alice).post(MAKE, form).content.decode()
        assert not ApiKey.objects.get().can_edit
        assert "<pre" not in page

    @pytest.mark.parametrize(("choice", "days"), [("30", 30), ("365", 365), ("never", None)])
    def test_it_lasts_as_long_as_chosen(self, alice: User, choice: str, days: int | None) -> None:
        signed_in(alice).post(MAKE, FORM | {"days": choice})
        key = ApiKey.objects.get()
        assert key.expires_at == (key.created_at + timedelta(days=days) if days else None)

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"name": " "}, "Enter a name"),
            ({"name": "n" * 101}, "at most 100 characters"),
            ({"name": "a\x00b"}, "Null characters"),
            ({"days": "7"}, "Select a valid choice"),
            ({"days": ""}, "This field is required"),
            ({"per_minute": "0"}, "greater than or equal to 1"),
            ({"per_minute": "60001"}, "less than or equal to 60000"),
            ({"per_minute": "many"}, "Enter a whole number"),
            ({"can_edit": "", "can_read": ""}, "Choose at least one permission"),
        ],
    )
    def test_what_is_wrong_is_told_and_none_is_made(
        self, alice: User, wrong: dict[str, str], words: str
    ) -> None:
        form = {name: value for name, value in (FORM | wrong).items() if value or name == "days"}
        answer = signed_in(alice).post(MAKE, form)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert '<details class="new-key" open>' in answer.content.decode()
        assert not ApiKey.objects.exists()

    def test_there_is_an_end_to_how_many(self, alice: User, bob: User) -> None:
        for _ in range(MOST_KEYS):
            key = key_of(alice)
        client = signed_in(alice)
        answer = client.post(MAKE, FORM)
        assert answer.status_code == 422
        assert "You have 50 keys" in answer.content.decode()
        assert signed_in(bob).post(MAKE, FORM).status_code == 200
        revoke(client, key)
        assert client.post(MAKE, FORM).status_code == 200

    def test_nobody_makes_one_for_somebody_else(self, alice: User, bob: User) -> None:
        signed_in(alice).post(MAKE, FORM | {"owner": str(bob.pk), "username": "bob"})
        assert ApiKey.objects.get().owner == alice

    def test_its_name_is_not_markup(self, alice: User, root: User) -> None:
        page = signed_in(alice).post(MAKE, FORM | {"name": "<script>alert(1)</script>"}).content.decode()
        others = [signed_in(user).get("/settings/").content.decode() for user in (alice, root)]
        assert not any("<script>alert" in text for text in (page, *others))


class TestWhoMay:
    def test_it_takes_a_post_with_the_token_of_a_form(self, alice: User) -> None:
        key = key_of(alice)
        address = reverse("edits:revoke_api_key", args=[key.pk])
        client = Client(enforce_csrf_checks=True)
        client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert (client.get(MAKE).status_code, client.get(address).status_code) == (405, 405)
        assert (client.post(MAKE, FORM).status_code, client.post(address).status_code) == (403, 403)
        assert ApiKey.objects.get().revoked_at is None

    def test_a_key_neither_makes_nor_sees_nor_revokes_keys(self, root: User) -> None:
        key, text = make_api_key(owner=root, name="nightly", now=timezone.now())
        headers = {"Authorization": f"Bearer {text}"}
        program = Client()
        for answer in (
            program.post(MAKE, FORM, headers=headers),
            program.get("/settings/", headers=headers),
            revoke(program, key, headers=headers),
        ):
            assert answer.headers["Location"].startswith("/accounts/login/")
        asks_for_json = headers | {"Accept": "application/json"}
        assert program.post(MAKE, FORM, headers=asks_for_json).status_code == 401
        assert ApiKey.objects.get().revoked_at is None

    @pytest.mark.parametrize("who", ["bob", "rita"])
    def test_for_others_a_key_does_not_exist(
        self, request: pytest.FixtureRequest, alice: User, who: str
    ) -> None:
        key = key_of(alice, name="private plans")
        other: User = request.getfixturevalue(who)
        client = signed_in(other)
        missing = client.post(reverse("edits:revoke_api_key", args=[key.pk + 1]))
        answer = revoke(client, key)
        assert (answer.status_code, missing.status_code) == (404, 404)
        assert len(answer.content) == len(missing.content)
        assert ApiKey.objects.get().revoked_at is None
        assert "private plans" not in page_of(other)
        assert key.hint not in page_of(other)

    def test_who_is_deactivated_comes_no_further_than_the_sign_in(self, alice: User) -> None:
        client = signed_in(alice)
        User.objects.filter(pk=alice.pk).update(is_active=False)
        assert client.post(MAKE, FORM).headers["Location"].startswith("/accounts/login/")
        assert not ApiKey.objects.exists()


class TestList:
    def test_it_says_what_a_key_may_until_when_and_when_it_was_used(self, alice: User) -> None:
        make_api_key(owner=alice, name="board", can_edit=False, days=30, per_minute=6000, now=timezone.now())
        key = ApiKey.objects.get()
        assert key.expires_at
        page = page_of(alice)
        for words in ("board", f"{key.hint}…", "reads edits", "6,000 calls per minute", "never used"):
            assert words in page
        assert f"{timezone.localtime(key.expires_at):%Y-%m-%d}" in page
        ApiKey.objects.update(last_used_at=timezone.now())
        assert "never used" not in page_of(alice)
        assert "last used" in page_of(alice)

    def test_without_an_end_it_says_so(self, alice: User) -> None:
        key_of(alice)
        assert "never expires" in page_of(alice).split('class="api-key"')[1]

    def test_what_ended_is_apart_and_cannot_be_revoked(self, alice: User) -> None:
        now = timezone.now()
        revoke_api_key(key=key_of(alice, name="laptop"), by=alice, now=timezone.now())
        make_api_key(owner=alice, name="desk", days=1, now=now - timedelta(days=2))
        page = page_of(alice)
        assert "Your keys" not in page
        ended = page.split("Revoked and expired")[1]
        assert "laptop" in ended
        assert "desk" in ended
        assert "/revoke/" not in page

    def test_no_hash_is_on_the_page(self, alice: User, root: User) -> None:
        key = key_of(alice)
        assert key.key_hash not in page_of(alice) + page_of(root)


class TestRevoking:
    def test_ones_own(self, alice: User) -> None:
        key, text = make_api_key(owner=alice, name="nightly", now=timezone.now())
        client = signed_in(alice)
        page = revoke(client, key, follow=True).content.decode()
        assert "Key “nightly” revoked" in page
        assert find_api_key(text, now=timezone.now()) is None
        assert "already revoked" in revoke(client, key, follow=True).content.decode()
        assert AuditEntry.objects.filter(action="revoked an API key").count() == 1

    def test_administrators_see_whose_there_are_and_revoke_them(self, alice: User, root: User) -> None:
        key, text = make_api_key(owner=alice, name="nightly", now=timezone.now())
        page = page_of(root).split("Keys of others")[1]
        assert key.hint in page
        assert "Revoke the key nightly of alice" in page
        revoke(signed_in(root), key)
        assert find_api_key(text, now=timezone.now()) is None
        entry = AuditEntry.objects.get(action="revoked an API key")
        assert entry.actor == root
        assert "of alice" in entry.subject
        assert "Keys of others" not in page_of(root)

    def test_their_own_is_not_among_those_of_others(self, root: User) -> None:
        key_of(root)
        assert "Keys of others" not in page_of(root)


class TestReference:
    def test_everybody_is_led_to_what_they_may_read(self, alice: User, root: User) -> None:
        assert reverse("edits:openapi") in page_of(alice)
        assert reverse("edits:api_docs") not in page_of(alice)
        assert reverse("edits:api_docs") in page_of(root)

    def test_the_address_is_the_one_the_page_came_from(self, alice: User) -> None:
        with override_settings(ALLOWED_HOSTS=["retake.example.com"]):
            page = signed_in(alice).get("/settings/", headers={"Host": "retake.example.com"}, secure=True)
        assert 'data-copy="https://retake.example.com/v1"' in page.content.decode()


def test_as_many_queries_with_fifty_keys_as_with_two(root: User, django_assert_max_num_queries: Any) -> None:
    for number in range(25):
        key_of(root)
        key_of(person(f"person{number}"))
    client = signed_in(root)
    client.get("/settings/")
    with django_assert_max_num_queries(19):
        client.get("/settings/")
