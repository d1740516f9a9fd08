"""Checks of the data folder: each is provoked by real folders, and silent without."""

import errno
import os
from pathlib import Path

import pytest
from django.core.checks import ERROR, WARNING
from pytest_django import Settings

from edits.checks import data_folder
from tests.accounts import AS_ROOT, OWNER

MOUNTED = """\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
40 22 0:35 / /srv/team\\040data rw shared:9 - {kind} files.example.com:/team rw
41 22 0:36 / /srv/team rw - tmpfs tmpfs rw
"""

SET_ANOTHER = "Set DATA_DIR to a folder that only Retake uses."


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.DATA_DIR = settings.BASE_DIR = settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "pictures"
    return tmp_path


class TestPrivate:
    @pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o770])
    def test_a_folder_that_others_may_enter_is_found(self, folder: Path, mode: int) -> None:
        folder.chmod(mode)
        (message,) = data_folder.the_data_folder_is_private(app_configs=None)
        assert (message.id, message.level) == ("retake.W014", WARNING)
        assert f"{folder} (mode {mode:04o})" in message.msg
        assert (message.hint or "").startswith(f"chmod go= {folder};")

    @pytest.mark.parametrize(
        ("mode", "beside"),
        [(0o1777, "retake.sqlite3"), (0o1777, "somebody-elses"), (0o755, "somebody-elses")],
        ids=["as /tmp", "/tmp itself", "a folder of other things"],
    )
    def test_one_that_others_use_is_to_be_left_and_not_to_be_closed(
        self, folder: Path, mode: int, beside: str
    ) -> None:
        (folder / beside).touch()
        folder.chmod(mode)
        (message,) = data_folder.the_data_folder_is_private(app_configs=None)
        assert message.hint == SET_ANOTHER

    @AS_ROOT
    def test_one_of_another_account_is_left_to_it(self, folder: Path) -> None:
        folder.chmod(0o777)
        os.chown(folder, OWNER, OWNER)
        (message,) = data_folder.the_data_folder_is_private(app_configs=None)
        assert message.hint == SET_ANOTHER

    def test_a_closed_one_is_not(self, folder: Path) -> None:
        folder.chmod(0o700)
        (folder / "retake.sqlite3").touch(mode=0o644)
        assert data_folder.the_data_folder_is_private(app_configs=None) == []

    def test_a_database_outside_of_it_is_looked_at_too(
        self, folder: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        database = tmp_path_factory.mktemp("elsewhere") / "db.sqlite3"
        # In a copy: the connection of later tests lives in the dictionary itself.
        settings.DATABASES = {"default": {"ENGINE": "editor_site.sqlite_serialized", "NAME": str(database)}}
        assert data_folder.the_data_folder_is_private(app_configs=None) == []
        database.touch()
        database.chmod(0o640)
        (message,) = data_folder.the_data_folder_is_private(app_configs=None)
        assert str(database) in message.msg
        assert (message.hint or "").startswith(f"chmod go= {database};")


class TestTheEnvFile:
    @pytest.mark.parametrize(("mode", "found"), [(0o644, 1), (0o604, 1), (0o640, 0), (0o600, 0)])
    def test_it_is_for_its_owner_or_a_group(self, folder: Path, mode: int, found: int) -> None:
        (folder / ".env").touch()
        (folder / ".env").chmod(mode)
        messages = data_folder.the_env_file_is_private(app_configs=None)
        assert [(message.id, message.level) for message in messages] == [("retake.W012", WARNING)] * found

    def test_none_is_no_trouble(self, folder: Path) -> None:
        assert data_folder.the_env_file_is_private(app_configs=None) == []


class TestFiles:
    @pytest.mark.parametrize("name", ["FILE_UPLOAD_TEMP_DIR", "DATA_DIR"])
    @pytest.mark.parametrize("place", [Path("/no/such/folder"), Path(__file__)])
    def test_a_folder_that_takes_none_is_found(
        self, folder: Path, settings: Settings, name: str, place: Path
    ) -> None:
        setattr(settings, name, place)
        (message,) = data_folder.the_data_folder_takes_files(app_configs=None)
        assert (message.id, message.level) == ("retake.E003", ERROR)
        assert str(place) in message.msg

    def test_a_file_system_without_locks_is_found(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError(37, "No locks available")

        monkeypatch.setattr("edits.checks.data_folder.fcntl.flock", refuse)
        messages = data_folder.the_data_folder_takes_files(app_configs=None)
        assert [message.id for message in messages] == ["retake.E003"] * 2
        assert "No locks available" in messages[0].msg

    def test_a_full_disk_is_left_to_its_own_check(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("edits.checks.data_folder.fcntl.flock", full)
        assert data_folder.the_data_folder_takes_files(app_configs=None) == []

    def test_where_all_is_well_nothing_is_left_behind(self, folder: Path) -> None:
        assert data_folder.the_data_folder_takes_files(app_configs=None) == []
        assert os.listdir(folder) == []


class TestShares:
    @pytest.fixture(autouse=True)
    def _mounts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(data_folder, "MOUNTS", tmp_path / "mountinfo")

    @pytest.mark.parametrize("kind", ["nfs4", "nfs", "cifs", "smb3", "9p", "fuse.sshfs"])
    def test_a_network_share_is_found(self, tmp_path: Path, settings: Settings, kind: str) -> None:
        data_folder.MOUNTS.write_text(MOUNTED.format(kind=kind))
        settings.DATA_DIR = Path("/srv/team data/retake")
        (message,) = data_folder.the_data_folder_is_on_this_machine(app_configs=None)
        assert (message.id, message.level) == ("retake.W013", WARNING)
        assert f"({kind})" in message.msg

    @pytest.mark.parametrize("place", ["/srv/retake", "/srv/team/retake"])
    def test_a_disk_beside_it_is_not(self, settings: Settings, place: str) -> None:
        data_folder.MOUNTS.write_text(MOUNTED.format(kind="nfs4"))
        settings.DATA_DIR = Path(place)
        assert data_folder.the_data_folder_is_on_this_machine(app_configs=None) == []

    @pytest.mark.parametrize("kind", ["xfs", "overlay", "fuseblk", "vfat", "virtiofs"])
    def test_other_kinds_are_disks(self, settings: Settings, kind: str) -> None:
        data_folder.MOUNTS.write_text(MOUNTED.format(kind=kind))
        settings.DATA_DIR = Path("/srv/team data/retake")
        assert data_folder.the_data_folder_is_on_this_machine(app_configs=None) == []

    def test_a_system_that_does_not_say_is_trusted(self) -> None:
        assert data_folder.the_data_folder_is_on_this_machine(app_configs=None) == []
