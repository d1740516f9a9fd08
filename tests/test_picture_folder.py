"""Pictures in a folder: whole or not there, whatever happens while they are written."""

import errno
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File
from django.utils import timezone

from editor_site.picture_folder import PictureFolder
from tests.odd_volume import missing


@pytest.fixture
def folder(tmp_path: Path) -> PictureFolder:
    return PictureFolder(location=tmp_path / "pictures")


def files(folder: PictureFolder) -> list[str]:
    return sorted(
        str(path.relative_to(folder.location)) for path in Path(folder.location).rglob("*") if path.is_file()
    )


def test_a_picture_comes_back_as_it_was_stored(folder: PictureFolder) -> None:
    name = folder.save("results/a/full.png", ContentFile(b"picture"))
    assert name == "results/a/full.png"
    assert folder.open(name).read() == b"picture"
    assert files(folder) == [name]


def test_a_name_that_is_taken_is_not_overwritten(folder: PictureFolder) -> None:
    first, second = (folder.save("uploads/a.png", ContentFile(data)) for data in (b"one", b"two"))
    assert first != second
    assert folder.open(first).read() == b"one"
    assert folder.open(second).read() == b"two"


def test_of_many_that_want_one_name_each_gets_its_own(folder: PictureFolder) -> None:
    assert_each_gets_its_own_name(folder)


def assert_each_gets_its_own_name(folder: PictureFolder) -> None:
    """Eight threads save at once."""
    together = threading.Barrier(8)

    def save(number: int) -> str:
        together.wait(timeout=60)
        return folder.save("uploads/same.png", ContentFile(b"%d" % number))

    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(save, range(8)))
    assert len(set(names)) == 8
    assert [folder.open(name).read() for name in names] == [b"%d" % number for number in range(8)]


def test_a_disk_that_fills_up_in_the_middle_leaves_nothing(folder: PictureFolder) -> None:
    assert_a_full_disk_leaves_nothing(folder)


def assert_a_full_disk_leaves_nothing(folder: PictureFolder) -> None:
    """Not even a draft."""

    class Filling(File):
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            yield b"half of it"
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        folder.save("uploads/b.png", Filling(None, "b.png"))
    assert files(folder) == []


def test_while_it_is_written_nobody_sees_half_of_it(folder: PictureFolder) -> None:
    seen: list[bool] = []

    class Slow(File):
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            yield b"first half"
            seen.append(folder.exists("uploads/c.png"))
            yield b"second half"

    folder.save("uploads/c.png", Slow(None, "c.png"))
    assert seen == [False]
    assert folder.open("uploads/c.png").read() == b"first halfsecond half"


def test_a_kill_leaves_nothing_for_what_is_written_has_no_name(folder: PictureFolder) -> None:
    seen: list[list[str]] = []

    class Looking(File):
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            yield b"picture"
            seen.append(files(folder))

    folder.save("uploads/c.png", Looking(None, "c.png"))
    assert seen == [[]]


class TestOddVolumes:
    """File systems that lack what most have: FAT, shares, mounts of containers."""

    @pytest.fixture(params=["no nameless files", "no list of open files", "no links", "none of it"])
    def odd(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
        if request.param == "no list of open files":
            monkeypatch.setattr("editor_site.picture_folder.OPEN_FILES", "/nowhere")
        lacking = {
            "no nameless files": {"nameless"},
            "no links": {"links"},
            "none of it": set(missing.LACKING),
        }
        missing.take_away(lacking.get(request.param, set()), monkeypatch.setattr)

    @pytest.mark.usefixtures("odd")
    def test_a_picture_comes_back_as_it_was_stored(self, folder: PictureFolder) -> None:
        for number in range(3):
            name = folder.save(f"uploads/{number}.png", ContentFile(b"picture %d" % number))
            assert folder.open(name).read() == b"picture %d" % number
        assert files(folder) == ["uploads/0.png", "uploads/1.png", "uploads/2.png"]

    @pytest.mark.usefixtures("odd")
    def test_of_many_that_want_one_name_each_gets_its_own(self, folder: PictureFolder) -> None:
        assert_each_gets_its_own_name(folder)

    @pytest.mark.usefixtures("odd")
    def test_it_is_the_servers_alone(self, folder: PictureFolder) -> None:
        folder.file_permissions_mode = 0o644  # what Django would do
        name = folder.save("quarantine/a.png", ContentFile(b"withheld"))
        assert Path(folder.path(name)).stat().st_mode & 0o777 == 0o600

    @pytest.mark.usefixtures("odd")
    def test_a_disk_that_fills_up_in_the_middle_leaves_nothing(self, folder: PictureFolder) -> None:
        assert_a_full_disk_leaves_nothing(folder)

    def test_one_that_cannot_bring_a_folder_to_the_disk_is_served(
        self, folder: PictureFolder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        missing.take_away({"sync"}, monkeypatch.setattr)
        assert folder.save("uploads/a.png", ContentFile(b"picture")) == "uploads/a.png"

    def test_a_disk_that_fails_meanwhile_is_not_taken_for_odd(
        self, folder: PictureFolder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(handle: int) -> None:
            raise OSError(errno.EIO, "Input/output error")

        monkeypatch.setattr(os, "fsync", broken)
        with pytest.raises(OSError, match="Input/output"):
            folder.save("uploads/a.png", ContentFile(b"picture"))


def test_a_folder_that_may_not_be_written_is_an_oserror(tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("a file where the folder should be")
    with pytest.raises(OSError):
        PictureFolder(location=tmp_path / "pictures").save("uploads/d.png", ContentFile(b"picture"))


def test_it_walks_through_all_files_with_size_and_time(folder: PictureFolder) -> None:
    assert list(folder.walk()) == []
    for name in ("uploads/ab/1.png", "results/x/full.png", "results/x/320.webp"):
        folder.save(name, ContentFile(b"picture"))
    os.utime(folder.path("uploads/ab/1.png"), (1_000_000_000, 1_000_000_000))
    found = {name: (size, at) for name, size, at in folder.walk()}
    assert sorted(found) == files(folder)
    assert {size for size, _ in found.values()} == {7}
    assert found["uploads/ab/1.png"][1].isoformat() == "2001-09-09T01:46:40+00:00"
    assert abs(found["results/x/full.png"][1] - timezone.now()) < timedelta(hours=1)


def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(
    folder: PictureFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.save("uploads/ab/1.png", ContentFile(b"picture"))

    def closed(path: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr("editor_site.picture_folder.os.scandir", closed)
    with pytest.raises(PermissionError):
        list(folder.walk())
