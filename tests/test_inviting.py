"""Invitations: the only way to an account after the first, one account each."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from edits.models import AuditEntry, Invitation, InvitationState, Role, User
from edits.services.team.inviting import accept_invitation, find_invitation, invite, revoke_invitation
from tests.conftest import person, signed_in

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAROL = {
    "username": "carol",
    "name": "Carol Jones",
    "email": "carol@example.com",
    "password1": "velvet hammer 9",
}


def later(**distance: float) -> datetime:
    """A moment after noon."""
    return NOON + timedelta(**distance)


def invited_by(root: User, *, role: str = Role.MEMBER, days: int = 7) -> tuple[Invitation, str]:
    """An invitation made just now."""
    return invite(by=root, role=role, note="Carol", days=days, now=timezone.now())


def arrive(token: str) -> Client:
    """The browser of somebody who followed an invitation link."""
    client = Client()
    client.get(reverse("edits:join", args=[token]))
    return client


class TestInvite:
    def test_the_token_has_256_bits_and_only_its_hash_is_kept(self, root: User) -> None:
        invitation, token = invited_by(root)
        assert len(token) >= 43
        kept = [str(value) for value in Invitation.objects.values_list().get()]
        assert not any(token in value for value in kept)
        assert find_invitation(token) == invitation

    def test_no_two_are_alike(self, root: User) -> None:
        assert invited_by(root)[1] != invited_by(root)[1]

    def test_it_is_written_down_without_the_token(self, root: User) -> None:
        invited_by(root, role=Role.REVIEWER)
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.subject, entry.detail) == (
            root,
            "invited",
            "Carol",
            "Reviewer",
        )

    @pytest.mark.parametrize("token", ["", "x", "é", "\x00", "A" * 43])
    def test_an_invented_token_is_nobodys(self, root: User, token: str) -> None:
        invited_by(root)
        assert find_invitation(token) is None


class TestStates:
    def test_it_is_open_until_the_last_moment(self, root: User) -> None:
        invitation, _ = invite(by=root, role=Role.MEMBER, days=7, now=NOON)
        assert invitation.state(later(days=6.99)) == InvitationState.OPEN
        assert invitation.state(later(days=7)) == InvitationState.EXPIRED
        assert Invitation.objects.open(later(days=6.99)).exists()
        assert not Invitation.objects.open(later(days=7)).exists()

    def test_a_revoked_one_is_not_open(self, root: User) -> None:
        invitation, _ = invited_by(root)
        assert revoke_invitation(invitation=invitation, by=root, now=timezone.now())
        invitation.refresh_from_db()
        assert invitation.state(NOON) == InvitationState.REVOKED
        assert not accept_invitation(invitation=invitation, user=User(username="carol"), now=timezone.now())

    def test_revoking_twice_or_too_late_changes_nothing(self, root: User) -> None:
        invitation, _ = invited_by(root)
        assert accept_invitation(invitation=invitation, user=User(username="carol"), now=timezone.now())
        assert not revoke_invitation(invitation=invitation, by=root, now=timezone.now())
        invitation.refresh_from_db()
        assert invitation.state(NOON) == InvitationState.USED
        assert invitation.revoked_at is None


class TestAccept:
    @pytest.mark.parametrize("role", Role.values)
    def test_the_role_comes_from_the_invitation(self, root: User, role: str) -> None:
        invitation, _ = invited_by(root, role=role)
        assert accept_invitation(invitation=invitation, user=User(username="carol"), now=timezone.now())
        carol = User.objects.get(username="carol")
        assert carol.role == role
        assert carol.is_superuser == (role == Role.ADMINISTRATOR)
        assert carol.is_staff == (role != Role.MEMBER)

    def test_the_second_to_use_it_is_not_saved(self, root: User) -> None:
        invitation, _ = invited_by(root)
        assert accept_invitation(invitation=invitation, user=User(username="carol"), now=timezone.now())
        assert not accept_invitation(invitation=invitation, user=User(username="mallory"), now=timezone.now())
        assert not User.objects.filter(username="mallory").exists()

    def test_an_expired_one_saves_nobody(self, root: User) -> None:
        invitation, _ = invite(by=root, role=Role.MEMBER, days=1, now=NOON)
        assert not accept_invitation(invitation=invitation, user=User(username="carol"), now=later(days=2))
        assert not User.objects.filter(username="carol").exists()

    def test_a_taken_username_does_not_use_it_up(self, root: User, alice: User) -> None:
        invitation, _ = invited_by(root)
        with pytest.raises(IntegrityError):
            accept_invitation(invitation=invitation, user=User(username="alice"), now=timezone.now())
        assert accept_invitation(invitation=invitation, user=User(username="carol"), now=timezone.now())

    @pytest.mark.django_db(transaction=True)
    def test_of_two_at_the_same_moment_one_gets_in(self) -> None:
        invitation, _ = invited_by(person("root", Role.ADMINISTRATOR))
        together = Barrier(2)

        def accept(name: str) -> bool:
            try:
                together.wait(timeout=10)
                return accept_invitation(invitation=invitation, user=User(username=name), now=timezone.now())
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as threads:
            accepted = list(threads.map(accept, ["carol", "mallory"]))
        assert sorted(accepted) == [False, True]
        assert User.objects.exclude(username="root").count() == 1
        assert AuditEntry.objects.filter(action="joined").count() == 1


class TestJoining:
    def test_from_the_link_to_the_studio(self, root: User) -> None:
        _, token = invited_by(root, role=Role.REVIEWER)
        client = arrive(token)
        answer = client.post("/accounts/signup/", CAROL)
        carol = User.objects.get(username="carol")
        assert answer.headers["Location"] == reverse("edits:studio")
        assert client.session["_auth_user_id"] == str(carol.pk)
        assert (carol.name, carol.email, carol.role) == ("Carol Jones", "carol@example.com", Role.REVIEWER)
        assert carol.check_password("velvet hammer 9")
        assert carol.invitation.used_at

    def test_the_role_cannot_be_sent_along(self, root: User) -> None:
        _, token = invited_by(root)
        more = {"role": "administrator", "is_superuser": "1", "is_staff": "1", "is_founder": "1"}
        arrive(token).post("/accounts/signup/", CAROL | more)
        carol = User.objects.get(username="carol")
        assert (carol.role, carol.is_superuser, carol.is_staff, carol.is_founder) == (
            "member",
            False,
            False,
            False,
        )

    def test_looking_at_the_link_uses_nothing_up(self, root: User) -> None:
        _, token = invited_by(root)
        for _ in range(3):
            assert arrive(token).get("/accounts/signup/").status_code == 200

    def test_the_token_is_not_kept_in_the_session(self, root: User) -> None:
        _, token = invited_by(root)
        assert token not in str(dict(arrive(token).session))

    def test_a_link_is_for_the_browser_that_opened_it(self, root: User) -> None:
        invited_by(root)
        assert "By invitation only" in Client().get("/accounts/signup/").content.decode()
        Client().post("/accounts/signup/", CAROL)
        assert not User.objects.filter(username="carol").exists()

    def test_two_browsers_with_one_link_make_one_account(self, root: User) -> None:
        _, token = invited_by(root)
        first, second = arrive(token), arrive(token)
        first.post("/accounts/signup/", CAROL)
        page = second.post("/accounts/signup/", CAROL | {"username": "mallory", "email": ""})
        assert "By invitation only" in page.content.decode()
        assert not User.objects.filter(username="mallory").exists()

    def test_it_is_revoked_while_somebody_types(self, root: User) -> None:
        invitation, token = invited_by(root)
        client = arrive(token)
        revoke_invitation(invitation=invitation, by=root, now=timezone.now())
        client.post("/accounts/signup/", CAROL)
        assert not User.objects.filter(username="carol").exists()

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("username", "ALICE", "username is already taken"),
            ("username", "", "required"),
            ("email", "alice@example.com", "address is already in use"),
            ("email", "nonsense", "valid email"),
            ("password1", "12345678", "entirely numeric"),
        ],
    )
    def test_what_is_wrong_is_told_and_the_link_still_works(
        self, root: User, alice: User, field: str, value: str, words: str
    ) -> None:
        _, token = invited_by(root)
        client = arrive(token)
        assert words in client.post("/accounts/signup/", CAROL | {field: value}).content.decode()
        assert client.post("/accounts/signup/", CAROL).status_code == 302

    def test_every_dead_link_is_told_why_on_the_same_page(self, root: User) -> None:
        used, used_token = invited_by(root)
        accept_invitation(invitation=used, user=User(username="carol"), now=timezone.now())
        revoked, revoked_token = invited_by(root)
        revoke_invitation(invitation=revoked, by=root, now=timezone.now())
        _, old_token = invite(by=root, role=Role.MEMBER, days=1, now=datetime(2020, 1, 1, tzinfo=UTC))
        sentences = {
            used_token: "has already been used",
            revoked_token: "has been revoked",
            old_token: "has expired",
            "A" * 43: "invitation does not exist",
        }
        for token, sentence in sentences.items():
            page = Client().get(reverse("edits:join", args=[token]))
            assert page.status_code == 404
            assert "This link no longer works" in page.content.decode()
            assert sentence in page.content.decode()

    def test_somebody_with_an_account_keeps_it(self, root: User, alice: User) -> None:
        _, token = invited_by(root, role=Role.ADMINISTRATOR)
        page = signed_in(alice).get(reverse("edits:join", args=[token]))
        assert "You already have an account" in page.content.decode()
        alice.refresh_from_db()
        assert alice.role == Role.MEMBER
        assert Invitation.objects.open(datetime.now(UTC)).exists()

    def test_a_link_is_only_looked_at(self, root: User) -> None:
        _, token = invited_by(root)
        assert Client().post(reverse("edits:join", args=[token])).status_code == 405
