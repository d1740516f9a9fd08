"""Backups: of one moment, whole or not there, and exactly what there was."""

import io
import json
import stat
import tarfile
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from edits.models import EditRequest, Provider, Status, Upload, User
from edits.services.backups import row_lines
from edits.services.backups.archive import BadArchive, examine
from edits.services.backups.backing_up import Report, back_up
from edits.services.backups.row_lines import read_tables, snapshot, tables, write_rows
from edits.services.pictures.storing import picture_bytes
from edits.services.team.auditing import record
from tests.factories import edit_of, filtered_edit_of, finished_edit_of

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 22, 10, 30, 0, 123456, tzinfo=UTC)


def dumped() -> bytes:
    """All rows as a backup has them now."""
    stream = io.BytesIO()
    with snapshot():
        write_rows(stream)
    return stream.getvalue()


def contents(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]


def backed_up(folder: Path, **options: Any) -> tuple[Path, Report]:
    path = folder / "retake.tar"
    return path, back_up(path, now=NOW, **options)


class TestRows:
    """Each table, each column, each microsecond."""

    def test_every_table_is_copied_or_left_out_for_a_reason(self) -> None:
        every = {model._meta.label_lower for model in row_lines._all_models()}
        left_out = every - {model._meta.label_lower for model in tables()}
        assert left_out == {
            "contenttypes.contenttype",
            "auth.permission",
            "auth.group_permissions",
            "edits.user_user_permissions",
            "sessions.session",
            "admin.logentry",
            "edits.revealgrant",
            "edits.searchtext",
            "edits.searchpending",
        }

    def test_nothing_that_is_copied_refers_to_what_is_not(self) -> None:
        copied = set(tables())
        for model in copied:
            for field in model._meta.concrete_fields:
                if isinstance(field, models.ForeignKey):
                    assert field.remote_field.model in copied

    def test_no_column_would_say_when_it_was_restored_instead_of_when_it_was_made(self) -> None:
        columns = [field for model in tables() for field in model._meta.concrete_fields]
        assert not any(getattr(field, "auto_now", False) for field in columns)
        assert not any(getattr(field, "auto_now_add", False) for field in columns)

    def test_times_keep_their_microseconds_and_words_their_letters(self, alice: User) -> None:
        edit_of(alice, prompt='”Grüße“\n日本 🎨 \\ "', now=NOW, cfg_scale=7.3)
        found = {table.label: [dict(zip(table.names, row, strict=True)) for row in table.rows]
                 for table in read_tables(io.BytesIO(dumped()))}  # fmt: skip
        (row,) = found["edits.editrequest"]
        assert datetime.fromisoformat(row["created_at"]) == NOW
        assert (row["prompt"], row["cfg_scale"]) == ('”Grüße“\n日本 🎨 \\ "', 7.3)
        assert row["owner_id"] == alice.pk
        assert uuid.UUID(row["public_id"])

    def test_sessions_are_not_copied(self, alice: User, client: Any) -> None:
        client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.session.session_key.encode() not in dumped()

    def test_permissions_exist_and_are_not_copied(self) -> None:
        assert "auth.permission" not in {table.label for table in read_tables(io.BytesIO(dumped()))}
        assert Permission._meta.label_lower in row_lines.MADE_BY_MIGRATIONS

    def test_a_value_that_json_would_change_is_refused(self) -> None:
        with pytest.raises(TypeError, match="bytes is not a value"):
            row_lines._line([b"bytes"])


