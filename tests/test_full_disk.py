"""Uploads when the disk is full or the storage is away: a sentence, what was typed, and nothing left behind."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.files import temp
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from editor_site import picture_folder
from edits.models import EditRequest, Upload, User
from edits.services.pictures import disk_space
from tests.conftest import signed_in
from tests.factories import finished_edit_of
from tests.pictures import photo

LARGE = photo() + bytes(3_000_000)
"""A picture that is not kept in memory while it comes in."""
FOLDER_ONLY = pytest.mark.skipif(bool(project.AWS_STORAGE_BUCKET_NAME), reason="a bucket is never full")


def post(client: Client, file: bytes, *, address: str = "/", in_place: bool = False) -> Any:
    # The typed words come after the file: they must survive it.
    data = {
        "image": SimpleUploadedFile("harbor.jpg", file, content_type="image/jpeg"),
        "prompt": "make it sepia",
        "steps": "12",
        "submission_key": "7d0f0d8e-3f4f-4b7e-9c0e-0a4ef5a2f001",
    }
    return client.post(address, data, headers={"HX-Request": "true"} if in_place else {})


def said(response: Any) -> str:
    return str(response.content.decode())


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def nothing_is_left(media_root: Path) -> bool:
    left = files(media_root) | files(Path(project.FILE_UPLOAD_TEMP_DIR))
    return not left and not Upload.objects.exists() and not EditRequest.objects.exists()


@pytest.fixture
def incoming_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files on their way in go to a device that takes no byte."""

    def full(**_: object) -> Any:
        return open("/dev/full", "w+b", buffering=4096)

    monkeypatch.setattr(temp, "NamedTemporaryFile", full)


@pytest.fixture
def pictures_are_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder takes bytes, and then says that they do not reach the disk."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(picture_folder.os, "fsync", full)


class TestFull:
    """507, for the server has to be helped first."""

    @FOLDER_ONLY
    @pytest.mark.parametrize("in_place", [False, True])
    def test_a_picture_that_does_not_fit_is_refused_with_a_sentence(
        self, alice: User, media_root: Path, pictures_are_full: None, in_place: bool
    ) -> None:
        response = post(signed_in(alice), photo(), in_place=in_place)
        assert response.status_code == 507
        assert "no room left" in said(response)
        assert "No space left on device" not in said(response)
        assert nothing_is_left(media_root)

    @pytest.mark.parametrize("in_place", [False, True])
    def test_a_file_that_does_not_even_arrive_is_refused_the_same(
        self, alice: User, media_root: Path, incoming_is_full: None, in_place: bool
    ) -> None:
        response = post(signed_in(alice), LARGE, in_place=in_place)
        assert response.status_code == 507
        assert "no room left" in said(response)
        assert ">Add a picture." not in said(response)
        assert nothing_is_left(media_root)

    @pytest.mark.usefixtures("incoming_is_full")
    def test_what_was_typed_is_kept(self, alice: User) -> None:
        page = said(post(signed_in(alice), LARGE))
        assert "make it sepia</textarea>" in page
        assert 'value="12"' in page
        assert "Choose the picture again" in page

    @pytest.mark.usefixtures("incoming_is_full")
    def test_the_check_says_it_too(self, alice: User) -> None:
        response = post(signed_in(alice), LARGE, address="/source/", in_place=True)
        assert response.status_code == 507
        assert "no room left" in said(response)

    def test_with_less_than_the_limit_nothing_is_begun(
        self, alice: User, media_root: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
    ) -> None:
        monkeypatch.setattr(disk_space, "free_bytes", lambda: 199 * disk_space.MEGABYTE)
        assert post(signed_in(alice), photo()).status_code == 507
        assert nothing_is_left(media_root)
        settings.FREE_DISK_MEGABYTES = 199
        assert post(signed_in(alice), photo()).status_code == 302

    def test_the_same_form_can_be_sent_again_when_there_is_room(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = signed_in(alice)
        with monkeypatch.context() as full:
            full.setattr(disk_space, "free_bytes", lambda: 0)
            assert post(client, photo()).status_code == 507
        for _ in range(2):
            assert post(client, photo()).status_code == 302
        assert EditRequest.objects.count() == 1

    @pytest.mark.parametrize("in_place", [False, True])
    def test_running_an_edit_again_is_no_crash(
        self, alice: User, monkeypatch: pytest.MonkeyPatch, in_place: bool
    ) -> None:
        edit, client = finished_edit_of(alice), signed_in(alice)
        monkeypatch.setattr(disk_space, "free_bytes", lambda: 0)
        headers = {"HX-Request": "true"} if in_place else {}
        response = client.post(f"/edits/{edit.public_id}/rerun/", headers=headers)
        assert response.status_code == (200 if in_place else 302)
        assert "no room left" in said(client.get("/"))
        assert EditRequest.objects.count() == 1


class TestAway:
    """503, for it may be over in a moment."""

    @pytest.mark.parametrize("in_place", [False, True])
    def test_a_storage_that_is_away_is_told_from_a_full_one(
        self, alice: User, media_root: Path, monkeypatch: pytest.MonkeyPatch, in_place: bool
    ) -> None:
        def away(*_: object) -> str:
            raise OSError("The bucket cannot be reached: EndpointConnectionError")

        monkeypatch.setattr(default_storage, "save", away)
        response = post(signed_in(alice), photo(), in_place=in_place)
        assert response.status_code == 503
        assert "could not be stored" in said(response)
        assert "bucket" not in said(response)
        assert nothing_is_left(media_root)

    @FOLDER_ONLY
    def test_a_folder_that_may_not_be_written(self, alice: User, media_root: Path) -> None:
        media_root.parent.mkdir(parents=True, exist_ok=True)
        media_root.write_text("a file where the folder should be")
        try:
            assert post(signed_in(alice), photo()).status_code == 503
        finally:
            media_root.unlink()
        assert nothing_is_left(media_root)


@pytest.fixture
def tiny_disk(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """A real disk of 1 MB, where this machine lets us have one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        settings.FREE_DISK_MEGABYTES = 0
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.processes
class TestARealDisk:
    """Not said to be full, but full."""

    @FOLDER_ONLY
    def test_a_picture_fits_until_it_does_not(self, alice: User, settings: Settings, tiny_disk: Path) -> None:
        settings.MEDIA_ROOT = tiny_disk / "pictures"
        client = signed_in(alice)
        assert post(client, photo()).status_code == 302
        before = files(tiny_disk)
        (tiny_disk / "others").write_bytes(bytes(2**20 - 2**17))
        left = os.statvfs(tiny_disk)
        (tiny_disk / "rest").write_bytes(bytes(left.f_bavail * left.f_frsize))
        assert post(client, photo(width=700)).status_code == 507
        assert files(tiny_disk) - before == {"others", "rest"}
        assert Upload.objects.count() == EditRequest.objects.count() == 1

    def test_a_file_on_its_way_in(self, alice: User, settings: Settings, tiny_disk: Path) -> None:
        settings.FILE_UPLOAD_TEMP_DIR = tiny_disk
        assert post(signed_in(alice), LARGE).status_code == 507
        assert list(tiny_disk.iterdir()) == []
        assert not EditRequest.objects.exists()
