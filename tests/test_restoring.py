"""Restoring: everything as it was, nothing half, and nothing sent a second time by itself."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from edits.models import (
    Attempt,
    Charged,
    Comment,
    EditRequest,
    Invitation,
    Provider,
    Reason,
    Status,
    Tag,
    User,
)
from edits.services.auditing import record
from edits.services.backing_up import back_up
from edits.services.backup_archive import BadArchive, entries, written
from edits.services.backup_rows import empty_tables, snapshot, write_rows
from edits.services.claiming import claim_next
from edits.services.media_checking import Census, find_wrong
from edits.services.renditions import make_renditions
from edits.services.restoring import Refused, restore
from edits.services.sharing import set_star
from edits.services.tagging import tag_edits
from edits.services.trashing import trash_edits
from tests.conftest import person, signed_in
from tests.editors import LIMITS, Editor, made, run
from tests.factories import edit_of, filtered_edit_of, finished_edit_of
from tests.stored import forget, stored

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def rows() -> dict[str, list[Any]]:
    """All rows as they are now, by table."""
    stream, label = io.BytesIO(), ""
    found: dict[str, list[Any]] = {}
    with snapshot():
        write_rows(stream)
    for line in stream.getvalue().splitlines():
        value = json.loads(line)
        if isinstance(value, dict):
            label = value["table"]
        found.setdefault(label, []).append(value)
    return found


def pictures() -> dict[str, bytes]:
    return {name: default_storage.open(name).read() for name in stored()}


def wrong() -> list[Any]:
    later = timezone.now() + timedelta(hours=2)
    return list(find_wrong(now=later, census=Census(), hashes=True))


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
    set_star(edit=edit, user=bob, starred=True)
    record(actor=alice, action="looked at a picture")
    Invitation.objects.create(token_hash="0" * 64, created_by=alice, created_at=NOW, expires_at=NOW)
    trash_edits(owner=alice, edits=EditRequest.objects.filter(pk=child.pk), now=NOW)
    Provider.objects.update(worker_seen_at=None)


def fresh() -> None:
    """As after the first start somewhere else."""
    with transaction.atomic():
        empty_tables()
        Provider.objects.create(pk=1)
    forget()


@pytest.fixture
def archive(tmp_path: Path) -> Callable[[], Path]:
    """Makes a backup of what there is then."""

    def make() -> Path:
        back_up(tmp_path / "retake.tar", now=NOW)
        return tmp_path / "retake.tar"

    return make


class TestEverything:
    """What comes out is what went in."""

    def test_rows_and_pictures_are_the_same(
        self, alice: User, bob: User, archive: Callable[[], Path]
    ) -> None:
        seed(alice, bob)
        before, before_pictures, path = rows(), pictures(), archive()
        fresh()
        done = restore(path, now=timezone.now())
        assert rows() == before
        assert pictures() == before_pictures
        assert wrong() == []
        assert (done.pictures, done.missing, done.interrupted) == (len(before_pictures), 0, 0)
        assert done.made_at == NOW

    def test_people_sign_in_with_their_passwords_and_see_their_pictures(
        self, alice: User, bob: User, archive: Callable[[], Path]
    ) -> None:
        seed(alice, bob)
        path = archive()
        fresh()
        restore(path, now=timezone.now())
        client = Client()
        words = {"login": "alice", "password": "open sesame 7"}
        assert client.post("/accounts/login/", words).status_code == 302
        edit = EditRequest.objects.filter(owner__username="alice", shared_at__isnull=False).get()
        assert client.get("/").status_code == client.get(f"/edits/{edit.public_id}/").status_code == 200
        assert client.get(f"/edits/{edit.public_id}/result/").status_code in (200, 302)

    def test_new_rows_get_new_keys(self, alice: User, bob: User, archive: Callable[[], Path]) -> None:
        seed(alice, bob)
        path, last = archive(), EditRequest.objects.latest("pk").pk
        fresh()
        restore(path, now=timezone.now())
        assert person("carol").pk not in (alice.pk, bob.pk)
        assert finished_edit_of(User.objects.get(username="carol")).pk > last
        tag_edits(owner=User.objects.get(username="carol"), edits=EditRequest.objects.all(), names=["new"])
        assert Tag.objects.get(name="new").edits.count() == 1

    def test_sessions_of_before_are_void(self, alice: User, archive: Callable[[], Path]) -> None:
        path, client = archive(), signed_in(alice)
        assert client.get("/").status_code == 200
        restore(path, now=timezone.now(), replace=True)
        assert not Session.objects.exists()
        assert client.get("/").status_code == 302

    def test_a_second_time_changes_nothing(self, alice: User, bob: User, archive: Callable[[], Path]) -> None:
        seed(alice, bob)
        before, before_pictures, path = rows(), pictures(), archive()
        for _ in range(2):
            restore(path, now=timezone.now(), replace=True)
            assert rows() == before
            assert pictures() == before_pictures


class TestUnderWay:
    """What became of them after the backup nobody knows here."""

    @pytest.fixture
    def under_way(self, alice: User) -> dict[Status, EditRequest]:
        edit_of(alice)
        claim_next(limits=LIMITS, now=timezone.now())
        running = EditRequest.objects.get()
        edits = {status: edit_of(alice, status=status) for status in (Status.SAVING, Status.QUEUED)}
        return edits | {Status.RUNNING: running}

    def test_they_are_interrupted_and_not_sent_again(
        self, under_way: dict[Status, EditRequest], archive: Callable[[], Path]
    ) -> None:
        path = archive()
        fresh()
        assert restore(path, now=timezone.now()).interrupted == 3
        for edit in under_way.values():
            edit.refresh_from_db()
            assert (edit.status, edit.reason) == (Status.FAILED, Reason.INTERRUPTED)
        assert claim_next(limits=LIMITS, now=timezone.now() + timedelta(days=1)) is None

    def test_the_open_call_may_have_been_charged(
        self, under_way: dict[Status, EditRequest], archive: Callable[[], Path]
    ) -> None:
        path = archive()
        fresh()
        restore(path, now=timezone.now())
        attempt = Attempt.objects.get()
        assert (attempt.fault, attempt.charged) == ("C", Charged.MAYBE)
        assert "2026-11-22 10:30 UTC" in attempt.detail
        assert attempt.ended_at

    def test_the_queue_is_kept_where_nothing_ran_since(
        self, under_way: dict[Status, EditRequest], archive: Callable[[], Path]
    ) -> None:
        path = archive()
        fresh()
        assert restore(path, now=timezone.now(), keep_queue=True).interrupted == 2
        waiting = EditRequest.objects.queued().get()
        assert waiting == under_way[Status.QUEUED]
        assert claim_next(limits=LIMITS, now=timezone.now()) == waiting

    def test_their_owner_can_try_them_again(
        self, under_way: dict[Status, EditRequest], archive: Callable[[], Path]
    ) -> None:
        path = archive()
        fresh()
        restore(path, now=timezone.now())
        client, edit = signed_in(User.objects.get()), under_way[Status.QUEUED]
        assert client.get(f"/edits/{edit.public_id}/").status_code == 200
        client.post(f"/edits/{edit.public_id}/retry/")
        edit.refresh_from_db()
        assert edit.status == Status.QUEUED


class TestRefused:
    """Nothing is destroyed by mistake, and nothing is left half done."""

    def test_what_is_there_is_not_replaced_unasked(self, alice: User, archive: Callable[[], Path]) -> None:
        path = archive()
        person("carol")
        before = rows()
        with pytest.raises(CommandError, match="--replace"):
            call_command("restore", str(path))
        assert rows() == before
        call_command("restore", str(path), "--replace", stdout=io.StringIO())
        assert [user.username for user in User.objects.all()] == ["alice"]

    def test_a_damaged_archive_touches_nothing(self, alice: User, archive: Callable[[], Path]) -> None:
        finished_edit_of(alice)
        path = archive()
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
        self, alice: User, archive: Callable[[], Path], change: Callable[[list[str]], list[str]], words: str
    ) -> None:
        path = archive()
        altered = remade(path, card=lambda card: card | {"migrations": change(card["migrations"])})
        fresh()
        with pytest.raises(Refused, match=words):
            restore(altered, now=timezone.now())
        assert not User.objects.exists()

    def test_rows_that_do_not_fit_together_leave_the_database_as_it_was(
        self, alice: User, archive: Callable[[], Path]
    ) -> None:
        finished_edit_of(alice)
        path = archive()
        altered = remade(path, rows=without_people)
        before = rows()
        with pytest.raises(BadArchive, match="do not fit together"):
            restore(altered, now=timezone.now(), replace=True)
        assert rows() == before

    def test_a_running_worker_is_noticed(self, alice: User, archive: Callable[[], Path]) -> None:
        path, now = archive(), timezone.now()
        Provider.objects.update(worker_seen_at=now)
        with pytest.raises(Refused, match="Stop Retake"):
            restore(path, now=now, replace=True)
        silent = now + timedelta(seconds=5 * project.SWEEP_SECONDS + 1)
        assert restore(path, now=silent, replace=True).rows["edits.user"] == 1

    def test_a_storage_that_is_away_leaves_the_rows_as_they_were(
        self, alice: User, archive: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finished_edit_of(alice)
        path = archive()
        person("carol")
        forget()
        before = rows()

        def away(*_: object) -> None:
            raise OSError("The bucket cannot be reached")

        monkeypatch.setattr(default_storage, "_save", away)
        with pytest.raises(CommandError, match="as it was"):
            call_command("restore", str(path), "--replace")
        assert rows() == before


class TestPictures:
    """Under their own names, and whole."""

    def test_one_that_is_there_is_left_alone(self, alice: User, archive: Callable[[], Path]) -> None:
        finished_edit_of(alice)
        before, path = pictures(), archive()
        restore(path, now=timezone.now(), replace=True)
        assert pictures() == before

    def test_one_that_was_cut_off_is_put_right(self, alice: User, archive: Callable[[], Path]) -> None:
        name = str(finished_edit_of(alice).result.file.name)
        before, path = pictures(), archive()
        default_storage.delete(name)
        default_storage._save(name, ContentFile(before[name][:9]))  # type: ignore[attr-defined]
        restore(path, now=timezone.now(), replace=True)
        assert pictures() == before

    def test_one_that_the_archive_lacks_is_a_placeholder_and_no_crash(
        self, alice: User, archive: Callable[[], Path]
    ) -> None:
        edit = finished_edit_of(alice, shared=True)
        default_storage.delete(str(edit.result.file.name))
        default_storage.delete(str(edit.upload.file.name))
        path = archive()
        fresh()
        assert restore(path, now=timezone.now()).missing == 2
        assert len(wrong()) == 2


def without_people(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    (start,) = (n for n, line in enumerate(lines) if b'"edits.user"' in line)
    return b"".join([*lines[: start + 1], *lines[start + 2 :]])


def remade(
    path: Path,
    *,
    card: Callable[[dict[str, Any]], dict[str, Any]] = lambda card: card,
    rows: Callable[[bytes], bytes] = lambda data: data,
) -> Path:
    """The archive with another card or other rows, sealed again."""
    altered = path.with_name("altered.tar")
    with written(altered) as archive:
        for name, content, _ in entries(path):
            data = content.read()
            if name == "backup.json":
                data = json.dumps(card(json.loads(data))).encode()
            if name == "rows.jsonl":
                data = rows(data)
            if name != "seal.json":
                archive.add(name, data)
        archive.seal(missing=[])
    return altered


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
