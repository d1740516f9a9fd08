"""People: roles, locking out and in, and that the team never loses its last administrator."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import connection

from edits.models import AuditEntry, Invitation, Role, Status, User
from edits.services.team.auditing import record
from edits.services.team.inviting import invite
from edits.services.team.people import (
    deactivate,
    is_last_administrator,
    make_reset_key,
    reactivate,
    save_profile,
    set_role,
)
from tests.conftest import person, signed_in
from tests.factories import edit_of


def columns(user: User) -> tuple[str, bool, bool]:
    """What the database says of somebody's role."""
    fresh = User.objects.get(pk=user.pk)
    return fresh.role, fresh.is_staff, fresh.is_superuser


class TestRole:
    @pytest.mark.parametrize(
        ("role", "expected"),
        [
            (Role.MEMBER, ("member", False, False)),
            (Role.REVIEWER, ("reviewer", True, False)),
            (Role.ADMINISTRATOR, ("administrator", True, True)),
        ],
    )
    def test_the_columns_of_a_role_move_together(
        self, rita: User, root: User, role: Role, expected: tuple[str, bool, bool]
    ) -> None:
        assert set_role(user=rita, role=role, by=root)
        assert columns(rita) == expected
        assert (rita.role, rita.is_staff, rita.is_superuser) == expected

    def test_it_is_written_down(self, alice: User, root: User) -> None:
        set_role(user=alice, role=Role.REVIEWER, by=root)
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.subject, entry.detail) == (root, "alice", "Member to Reviewer")

    def test_the_same_role_again_is_not_written_down(self, alice: User, root: User) -> None:
        assert set_role(user=alice, role=Role.MEMBER, by=root)
        assert not AuditEntry.objects.exists()

    def test_the_last_administrator_stays_one(self, root: User) -> None:
        assert not set_role(user=root, role=Role.MEMBER, by=root)
        assert columns(root) == ("administrator", True, True)
        assert not AuditEntry.objects.exists()

    def test_a_deactivated_administrator_does_not_count(self, root: User) -> None:
        other = person("rosa", Role.ADMINISTRATOR)
        deactivate(user=other, by=root)
        assert is_last_administrator(root)
        assert not set_role(user=root, role=Role.REVIEWER, by=root)

    def test_with_another_they_may_step_down_and_their_links_die(self, root: User) -> None:
        other = person("rosa", Role.ADMINISTRATOR)
        invite(by=root, role=Role.ADMINISTRATOR, days=7)
        assert set_role(user=root, role=Role.MEMBER, by=other)
        assert columns(root) == ("member", False, False)
        assert not Invitation.objects.open(datetime.now(UTC)).exists()

    @pytest.mark.django_db(transaction=True)
    def test_two_who_step_down_at_once_leave_one(self) -> None:
        both = [person("root", Role.ADMINISTRATOR), person("rosa", Role.ADMINISTRATOR)]
        together = Barrier(2)

        def step_down(user: User) -> bool:
            try:
                together.wait(timeout=10)
                return set_role(user=user, role=Role.MEMBER, by=user)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as threads:
            done = list(threads.map(step_down, both))
        assert sorted(done) == [False, True]
        assert User.objects.filter(role=Role.ADMINISTRATOR).count() == 1


class TestDeactivate:
    def test_sessions_end_at_once_and_only_theirs(self, alice: User, bob: User, root: User) -> None:
        alice_here, alice_there, bob_here = signed_in(alice), signed_in(alice), signed_in(bob)
        deactivate(user=alice, by=root)
        for client in (alice_here, alice_there):
            assert client.get("/settings/").headers["Location"].startswith("/accounts/login/")
        assert bob_here.get("/settings/").status_code == 200
        assert Session.objects.count() == 1

    def test_letting_in_again_does_not_bring_sessions_back(self, alice: User, root: User) -> None:
        client = signed_in(alice)
        deactivate(user=alice, by=root)
        reactivate(user=alice, by=root)
        assert client.get("/settings/").status_code == 302
        assert User.objects.get(pk=alice.pk).is_active

    def test_queued_edits_are_canceled_and_nothing_else(self, alice: User, bob: User, root: User) -> None:
        waiting = edit_of(alice)
        running, done = edit_of(alice, status=Status.RUNNING), edit_of(alice, status=Status.SUCCEEDED)
        bobs = edit_of(bob)
        deactivate(user=alice, by=root)
        for edit, status in (
            (waiting, Status.CANCELED),
            (running, Status.RUNNING),
            (done, Status.SUCCEEDED),
            (bobs, Status.QUEUED),
        ):
            edit.refresh_from_db()
            assert edit.status == status

    def test_their_open_invitations_die_with_them(self, root: User) -> None:
        other = person("rosa", Role.ADMINISTRATOR)
        invite(by=other, role=Role.ADMINISTRATOR, days=30)
        invite(by=root, role=Role.MEMBER, days=30)
        deactivate(user=other, by=root)
        assert Invitation.objects.open(datetime.now(UTC)).get().created_by == root

    def test_the_last_administrator_stays(self, root: User) -> None:
        assert not deactivate(user=root, by=root)
        assert User.objects.get(pk=root.pk).is_active

    def test_it_is_written_down_once(self, alice: User, root: User) -> None:
        for _ in range(2):
            assert deactivate(user=alice, by=root)
        reactivate(user=alice, by=root)
        reactivate(user=alice, by=root)
        actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
        assert actions == ["deactivated", "reactivated"]


class TestProfile:
    def test_name_email_and_shortcuts_are_saved_and_nothing_else(self, alice: User) -> None:
        save_profile(user=alice, name="Alice Li", email="li@example.com", shortcuts=False)
        fresh = User.objects.get(pk=alice.pk)
        assert (fresh.name, fresh.initials, fresh.email, fresh.shortcuts) == (
            "Alice Li",
            "AL",
            "li@example.com",
            False,
        )
        assert fresh.role == Role.MEMBER

    def test_a_role_that_was_just_taken_away_does_not_come_back(self, rita: User, root: User) -> None:
        stale = User.objects.get(pk=rita.pk)
        set_role(user=rita, role=Role.MEMBER, by=root)
        save_profile(user=stale, name="Rita", email=stale.email, shortcuts=True)
        assert columns(rita) == ("member", False, False)

    def test_an_old_address_signs_nobody_in_any_more(self, alice: User) -> None:
        EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
        save_profile(user=alice, name="", email="li@example.com", shortcuts=True)
        assert EmailAddress.objects.get(user=alice).email == "li@example.com"
        save_profile(user=alice, name="", email="", shortcuts=True)
        assert not EmailAddress.objects.filter(user=alice).exists()


class TestAudit:
    def test_a_password_link_is_written_down_without_its_key(self, alice: User, root: User) -> None:
        _, key = make_reset_key(user=alice, by=root)
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.subject) == ("made a password link", "alice")
        assert key not in f"{entry.detail}{entry.subject}"

    def test_what_is_too_long_is_cut_instead_of_lost(self, root: User) -> None:
        entry = record(actor=root, action="a" * 99, subject="s" * 999, detail="d" * 999)
        entry.full_clean()
        assert (len(entry.action), len(entry.subject), len(entry.detail)) == (40, 100, 500)