class TestArchive:
    """One file with everything, for its owner alone."""

    def test_it_holds_rows_and_pictures(self, alice: User, tmp_path: Path) -> None:
        edit = finished_edit_of(alice)
        withheld = filtered_edit_of(alice)
        path, report = backed_up(tmp_path)
        files = contents(path)
        for row in (edit.upload, edit.result, withheld.upload, withheld.result):
            assert files[f"pictures/{row.file.name}"] == picture_bytes(row.file)
        assert files["rows.jsonl"] == dumped()
        assert next(iter(files)) == "backup.json"
        assert list(files)[-1] == "seal.json"
        assert (report.pictures, report.missing, report.rows["edits.editrequest"]) == (4, [], 2)

    def test_it_says_when_and_of_what_it_was_made(self, tmp_path: Path) -> None:
        card, seal = examine(backed_up(tmp_path)[0])
        assert card["made_at"] == NOW.isoformat()
        assert "edits.0001_initial" in card["migrations"]
        assert card["rows"]["edits.provider"] == 1
        assert seal["pictures"] == 0

    def test_only_its_owner_may_read_it(self, tmp_path: Path) -> None:
        path, _ = backed_up(tmp_path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_the_secret_key_is_in_it_only_if_asked_for(self, tmp_path: Path) -> None:
        path, _ = backed_up(tmp_path)
        assert str(settings.SECRET_KEY).encode() not in path.read_bytes()
        path, _ = backed_up(tmp_path, with_secret_key=True)
        assert contents(path)["secret_key"].decode() == settings.SECRET_KEY

    def test_a_picture_that_disappears_is_told_and_no_fault(self, alice: User, tmp_path: Path) -> None:
        edit = finished_edit_of(alice)
        name = str(edit.result.file.name)
        default_storage.delete(name)
        path, report = backed_up(tmp_path)
        assert report.missing == [name]
        assert examine(path)[1]["missing"] == [name]

    def test_a_storage_that_goes_away_leaves_no_half_archive(
        self, alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finished_edit_of(alice)
        path, _ = backed_up(tmp_path)
        before = path.read_bytes()

        def away(_: str) -> None:
            raise OSError("The bucket cannot be reached")

        monkeypatch.setattr(default_storage, "open", away)
        with pytest.raises(CommandError, match="Not written: The bucket"):
            call_command("backup", str(path))
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]

    def test_an_archive_that_was_cut_off_is_noticed(self, alice: User, tmp_path: Path) -> None:
        finished_edit_of(alice)
        path, _ = backed_up(tmp_path)
        whole = path.read_bytes()
        seal = whole.rindex(b"seal.json")
        for size in (0, 100, 512, 5000, seal // 2, seal - 1, seal, seal + 300, seal + 520):
            path.write_bytes(whole[:size])
            with pytest.raises(BadArchive):
                examine(path)

    def test_a_byte_that_changed_is_noticed(self, alice: User, tmp_path: Path) -> None:
        edit = finished_edit_of(alice)
        path, _ = backed_up(tmp_path)
        whole = bytearray(path.read_bytes())
        whole[whole.index(picture_bytes(edit.result.file)) + 40] ^= 1
        path.write_bytes(whole)
        with pytest.raises(BadArchive, match="damaged"):
            examine(path)

    @pytest.mark.parametrize(
        "name", ["../evil", "pictures/../evil", "pictures/uploads/../../evil", "/etc/evil", "pictures/x"]
    )
    def test_a_name_that_leads_elsewhere_is_refused(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / "evil.tar"
        with tarfile.open(path, "w") as tar:
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
        with pytest.raises(BadArchive, match="no backup has"):
            examine(path)

    def test_a_link_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "evil.tar"
        with tarfile.open(path, "w") as tar:
            entry = tarfile.TarInfo("pictures/uploads/x")
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(entry)
        with pytest.raises(BadArchive, match="no file"):
            examine(path)

    def test_something_else_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "note.txt"
        path.write_text("not a backup " * 100)
        with pytest.raises(BadArchive, match="not a backup"):
            examine(path)


class TestWhileItRuns:
    """Nobody waits for a backup, and nothing of the next moment gets into it."""

    def test_what_is_written_meanwhile_is_not_in_it_and_need_not_wait(
        self, alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit = finished_edit_of(alice)
        write, done = row_lines._line, threading.Event()

        def somebody_else() -> None:
            record(actor=alice, action="looked", now=timezone.now())
            finished_edit_of(alice)
            Provider.objects.update(paused_until=NOW)
            EditRequest.objects.filter(pk=edit.pk).update(prompt="of the next moment")
            connection.close()
            done.set()

        def after_the_first_line(value: object) -> bytes:
            if not done.is_set():
                monkeypatch.setattr(row_lines, "_line", write)
                list(EditRequest.objects.all())  # the moment is now
                thread = threading.Thread(target=somebody_else)
                thread.start()
                assert done.wait(60)
                thread.join()
            return write(value)

        monkeypatch.setattr(row_lines, "_line", after_the_first_line)
        path, report = backed_up(tmp_path)
        rows = contents(path)["rows.jsonl"]
        assert (report.rows["edits.editrequest"], report.rows["edits.auditentry"]) == (1, 0)
        assert b"of the next moment" not in rows
        assert NOW.isoformat().encode() not in rows
        assert EditRequest.objects.filter(status=Status.SUCCEEDED).count() == 2

    def test_what_is_deleted_meanwhile_is_only_missing(
        self, alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit = finished_edit_of(alice)
        look = default_storage.open

        def deleted_first(name: str) -> Any:
            EditRequest.objects.all().delete()
            Upload.objects.all().delete()
            for file in (edit.upload.file, edit.result.file):
                default_storage.delete(str(file.name))
            return look(name)

        monkeypatch.setattr(default_storage, "open", deleted_first)
        _, report = backed_up(tmp_path)
        assert report.rows["edits.editrequest"] == 1
        assert sorted(report.missing) == sorted([str(edit.upload.file), str(edit.result.file)])


def test_the_command_says_what_is_in_the_file(alice: User, tmp_path: Path) -> None:
    finished_edit_of(alice)
    lost = finished_edit_of(alice)
    default_storage.delete(str(lost.result.file.name))
    output, errors = io.StringIO(), io.StringIO()
    call_command("backup", str(tmp_path / "b.tar"), stdout=output, stderr=errors)
    assert "1 people, 2 edits, 3 pictures (0.0 MB), 1 missing" in output.getvalue()
    assert errors.getvalue() == f"no longer there: {lost.result.file.name}\n"


def test_a_database_that_is_behind_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    applied = MigrationRecorder(connection).applied_migrations()
    applied.pop(("edits", "0001_initial"))
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _: applied)
    with pytest.raises(CommandError, match=r"lacks edits\.0001_initial: run"):
        call_command("backup", str(tmp_path / "b.tar"))
    assert list(tmp_path.iterdir()) == []


def test_the_rows_are_plain_json(alice: User, tmp_path: Path) -> None:
    finished_edit_of(alice)
    path, _ = backed_up(tmp_path)
    for line in contents(path)["rows.jsonl"].splitlines():
        assert json.loads(line)
