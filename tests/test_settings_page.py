"""The settings: one's own for everybody, the team for administrators alone."""

import re
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from edits.models import AuditEntry, Decision, Invitation, ReviewCase, Role, User
from edits.services.team.inviting import find_invitation, invite
from tests.conftest import person, signed_in
from tests.factories import filtered_edit_of

ASK_FIRST = ["deactivate_person", "reactivate_person"]
"""They have a page of their own, which changes nothing."""
ACTIONS = ["set_role", "deactivate_person", "reactivate_person", "make_password_link", "unlock_sign_in"]


def page_of(user: User) -> str:
    """The settings as this person sees them."""
    return signed_in(user).get("/settings/").content.decode()


def link_in(page: str) -> str:
    """The link that a page shows once."""
    found = re.search(r'readonly value="(http://testserver[^"]+)"', page)
    assert found
    return found[1].removeprefix("http://testserver")


class TestOwn:
    def test_name_email_and_shortcuts_are_saved(self, alice: User) -> None:
        form = {"name": "Alice Li", "email": "Li@Example.com"}
        answer = signed_in(alice).post("/settings/profile/", form, follow=True)
        alice.refresh_from_db()
        assert (alice.name, alice.email, alice.shortcuts) == ("Alice Li", "li@example.com", False)
        assert "Saved." in answer.content.decode()
        assert 'data-shortcuts="off"' in answer.content.decode()

    def test_somebody_elses_address_is_refused_and_the_rest_is_kept(self, alice: User, bob: User) -> None:
        form = {"name": "Alice Li", "email": "BOB@example.com", "shortcuts": "on"}
        answer = signed_in(alice).post("/settings/profile/", form)
        assert answer.status_code == 422
        assert "address is already in use" in answer.content.decode()
        assert 'value="Alice Li"' in answer.content.decode()
        alice.refresh_from_db()
        assert alice.email == "alice@example.com"

    def test_nobody_gives_themselves_a_role(self, alice: User) -> None:
        form = {"name": "", "email": "", "role": "administrator", "is_superuser": "on", "is_staff": "on"}
        signed_in(alice).post("/settings/profile/", form)
        alice.refresh_from_db()
        assert (alice.role, alice.is_superuser, alice.is_staff) == (Role.MEMBER, False, False)

    def test_what_they_type_is_not_markup(self, alice: User, root: User) -> None:
        signed_in(alice).post("/settings/profile/", {"name": "<script>alert(1)</script>", "email": ""})
        assert "<script>alert" not in page_of(alice) + page_of(root)

    def test_saving_is_a_post(self, alice: User) -> None:
        assert signed_in(alice).get("/settings/profile/").status_code == 405


class TestNotices:
    def test_decisions_and_questions_that_were_not_seen_are_listed(self, alice: User, rita: User) -> None:
        decided, asked, waiting, seen = (filtered_edit_of(alice, prompt=f"prompt {n}") for n in range(4))
        now = timezone.now()
        decision: dict[str, Any] = {"decision": Decision.DISMISSED, "decided_at": now, "decided_by": rita}
        ReviewCase.objects.filter(edit=decided).update(**decision, author_notified_at=None)
        ReviewCase.objects.filter(edit=asked).update(
            question="Who is it?", question_open=True, author_notified_at=None
        )
        ReviewCase.objects.filter(edit=seen).update(**decision, author_notified_at=now)
        page = page_of(alice)
        assert "prompt 0" in page
        assert "prompt 1" in page
        assert waiting.prompt not in page
        assert seen.prompt not in page

    def test_they_are_the_authors_alone(self, alice: User, bob: User, rita: User) -> None:
        edit = filtered_edit_of(alice, prompt="a private prompt")
        ReviewCase.objects.filter(edit=edit).update(question_open=True, author_notified_at=None)
        assert "a private prompt" not in page_of(bob) + page_of(rita)


