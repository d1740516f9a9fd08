"""The data folder: nobody else of the machine gets in, however Retake is started, and it says what is wrong."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from editor_site import data_folder
from tests.accounts import AS_ROOT, OWNER, as_stranger, manage, mounted, shared_place
from tests.installation import installed

STORED = """
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
answer(default_storage.save("quarantine/0123/full.png", ContentFile(b"withheld")))
"""
OF_THE_TEST = {"static", "up.log"}


@pytest.fixture
def place() -> Iterator[Path]:
    with shared_place() as folder:
        yield folder


@pytest.fixture
def umask() -> Iterator[None]:
    """Put back what the folder's preparation changes for a whole process."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_to_others(folder: Path) -> dict[str, int]:
    """What in the folder others could use if they came in, but for what the test itself put there."""
    return {
        str(path.relative_to(folder)): mode(path)
        for path in folder.rglob("*")
        if path.relative_to(folder).parts[0] not in OF_THE_TEST and mode(path) & 0o077
    }


@AS_ROOT
@pytest.mark.processes
def test_a_stranger_reads_nothing_of_a_running_installation(place: Path) -> None:
    folder = place / "data"
    folder.mkdir(mode=0o755)  # as an administrator makes it
    with installed(folder) as retake:
        retake.start_all()
        picture = folder / "pictures" / retake.python(STORED)
        assert mode(folder) == 0o700
        assert open_to_others(folder) == {}
        assert as_stranger("ls", str(folder)).returncode != 0
        for path in (picture, folder / "retake.sqlite3", folder / "secret_key"):
            assert path.exists()
            read = as_stranger("cat", str(path))
            assert (read.returncode != 0, read.stdout) == (True, "")
        made = {path.name for path in folder.iterdir()} - OF_THE_TEST
        assert made <= data_folder.FOLDERS | data_folder.FILES


@pytest.mark.processes
def test_what_an_earlier_version_left_open_is_closed_at_the_next_start(place: Path) -> None:
    folder = place / "data"
    for path in (folder / "pictures", folder / "incoming"):
        path.mkdir(mode=0o755, parents=True)
        path.chmod(0o755)
    folder.chmod(0o755)
    for name in ("retake.sqlite3", "secret_key"):
        (folder / name).touch()
        (folder / name).chmod(0o644)
    assert manage("check", DATA_DIR=str(folder)).returncode == 0
    assert mode(folder) == 0o700
    assert open_to_others(folder) == {}


@pytest.mark.processes
def test_static_files_stay_readable_for_their_web_server(place: Path) -> None:
    static = place / "static"
    done = manage("collectstatic", "--noinput", "-v0", DATA_DIR=str(place / "data"), STATIC_ROOT=str(static))
    assert done.returncode == 0, done.stderr
    assert any(path.suffix == ".gz" for path in static.rglob("*"))
    folders = [path for path in (static, *static.rglob("*")) if path.is_dir()]
    assert {mode(path) for path in folders} == {0o755}
    assert {mode(path) for path in static.rglob("*") if path.is_file()} == {0o644}


