"""Restoring: everything as it was, and nothing half."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from edits.models import (
    AuditEntry,
    Comment,
    EditRequest,
    Invitation,
    Provider,
    Status,
    Tag,
    User,
)
from edits.services.backups.archive import BadArchive
from edits.services.backups.restoring import Refused, restore
from edits.services.curating.sharing import set_star
from edits.services.curating.tagging import tag_edits
from edits.services.curating.trashing import trash_edits
from edits.services.pictures.renditions import make_renditions
from edits.services.team.auditing import record
from tests.backups import NOW, backup_in, fresh, pictures, remade, rows, wrong
from tests.conftest import person, signed_in
from tests.editors import Editor, made, run
from tests.factories import edit_of, filtered_edit_of, finished_edit_of
from tests.stored import forget, stored

pytestmark = pytest.mark.django_db(transaction=True)


def seed(alice: User, bob: User) -> None:
    """Something of everything, all of it at an end."""
    edit = finished_edit_of(alice, shared=True)
    make_renditions(edit)
    child = finished_edit_of(alice, parent=edit, rerun_of=edit, upload=edit.upload)
    filtered_edit_of(bob)
    edit_of(bob, status=Status.FAILED)
    run(edit_of(alice), Editor([made()]))
    Comment.objects.create(edit=edit, author=bob, text="nice", created_at=NOW)
    tag_edits(owner=alice, edits=EditRequest.objects.all(), names=["harbor", "sepia"])
    set_star(edit=edit, user=bob, starred=True, now=timezone.now())
    record(actor=alice, action="looked at a picture", now=timezone.now())
    Invitation.objects.create(token_hash="0" * 64, created_by=alice, created_at=NOW, expires_at=NOW)
    trash_edits(owner=alice, edits=EditRequest.objects.filter(pk=child.pk), now=NOW)
    Provider.objects.update(worker_seen_at=None)


class TestEverything:
    """What comes out is what went in."""

    def test_rows_and_pictures_are_the_same(self, alice: User, bob: User, tmp_path: Path) -> None:
        seed(alice, bob)
        before, before_pictures, path = rows(), pictures(), backup_in(tmp_path)
        fresh()
        done = restore(path, now=timezone.now())
        assert rows() == before
        assert pictures() == before_pictures
        assert wrong() == []
        assert (done.pictures, done.missing, done.interrupted) == (len(before_pictures), 0, 0)
        assert done.made_at == NOW

    def test_people_sign_in_with_their_passwords_and_see_their_pictures(
        self, alice: User, bob: User, tmp_path: Path
    ) -> None:
        seed(alice, bob)
        path = backup_in(tmp_path)
        fresh()
        restore(path, now=timezone.now())
        client = Client()
        words = {"login": "alice", "password": "open sesame 7"}
        assert client.post("/accounts/login/", words).status_code == 302
        edit = EditRequest.objects.filter(owner__username="alice", shared_at__isnull=False).get()
        assert client.get("/").status_code == client.get(f"/edits/{edit.public_id}/").status_code == 200
        assert client.get(f"/edits/{edit.public_id}/result/").status_code in (200, 302)

    def test_new_rows_get_new_keys(self, alice: User, bob: User, tmp_path: Path) -> None:
        seed(alice, bob)
        path, last = backup_in(tmp_path), EditRequest.objects.latest("pk").pk
        fresh()
        restore(path, now=timezone.now())
        assert person("carol").pk not in (alice.pk, bob.pk)
        assert finished_edit_of(User.objects.get(username="carol")).pk > last
        tag_edits(owner=User.objects.get(username="carol"), edits=EditRequest.objects.all(), names=["new"])
        assert Tag.objects.get(name="new").edits.count() == 1

    def test_sessions_of_before_are_void(self, alice: User, tmp_path: Path) -> None:
        path, client = backup_in(tmp_path), signed_in(alice)
        assert client.get("/").status_code == 200
        restore(path, now=timezone.now(), replace=True)
        assert not Session.objects.exists()
        assert client.get("/").status_code == 302

    def test_a_second_time_changes_nothing(self, alice: User, bob: User, tmp_path: Path) -> None:
        seed(alice, bob)
        before, before_pictures, path = rows(), pictures(), backup_in(tmp_path)
        for _ in range(2):
            restore(path, now=timezone.now(), replace=True)
            assert rows() == before
            assert pictures() == before_pictures


class TestRefused:
    """Nothing is destroyed by mistake, and nothing is left half done."""

    def test_what_is_there_is_not_replaced_unasked(self, alice: User, tmp_path: Path) -> None:
        path = backup_in(tmp_path)
        person("carol")
        before = rows()
        with pytest.raises(CommandError, match="--replace"):
            call_command("restore", str(path))
        assert rows() == before
        call_command("restore", str(path), "--replace", stdout=io.StringIO())
        assert [user.username for user in User.objects.all()] == ["alice"]

    def test_a_damaged_archive_touches_nothing(self, alice: User, tmp_path: Path) -> None:
        finished_edit_of(alice)
        path = backup_in(tmp_path)
        path.write_bytes(path.read_bytes()[:5000])
        fresh()
        with pytest.raises(CommandError):
            call_command("restore", str(path))
        assert stored() == []
        assert not User.objects.exists()

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda names: [*names, "edits.0999_flying"], "newer Retake made this backup .edits.0999_flying"),
            (lambda names: names[:-1], "older Retake made this backup .without"),
        ],
    )
    def test_another_version_is_told_before_anything_is_touched(
        self, alice: User, tmp_path: Path, change: Callable[[list[str]], list[str]], words: str
    ) -> None:
        path = backup_in(tmp_path)
        altered = remade(path, card=lambda card: card | {"migrations": change(card["migrations"])})
        fresh()
        with pytest.raises(Refused, match=words):
            restore(altered, now=timezone.now())
        assert not User.objects.exists()

    def test_rows_that_do_not_fit_together_leave_the_database_as_it_was(
        self, alice: User, tmp_path: Path
    ) -> None:
        finished_edit_of(alice)
        path = backup_in(tmp_path)
        altered = remade(path, rows=without_people)
        before = rows()
        with pytest.raises(BadArchive, match="do not fit together"):
            restore(altered, now=timezone.now(), replace=True)
        assert rows() == before

    def test_a_running_worker_is_noticed(self, alice: User, tmp_path: Path) -> None:
        path, now = backup_in(tmp_path), timezone.now()
        Provider.objects.update(worker_seen_at=now)
        with pytest.raises(Refused, match="Stop Retake"):
            restore(path, now=now, replace=True)
        silent = now + timedelta(seconds=5 * project.SWEEP_SECONDS + 1)
        assert restore(path, now=silent, replace=True).rows["edits.user"] == 1

    def test_a_storage_that_is_away_leaves_the_rows_as_they_were(
        self, alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finished_edit_of(alice)
        path = backup_in(tmp_path)
        person("carol")
        forget()
        before = rows()

        def away(*_: object) -> None:
            raise OSError("The bucket cannot be reached")

        monkeypatch.setattr(default_storage, "_save", away)
        with pytest.raises(CommandError, match="the database is unchanged"):
            call_command("restore", str(path), "--replace")
        assert rows() == before


class TestPictures:
    """Under their own names, and whole."""

    def test_one_that_is_there_is_left_alone(self, alice: User, tmp_path: Path) -> None:
        finished_edit_of(alice)
        before, path = pictures(), backup_in(tmp_path)
        restore(path, now=timezone.now(), replace=True)
        assert pictures() == before

    def test_one_that_was_cut_off_is_put_right(self, alice: User, tmp_path: Path) -> None:
        name = str(finished_edit_of(alice).result.file.name)
        before, path = pictures(), backup_in(tmp_path)
        default_storage.delete(name)
        default_storage._save(name, ContentFile(before[name][:9]))  # type: ignore[attr-defined]
        restore(path, now=timezone.now(), replace=True)
        assert pictures() == before

    def test_one_that_the_archive_lacks_is_a_placeholder_and_no_crash(
        self, alice: User, tmp_path: Path
    ) -> None:
        edit = finished_edit_of(alice, shared=True)
        default_storage.delete(str(edit.result.file.name))
        default_storage.delete(str(edit.upload.file.name))
        path = backup_in(tmp_path)
        fresh()
        assert restore(path, now=timezone.now()).missing == 2
        assert len(wrong()) == 2


def without_people(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    (start,) = (n for n, line in enumerate(lines) if b'"edits.user"' in line)
    return b"".join([*lines[: start + 1], *lines[start + 2 :]])


def test_the_secret_key_comes_back_if_it_was_taken_along(alice: User, tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "with-key.tar"
    call_command("backup", str(path), "--with-secret-key", stdout=io.StringIO())
    settings.DATA_DIR = tmp_path
    output = io.StringIO()
    call_command("restore", str(path), "--replace", stdout=output)
    assert (tmp_path / "secret_key").read_text() == project.SECRET_KEY
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert "secret key of the backup" in output.getvalue()


def test_the_command_says_what_came_of_it(alice: User, tmp_path: Path) -> None:
    edit_of(alice)
    path, output = tmp_path / "b.tar", io.StringIO()
    call_command("backup", str(path), stdout=io.StringIO())
    call_command("restore", str(path), "--replace", stdout=output)
    assert "1 people, 1 edits, 1 pictures, 0 missing; 1 edits were under way" in output.getvalue()


def test_backups_and_their_return_are_in_the_audit_log(alice: User, tmp_path: Path) -> None:
    path = tmp_path / "b.tar"
    call_command("backup", str(path), stdout=io.StringIO())
    made = AuditEntry.objects.get()
    assert (made.actor, made.action, made.subject, made.detail) == (
        None,
        "made a backup",
        "b.tar",
        "without the secret key",
    )
    call_command("restore", str(path), "--replace", stdout=io.StringIO())
    restored = AuditEntry.objects.get()
    assert (restored.actor, restored.action, restored.subject) == (None, "restored a backup", "b.tar")