class TestAbout:
    def test_the_practice_engine_is_told_plainly_and_how_to_set_a_key(self, alice: User, root: User) -> None:
        with override_settings(PRACTICE_ENGINE=True):
            assert "It is not an AI model" in " ".join(page_of(alice).split())
            assert "STEPFUN_API_KEY" in page_of(root)
            assert "STEPFUN_API_KEY" not in page_of(alice)

    @pytest.mark.parametrize(
        ("model", "steps"), [("step-1x-edit", "1 to 100"), ("step-image-edit-2", "1 to 50")]
    )
    def test_the_limits_are_those_of_the_model(self, alice: User, model: str, steps: str) -> None:
        with override_settings(STEPFUN_MODEL=model):
            page = page_of(alice)
        assert model in page
        assert steps in page

    def test_the_key_is_on_no_page(self, root: User, alice: User) -> None:
        with override_settings(STEPFUN_API_KEY="sk-very-secret"):
            assert "sk-very-secret" not in page_of(root) + page_of(alice)


class TestTeam:
    @pytest.mark.parametrize("who", ["alice", "rita"])
    def test_it_is_not_shown_to_others(self, request: pytest.FixtureRequest, root: User, who: str) -> None:
        page = page_of(request.getfixturevalue(who))
        assert 'id="people"' not in page
        assert 'id="invitations"' not in page
        assert "root@example.com" not in page

    @pytest.mark.parametrize("who", ["alice", "rita"])
    @pytest.mark.parametrize("action", ACTIONS)
    def test_for_others_its_actions_do_not_exist(
        self, request: pytest.FixtureRequest, bob: User, who: str, action: str
    ) -> None:
        client = signed_in(request.getfixturevalue(who))
        answer = client.post(reverse(f"edits:{action}", args=[bob.pk]), {"role": "administrator"})
        missing = client.post("/no/such/page/")
        assert (answer.status_code, missing.status_code) == (404, 404)
        bob.refresh_from_db()
        assert (bob.role, bob.is_active) == (Role.MEMBER, True)
        assert not AuditEntry.objects.exists()

    @pytest.mark.parametrize("action", ACTIONS)
    def test_its_actions_are_posts_with_a_token(self, root: User, bob: User, action: str) -> None:
        address = reverse(f"edits:{action}", args=[bob.pk])
        assert signed_in(root).get(address).status_code == (200 if action in ASK_FIRST else 405)
        bob.refresh_from_db()
        assert bob.is_active
        client = Client(enforce_csrf_checks=True)
        client.force_login(root, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.post(address).status_code == 403

    @pytest.mark.parametrize("action", ACTIONS)
    def test_strangers_are_led_to_the_sign_in(self, root: User, bob: User, action: str) -> None:
        answer = Client().post(reverse(f"edits:{action}", args=[bob.pk]))
        assert answer.headers["Location"].startswith("/accounts/login/")

    def test_a_role_is_given(self, root: User, bob: User) -> None:
        signed_in(root).post(reverse("edits:set_role", args=[bob.pk]), {"role": "reviewer"})
        assert User.objects.get(pk=bob.pk).is_reviewer

    def test_a_role_that_does_not_exist_is_refused(self, root: User, bob: User) -> None:
        address = reverse("edits:set_role", args=[bob.pk])
        answer = signed_in(root).post(address, {"role": "owner"}, follow=True)
        assert "This role does not exist" in answer.content.decode()
        assert User.objects.get(pk=bob.pk).role == Role.MEMBER

    @pytest.mark.parametrize("action", ["set_role", "deactivate_person"])
    def test_the_last_administrator_is_told_to_name_another_first(self, root: User, action: str) -> None:
        address = reverse(f"edits:{action}", args=[root.pk])
        answer = signed_in(root).post(address, {"role": "member"}, follow=True)
        assert "Make someone else an administrator first" in answer.content.decode()
        assert User.objects.get(pk=root.pk).is_administrator

    def test_out_and_in_again(self, root: User, bob: User) -> None:
        client = signed_in(root)
        client.post(reverse("edits:deactivate_person", args=[bob.pk]))
        assert not User.objects.get(pk=bob.pk).is_active
        assert "Reactivate" in client.get("/settings/").content.decode()
        client.post(reverse("edits:reactivate_person", args=[bob.pk]))
        assert User.objects.get(pk=bob.pk).is_active

    def test_a_password_link_is_shown_once_and_works(self, root: User, bob: User) -> None:
        client = signed_in(root)
        answer = client.post(reverse("edits:make_password_link", args=[bob.pk]))
        link = link_in(answer.content.decode())
        assert answer.headers["Cache-Control"] == "no-store"
        assert link not in client.get("/settings/").content.decode()
        assert "Set a new password" in Client().get(link, follow=True).content.decode()

    def test_there_is_no_password_link_for_who_is_locked_out(self, root: User, bob: User) -> None:
        User.objects.filter(pk=bob.pk).update(is_active=False)
        assert signed_in(root).post(reverse("edits:make_password_link", args=[bob.pk])).status_code == 404


class TestInvitations:
    def test_a_link_is_shown_once_and_opens_the_sign_up(self, root: User) -> None:
        client = signed_in(root)
        form = {"role": "reviewer", "note": "Carol", "days": "3"}
        answer = client.post("/settings/invitations/", form)
        link = link_in(answer.content.decode())
        assert answer.headers["Cache-Control"] == "no-store"
        invitation = find_invitation(link.split("/")[-2])
        assert invitation
        assert (invitation.role, invitation.note) == (Role.REVIEWER, "Carol")
        assert (invitation.expires_at - invitation.created_at).days == 3
        assert link not in client.get("/settings/").content.decode()
        assert "Create your account" in Client().get(link, follow=True).content.decode()

    @pytest.mark.parametrize(
        "wrong", [{"days": "0"}, {"days": "31"}, {"days": "x"}, {"role": "owner"}, {"note": "n" * 101}]
    )
    def test_what_is_wrong_is_told_and_none_is_made(self, root: User, wrong: dict[str, str]) -> None:
        form = {"role": "member", "note": "", "days": "7"} | wrong
        answer = signed_in(root).post("/settings/invitations/", form)
        assert answer.status_code == 422
        assert "errorlist" in answer.content.decode()
        assert not Invitation.objects.exists()

    @pytest.mark.parametrize("who", ["alice", "rita"])
    def test_others_neither_make_nor_revoke(
        self, request: pytest.FixtureRequest, root: User, who: str
    ) -> None:
        invitation, _ = invite(by=root, role=Role.MEMBER, days=7, now=timezone.now())
        client = signed_in(request.getfixturevalue(who))
        assert client.post("/settings/invitations/", {"role": "member", "days": "7"}).status_code == 404
        assert client.post(reverse("edits:revoke_invitation", args=[invitation.pk])).status_code == 404
        assert Invitation.objects.open(timezone.now()).count() == 1

    def test_revoking_it(self, root: User) -> None:
        invitation, token = invite(by=root, role=Role.MEMBER, note="Carol", days=7, now=timezone.now())
        client = signed_in(root)
        assert "Carol" in client.get("/settings/").content.decode()
        client.post(reverse("edits:revoke_invitation", args=[invitation.pk]))
        assert "revoked" in client.get("/settings/").content.decode()
        again = client.post(reverse("edits:revoke_invitation", args=[invitation.pk]), follow=True)
        assert "already used, revoked or expired" in again.content.decode()
        assert Client().get(reverse("edits:join", args=[token])).status_code == 404


class TestQueries:
    def test_as_many_with_fifty_people_as_with_five(
        self, root: User, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(50):
            invite(by=person(f"person{number}"), role=Role.MEMBER, days=7, now=timezone.now())
        client = signed_in(root)
        client.get("/settings/")
        with django_assert_max_num_queries(19):
            client.get("/settings/")