@pytest.mark.usefixtures("umask")
class TestWhoseItIs:
    def test_a_missing_folder_is_made_closed_and_the_way_to_it_as_usual(self, place: Path) -> None:
        folder = data_folder.prepare(str(place / "way" / "data"))
        assert (mode(folder.parent), mode(folder), mode(folder / "incoming")) == (0o755, 0o700, 0o700)

    def test_an_empty_folder_is_closed_even_where_a_disk_is_mounted(self, place: Path) -> None:
        (place / "lost+found").mkdir()
        data_folder.prepare(str(place))
        assert mode(place) == 0o700

    def test_a_folder_of_other_things_is_no_data_folder_yet_and_stays_open(self, place: Path) -> None:
        (place / "www").mkdir(mode=0o755)
        (place / "www").chmod(0o755)
        data_folder.prepare(str(place))
        assert (mode(place), mode(place / "www")) == (0o755, 0o755)

    def test_other_things_beside_ours_stay_as_they_are(self, place: Path) -> None:
        (place / "secret_key").touch()
        (place / "backups").mkdir()
        (place / "backups").chmod(0o750)
        data_folder.prepare(str(place))
        assert (mode(place), mode(place / "backups")) == (0o700, 0o750)

    def test_a_folder_that_everybody_shares_stays_open(self, place: Path) -> None:
        place.chmod(0o1777)
        data_folder.prepare(str(place))
        assert mode(place) == 0o1777

    @AS_ROOT
    def test_a_folder_of_another_account_is_left_to_it(self, place: Path) -> None:
        os.chown(place, OWNER, OWNER)
        data_folder.prepare(str(place))
        assert mode(place) == 0o755

    def test_pictures_that_lie_elsewhere_are_closed_there(self, place: Path) -> None:
        elsewhere, folder = place / "disk", place / "data"
        for path in (elsewhere, folder):
            path.mkdir(mode=0o755)
        (folder / "pictures").symlink_to(elsewhere)
        data_folder.prepare(str(folder))
        assert mode(elsewhere) == 0o700


@pytest.mark.processes
@AS_ROOT
class TestRefused:
    """One sentence on the terminal: the folder, whose it is, who runs Retake, and what to do."""

    def refused(self, folder: Path) -> str:
        done = manage("up", DATA_DIR=str(folder))
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        (line,) = done.stderr.splitlines()
        assert str(folder) in line
        return line

    def test_a_volume_of_another_account(self, place: Path) -> None:
        folder = place / "data"
        folder.mkdir(mode=0o700)
        os.chown(folder, OWNER, OWNER)
        line = self.refused(folder)
        assert f"belongs to the account {OWNER} (mode 0700), but root runs Retake" in line
        assert f"chown -R root {folder}" in line

    @pytest.mark.parametrize("name", ["pictures", "spool"])
    def test_a_part_of_it_that_another_account_made(self, place: Path, name: str) -> None:
        folder = place / "data"
        (folder / name).mkdir(parents=True)
        os.chown(folder / name, OWNER, OWNER)
        line = self.refused(folder)
        assert f"{folder / name} belongs to the account {OWNER}" in line
        assert f"chown -R root {folder}" in line

    def test_a_secret_key_that_another_account_made(self, place: Path) -> None:
        folder = place / "data"
        folder.mkdir()
        (folder / "secret_key").touch(mode=0o600)
        os.chown(folder / "secret_key", OWNER, OWNER)
        assert f"{folder / 'secret_key'} belongs to the account {OWNER}" in self.refused(folder)

    def test_a_folder_that_may_not_be_made_where_it_should_be(self, place: Path) -> None:
        os.chown(place, OWNER, OWNER)
        line = self.refused(place / "data")
        assert f"{place} belongs to the account {OWNER} (mode 0755)" in line
        assert f"install -d -o root -m 700 {place / 'data'}" in line

    def test_our_own_folder_that_we_closed_to_ourselves(self, place: Path) -> None:
        place.chmod(0o500)
        assert "(mode 0500), which runs Retake but may not write there" in self.refused(place)

    def test_a_file_in_its_place(self, place: Path) -> None:
        (place / "data").touch()
        assert "there is a file where the folder" in self.refused(place / "data")

    def test_a_disk_that_may_only_be_read(self, place: Path) -> None:
        with mounted(place, "ro"):
            assert "read-only file system" in self.refused(place)

    def test_a_disk_that_is_full(self, place: Path) -> None:
        with mounted(place, "size=64k"):
            (place / "others").write_bytes(bytes(os.statvfs(place).f_bavail * os.statvfs(place).f_bsize))
            assert "is full" in self.refused(place)

    def test_a_disk_that_filled_up_since_the_last_start(self, place: Path) -> None:
        with mounted(place, "size=8m"):
            folder = place / "data"
            assert manage("migrate", "-v0", DATA_DIR=str(folder)).returncode == 0
            (place / "others").write_bytes(bytes(os.statvfs(place).f_bavail * os.statvfs(place).f_bsize))
            assert f"The disk of {folder} is full" in self.refused(folder)
