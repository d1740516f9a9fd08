"""Room on the disk: asked for where database and pictures lie."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from pytest_django import Settings

from edits.services.pictures import disk_space
from edits.services.pictures.disk_space import MEGABYTE, free_bytes, has_room


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def disks(monkeypatch: pytest.MonkeyPatch) -> dict[Path, int]:
    """Free bytes by folder; others have plenty."""
    free: dict[Path, int] = {}

    def usage(folder: Path) -> Usage:
        return Usage(0, 0, free.get(Path(folder), 10**12))

    monkeypatch.setattr(shutil, "disk_usage", usage)
    return free


def test_a_real_disk_can_be_asked() -> None:
    assert free_bytes() > 0


def test_the_fullest_disk_counts(settings: Settings, disks: dict[Path, int], media_root: Path) -> None:
    media_root.mkdir(parents=True)
    disks[Path(settings.DATA_DIR)] = 500 * MEGABYTE
    assert free_bytes() == 500 * MEGABYTE
    disks[media_root] = 300 * MEGABYTE
    assert free_bytes() == 300 * MEGABYTE


def test_the_limit_is_the_setting(settings: Settings, disks: dict[Path, int]) -> None:
    settings.FREE_DISK_MEGABYTES = 200
    disks[Path(settings.DATA_DIR)] = 200 * MEGABYTE
    assert has_room()
    disks[Path(settings.DATA_DIR)] -= 1
    assert not has_room()
    settings.FREE_DISK_MEGABYTES = 0
    assert has_room()


def test_pictures_in_a_bucket_take_no_room_here(
    settings: Settings, disks: dict[Path, int], media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media_root.mkdir(parents=True)
    disks[media_root] = 0
    monkeypatch.setattr(disk_space, "default_storage", InMemoryStorage())
    assert has_room()


def test_a_folder_that_is_not_made_yet_has_the_room_of_its_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, disks: dict[Path, int]
) -> None:
    disks[tmp_path] = 7
    monkeypatch.setattr(disk_space, "default_storage", FileSystemStorage(location=tmp_path / "not" / "yet"))
    assert free_bytes() == 7


def test_a_disk_that_cannot_be_asked_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: Path) -> Usage:
        raise OSError("Stale file handle")

    monkeypatch.setattr(shutil, "disk_usage", away)
    assert not has_room()
