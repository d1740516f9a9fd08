"""Rows and pictures: what does not agree is found and repaired, and what only seems wrong is left alone."""

from datetime import datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from edits.management.commands import check_media
from edits.models import ReturnedImage, Upload, User
from edits.services.pictures.fsck import check
from edits.services.pictures.fsck.check import Census, Kind, find_wrong
from edits.services.pictures.renditions import make_renditions
from edits.services.pictures.storing import picture_bytes, put_back
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, picture, upload_of

LATER = timezone.now() + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _hours_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command looks when everything has settled."""
    monkeypatch.setattr(check_media, "timezone", SimpleNamespace(now=lambda: LATER))


def run_check(*words: str) -> tuple[int, list[str]]:
    """Exit code and lines of the command."""
    output, code = StringIO(), 0
    try:
        call_command("check_media", *words, stdout=output)
    except SystemExit as end:
        code = int(str(end.code))
    return code, output.getvalue().splitlines()


def found(*, now: datetime = LATER, hashes: bool = False) -> list[tuple[str, str]]:
    """Kind and name of each finding."""
    return [(f.kind, f.name) for f in find_wrong(now=now, census=Census(), hashes=hashes)]


def stray(name: str = "results/stray/full.png", data: bytes = b"stray") -> str:
    return default_storage.save(name, ContentFile(data))


def name_of(row: Upload | ReturnedImage, field: str = "file") -> str:
    return str(getattr(row, field).name)


def settled_edit(owner: User) -> Any:
    """Done, with all its renditions."""
    edit = finished_edit_of(owner)
    make_renditions(edit)
    edit.upload.refresh_from_db()
    edit.result.refresh_from_db()
    return edit


class TestAllIsWell:
    """Nothing is said of what is as it should be."""

    def test_an_empty_installation(self, db: None) -> None:
        assert run_check() == (
            0,
            ["0 files of rows, 0 stored: 0 missing, 0 orphaned, 0 unexpected, 0 changed"],
        )

    def test_edits_in_all_states(self, alice: User) -> None:
        settled_edit(alice)
        finished_edit_of(alice)
        filtered_edit_of(alice)
        edit_of(alice)
        code, lines = run_check("--hashes")
        assert (code, lines) == (
            0,
            ["12 files of rows, 12 stored: 0 missing, 0 orphaned, 0 unexpected, 0 changed"],
        )

    def test_what_is_in_the_making_is_left_alone(self, alice: User) -> None:
        for name in ("uploads/ab/new.png", "results/new/320.webp", "quarantine/.x.part", "probes/y", "z"):
            stray(name)
        assert found(now=timezone.now()) == []
        assert len(found()) == 5

    def test_what_is_deleted_while_it_looks_is_not_missed(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit, walk = finished_edit_of(alice), default_storage.walk  # type: ignore[attr-defined]

        def deleted_first(_: str) -> Any:
            names = [name_of(edit.upload), name_of(edit.result)]
            edit.delete()
            edit.upload.delete()
            for name in names:
                default_storage.delete(name)
            return walk()

        monkeypatch.setattr(default_storage, "walk", deleted_first)
        assert found() == []

    def test_what_is_stored_while_it_looks_is_no_orphan(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        walk = default_storage.walk  # type: ignore[attr-defined]

        def stored_first(_: str) -> Any:
            finished_edit_of(alice)
            return walk()

        monkeypatch.setattr(default_storage, "walk", stored_first)
        assert found() == []


class TestWrong:
    """Each kind has its name, and the exit code says that there is something."""

    @pytest.mark.parametrize("field", ["file", "thumb_320", "thumb_1024", "change_map"])
    def test_a_missing_file_of_a_result(self, alice: User, field: str) -> None:
        edit = settled_edit(alice)
        name = name_of(edit.result, field)
        default_storage.delete(name)
        code, lines = run_check()
        assert code == 1
        assert lines[0] == f"missing    {name}  ({field} of returnedimage {edit.result.pk})"
        assert lines[1].endswith("1 missing, 0 orphaned, 0 unexpected, 0 changed")

    def test_a_missing_source(self, alice: User) -> None:
        upload = edit_of(alice).upload
        default_storage.delete(name_of(upload))
        assert found() == [(Kind.MISSING, name_of(upload))]

    @pytest.mark.parametrize("folder", ["uploads/ab", "results/x", "probes"])
    def test_an_orphan(self, alice: User, folder: str) -> None:
        name = stray(f"{folder}/full.png")
        assert found() == [(Kind.ORPHANED, name)]

    def test_a_file_that_is_not_ours(self, db: None) -> None:
        assert found() == []
        name = stray("notes.txt")
        assert found() == [(Kind.UNEXPECTED, name)]

    def test_a_thumbnail_of_a_withheld_picture_however_young(self, alice: User) -> None:
        result = filtered_edit_of(alice).result
        name = stray(name_of(result).rsplit("/", 1)[0] + "/320.webp")
        assert found(now=timezone.now()) == [(Kind.UNEXPECTED, name)]

    def test_a_withheld_picture_among_the_shown_ones(self, alice: User) -> None:
        result = filtered_edit_of(alice).result
        name = stray("results/open/full.png", picture_bytes(result.file))
        default_storage.delete(name_of(result))
        ReturnedImage.objects.update(file=name)
        assert found() == [(Kind.UNEXPECTED, name)]

    def test_a_picture_that_was_cut_off(self, alice: User) -> None:
        result = finished_edit_of(alice).result
        data = picture_bytes(result.file)
        default_storage.delete(name_of(result))
        put_back(name_of(result), data[:-20])
        assert found() == [(Kind.CHANGED, name_of(result))]

    def test_a_picture_with_other_bytes_is_noticed_if_asked(self, alice: User) -> None:
        upload = upload_of()
        edit_of(alice, upload=upload)
        data = picture_bytes(upload.file)
        default_storage.delete(name_of(upload))
        put_back(name_of(upload), data[:-1] + b"?")
        assert found() == []
        assert found(hashes=True) == [(Kind.CHANGED, name_of(upload))]
        assert run_check("--hashes")[0] == 1

    def test_more_than_fits_into_one_batch(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(check, "BATCH", 2)
        edits = [settled_edit(alice) for _ in range(3)]
        lost = sorted(name_of(edit.upload) for edit in edits)
        strays = sorted(stray(f"results/{number}/full.png") for number in range(5))
        for name in lost:
            default_storage.delete(name)
        assert sorted(found(hashes=True)) == sorted(
            [(Kind.MISSING, name) for name in lost] + [(Kind.ORPHANED, name) for name in strays]
        )

    def test_a_storage_that_is_away_is_no_verdict(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(_: str) -> None:
            raise OSError("The bucket cannot be reached")

        monkeypatch.setattr(default_storage, "walk", away)
        with pytest.raises(CommandError, match="cannot be listed") as caught:
            run_check("--repair")
        assert caught.value.returncode == 2


class TestRepair:
    """Orphans go, renditions come back, nothing else is touched."""

    def test_without_being_asked_nothing_is_removed(self, alice: User) -> None:
        finished_edit_of(alice)
        name = stray()
        run_check()
        assert default_storage.exists(name)

    def test_orphans_are_removed(self, alice: User) -> None:
        edit = settled_edit(alice)
        name = stray()
        code, lines = run_check("--repair")
        assert code == 0
        assert lines == [
            f"orphaned   {name} – repaired",
            "7 files of rows, 8 stored: 0 missing, 1 orphaned, 0 unexpected, 0 changed; 1 repaired",
        ]
        assert not default_storage.exists(name)
        assert picture_bytes(edit.result.file)
        assert run_check("--hashes")[0] == 0

    def test_thumbnails_are_made_again(self, alice: User) -> None:
        edit = settled_edit(alice)
        for row, field in (
            (edit.result, "thumb_320"),
            (edit.result, "change_map"),
            (edit.upload, "thumb_1024"),
        ):
            default_storage.delete(name_of(row, field))
        assert run_check("--repair")[0] == 0
        for row in (edit.result, edit.upload):
            row.refresh_from_db()
            assert default_storage.exists(name_of(row, "thumb_320"))
            assert default_storage.exists(name_of(row, "thumb_1024"))
            assert row.placeholder
        assert default_storage.exists(name_of(edit.result, "change_map"))
        assert edit.result.changed_share is not None
        assert run_check() == (
            0,
            ["7 files of rows, 7 stored: 0 missing, 0 orphaned, 0 unexpected, 0 changed"],
        )

    def test_an_empty_thumbnail_is_made_again(self, alice: User) -> None:
        result = settled_edit(alice).result
        default_storage.delete(name_of(result, "thumb_1024"))
        put_back(name_of(result, "thumb_1024"), b"")
        assert found() == [(Kind.MISSING, name_of(result, "thumb_1024"))]
        assert run_check("--repair")[0] == 0
        result.refresh_from_db()
        assert picture_bytes(result.thumb_1024)

    def test_a_thumbnail_that_cannot_be_made_leaves_a_blank(self, alice: User) -> None:
        edit = settled_edit(alice)
        for field in ("file", "thumb_320"):
            default_storage.delete(name_of(edit.result, field))
        assert run_check("--repair")[0] == 1
        edit.result.refresh_from_db()
        assert (edit.result.thumb_320, edit.result.thumb_1024) == ("", "")
        assert found() == [(Kind.MISSING, name_of(edit.result))]

    def test_originals_and_results_stay_as_they_are(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        put_back("notes.txt", b"somebody's")
        default_storage.delete(name_of(edit.upload))
        before = (name_of(edit.upload), name_of(edit.result))
        code, _ = run_check("--repair")
        edit.upload.refresh_from_db()
        edit.result.refresh_from_db()
        assert code == 1
        assert (name_of(edit.upload), name_of(edit.result)) == before
        assert default_storage.exists("notes.txt")

    def test_the_pictures_of_another_database_are_not_removed(self, alice: User) -> None:
        edit_of(alice)
        names = [stray(f"results/{number}/full.png", picture()) for number in range(3)]
        with pytest.raises(CommandError, match="Nothing was removed"):
            run_check("--repair")
        assert all(default_storage.exists(name) for name in names)
        assert run_check("--repair", "--even-most")[0] == 0
        assert not any(default_storage.exists(name) for name in names)
