"""People: roles, locking out and in, and that the team never loses its last administrator."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

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
        assert set_role(user=rita, role=role, by=root, now=timezone.now())
        assert columns(rita) == expected
        assert (rita.role, rita.is_staff, rita.is_superuser) == expected

    def test_it_is_written_down(self, alice: User, root: User) -> None:
        set_role(user=alice, role=Role.REVIEWER, by=root, now=timezone.now())
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.subject, entry.detail) == (root, "alice", "Member to Reviewer")

    def test_the_same_role_again_is_not_written_down(self, alice: User, root: User) -> None:
        assert set_role(user=alice, role=Role.MEMBER, by=root, now=timezone.now())
        assert not AuditEntry.objects.exists()

    def test_the_last_administrator_stays_one(self, root: User) -> None:
        assert not set_role(user=root, role=Role.MEMBER, by=root, now=timezone.now())
        assert columns(root) == ("administrator", True, True)
        assert not AuditEntry.objects.exists()

    def test_a_deactivated_administrator_does_not_count(self, root: User) -> None:
        other = person("rosa", Role.ADMINISTRATOR)
        deactivate(user=other, by=root, now=timezone.now())
        assert is_last_administrator(root)
        assert not set_role(user=root, role=Role.REVIEWER, by=root, now=timezone.now())

    def test_with_another_they_may_step_down_and_their_links_die(self, root: User) -> None:
        other = person("rosa", Role.ADMINISTRATOR)
        invite(by=root, role=Role.ADMINISTRATOR, days=7, now=timezone.now())
        assert set_role(user=root, role=Role.MEMBER, by=other, now=timezone.now())
        assert columns(root) == ("member", False, False)
        assert not Invitation.objects.open(datetime.now(UTC)).exists()

    @pytest.mark.django_db(transaction=True)
    def test_two_who_step_down_at_once_leave_one(self) -> None:
        both = [person("root", Role.ADMINISTRATOR), person("rosa", Role.ADMINISTRATOR)]
        together = Barrier(2)

        def step_down(user: User) -> bool:
            try:
                together.wait(timeout=10)
                return set_role(user=user, role=Role.MEMBER, by=user, now=timezone.now())
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as threads:
            done = list(threads.map(step_down, both))
        assert sorted(done) == [False, True]
        assert User.objects.filter(role=Role.ADMINISTRATOR).count() == 1


class TestDeactivate:
    def test_sessions_end_at_once_and_only_theirs(self, alice: User, bob: User, root: User) -> None:
        alice_here, alice_there, bob_here = signed_in(alice), signed_in(alice), signed_in(bob)
        deactivate(user=alice, by=root, now=timezone.now())
        for client in (alice_here, alice_there):
            assert client.get("/settings/").headers["Location"].startswith("/accounts/login/")
        assert bob_here.get("/settings/").status_code == 200

    def test_who_signs_in_again_is_in_and_may_change_the_password(self, alice: User, root: User) -> None:
        deactivate(user=alice, by=root, now=timezone.now())
        reactivate(user=alice, by=root, now=timezone.now())
        client = signed_in(User.objects.get(pk=alice.pk))
        form = {
            "oldpassword": "open sesame 7",
            "password1": "velvet hammer 9",
            "password2": "velvet hammer 9",
        }
        assert client.post("/accounts/password/change/", form).status_code == 302
        assert client.get("/settings/").status_code == 200

    def test_sessions_of_before_the_upgrade_go_on(self, alice: User) -> None:
        of_before = AbstractBaseUser.get_session_auth_hash(alice)
        assert (alice.session_stamp, alice.get_session_auth_hash()) == (0, of_before)

    def test_a_former_secret_key_does_not_bring_sessions_back(
        self, alice: User, root: User, settings: Settings
    ) -> None:
        client = signed_in(alice)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another secret key " * 4
        deactivate(user=alice, by=root, now=timezone.now())
        reactivate(user=alice, by=root, now=timezone.now())
        assert client.get("/settings/").status_code == 302

    def test_it_costs_the_same_however_many_sessions_there_are(self, root: User) -> None:
        def statements(user: User) -> list[str]:
            with CaptureQueriesContext(connection) as asked:
                deactivate(user=user, by=root, now=timezone.now())
            return [query["sql"] for query in asked]

        few = statements(person("alice"))
        for number in range(20):
            signed_in(person(f"bob{number}"))
        many = statements(person("clara"))
        assert len(many) == len(few)
        assert not [sql for sql in many if Session._meta.db_table in sql]

    def test_letting_in_again_does_not_bring_sessions_back(self, alice: User, root: User) -> None:
        client = signed_in(alice)
        deactivate(user=alice, by=root, now=timezone.now())
        reactivate(user=alice, by=root, now=timezone.now())
        assert client.get("/settings/").status_code == 302
        assert User.objects.get(pk=alice.pk).is_active

    def test_queued_edits_are_canceled_and_nothing_else(self, alice: User, bob: User, root: User) -> None:
        waiting = edit_of(alice)
        running, done = edit_of(alice, status=Status.RUNNING), edit_of(alice, status=Status.SUCCEEDED)
        bobs = edit_of(bob)
        deactivate(user=alice, by=root, now=timezone.now())
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
        invite(by=other, role=Role.ADMINISTRATOR, days=30, now=timezone.now())
        invite(by=root, role=Role.MEMBER, days=30, now=timezone.now())
        deactivate(user=other, by=root, now=timezone.now())
        assert Invitation.objects.open(datetime.now(UTC)).get().created_by == root

    def test_the_last_administrator_stays(self, root: User) -> None:
        assert not deactivate(user=root, by=root, now=timezone.now())
        assert User.objects.get(pk=root.pk).is_active

    def test_it_is_written_down_once(self, alice: User, root: User) -> None:
        for _ in range(2):
            assert deactivate(user=alice, by=root, now=timezone.now())
        reactivate(user=alice, by=root, now=timezone.now())
        reactivate(user=alice, by=root, now=timezone.now())
        actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
        assert actions == ["deactivated", "reactivated"]


class TestProfile:
    def test_name_email_and_shortcuts_are_saved_and_nothing_else(self, alice: User) -> None:
        save_profile(user=alice, name="Alice Li", email="li@example.com", shortcuts=False, now=timezone.now())
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
        set_role(user=rita, role=Role.MEMBER, by=root, now=timezone.now())
        save_profile(user=stale, name="Rita", email=stale.email, shortcuts=True, now=timezone.now())
        assert columns(rita) == ("member", False, False)

    def test_an_old_address_signs_nobody_in_any_more(self, alice: User) -> None:
        EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
        save_profile(user=alice, name="", email="li@example.com", shortcuts=True, now=timezone.now())
        assert EmailAddress.objects.get(user=alice).email == "li@example.com"
        save_profile(user=alice, name="", email="", shortcuts=True, now=timezone.now())
        assert not EmailAddress.objects.filter(user=alice).exists()


class TestAudit:
    def test_a_password_link_is_written_down_without_its_key(self, alice: User, root: User) -> None:
        _, key = make_reset_key(user=alice, by=root, now=timezone.now())
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.subject) == ("made a password link", "alice")
        assert key not in f"{entry.detail}{entry.subject}"

    def test_a_new_address_is_written_down_with_the_old_one(self, alice: User) -> None:
        save_profile(user=alice, name="Alice", email=alice.email, shortcuts=True, now=timezone.now())
        assert not AuditEntry.objects.exists()
        save_profile(user=alice, name="Alice", email="li@example.com", shortcuts=True, now=timezone.now())
        save_profile(user=alice, name="Alice", email="", shortcuts=True, now=timezone.now())
        written = AuditEntry.objects.order_by("pk").values_list("actor", "action", "detail")
        assert list(written) == [
            (alice.pk, "changed their email address", "alice@example.com to li@example.com"),
            (alice.pk, "changed their email address", "li@example.com to none"),
        ]

    def test_what_is_too_long_is_cut_instead_of_lost(self, root: User) -> None:
        entry = record(actor=root, action="a" * 99, subject="s" * 999, detail="d" * 999, now=timezone.now())
        entry.full_clean()
        assert (len(entry.action), len(entry.subject), len(entry.detail)) == (40, 100, 500)
