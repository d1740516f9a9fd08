"""Checks of the data folder: closed to other accounts, on a local disk, and writable."""

import errno
import fcntl
import re
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from editor_site import data_folder

OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
MOUNTS = Path("/proc/self/mountinfo")
SHARES = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|afs|ceph|gluster\w*|fuse\.(sshfs|s3fs|rclone|gluster\w*|davfs\w*)|davfs"
)
FULL = (errno.ENOSPC, errno.EDQUOT)
"""Has a check of its own: an error here would prevent commands that free space."""
OCTAL = re.compile(r"\\([0-7]{3})")


def the_data_folder_is_private(app_configs: object, **_: Any) -> list[CheckMessage]:
    """An account that can read the database can take over an administrator's session and see withheld pictures.

    A warning, because an error would prevent backup and migrate on disks without file modes.
    """
    return [
        Warning(
            f"Other accounts on this machine can access {path} (mode {mode:04o}).",
            hint=_how_to_close(path),
            id="retake.W014",
        )
        for path, mode in _modes(Path(settings.DATA_DIR), *_database_elsewhere())
        if mode & OPEN_TO_OTHERS
    ]


def _how_to_close(path: Path) -> str:
    """Never suggests a command that would close a shared folder such as /tmp to its other users."""
    if path.is_dir() and not data_folder.may_be_closed(path):
        return "Set DATA_DIR to a folder that only Retake uses."
    return f"chmod go= {path}; on a disk without modes, mount it with umask=077 or dir_mode and file_mode."


def the_env_file_is_private(app_configs: object, **_: Any) -> list[CheckMessage]:
    """The file usually contains the StepFun key, the secret key and passwords."""
    return [
        Warning(
            f"Every account on this machine can read {path}, which contains secrets (mode {mode:04o}).",
            hint=f"chmod 600 {path}, or 640 with the group of the account that runs Retake.",
            id="retake.W012",
        )
        for path, mode in _modes(Path(settings.BASE_DIR) / ".env")
        if mode & stat.S_IRWXO
    ]


def the_data_folder_takes_files(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Uploads pass through the first folder, and paid answers wait in the second; both need file locks."""
    return [
        Error(
            f"Files cannot be written and locked in {folder}: {trouble}.",
            hint="Use a folder on a local disk that belongs to the account that Retake runs as.",
            id="retake.E003",
        )
        for folder in (Path(settings.FILE_UPLOAD_TEMP_DIR), Path(settings.DATA_DIR), *_picture_folder())
        if (trouble := _trouble(folder))
    ]


def the_data_folder_is_on_this_machine(app_configs: object, **_: Any) -> list[CheckMessage]:
    """On a network share, locks may be lost, and with them a paid answer or the database."""
    kind = file_system(Path(settings.DATA_DIR))
    if not SHARES.fullmatch(kind):
        return []
    return [
        Warning(
            f"DATA_DIR is on a network share ({kind}): locks of the database and of paid answers may not hold there.",
            hint="Use a folder on a local disk; pictures can go to a bucket.",
            id="retake.W013",
        )
    ]


def file_system(path: Path) -> str:
    """The type of the path's file system, by its Linux name; blank if unknown."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    real = path.resolve()
    found = [(len(place.parts), kind) for place, kind in map(_mount, lines) if real.is_relative_to(place)]
    return max(found, key=lambda mount: mount[0], default=(0, ""))[1]


def _mount(line: str) -> tuple[Path, str]:
    """Mount point and type from a line of mountinfo (man 5 proc).

    For example "36 35 98:0 / /srv/a\\040b rw shared:1 - ext4 /dev/sda rw".
    """
    before, _, after = line.partition(" - ")
    place = OCTAL.sub(lambda found: chr(int(found[1], 8)), before.split()[4])
    return Path(place), after.split()[0]


def _modes(*paths: Path) -> Iterator[tuple[Path, int]]:
    for path in paths:
        if path.exists():
            yield path, stat.S_IMODE(path.stat().st_mode)


def _database_elsewhere() -> list[Path]:
    """The SQLite file, if DATABASE_URL puts it outside the data folder."""
    database = settings.DATABASES["default"]
    path = Path(str(database["NAME"]))
    is_file = "sqlite" in database["ENGINE"] and path.is_absolute()
    return [path] if is_file and not path.is_relative_to(settings.DATA_DIR) else []


def _picture_folder() -> list[Path]:
    """It may be on another disk.  The first picture creates it; a bucket has none."""
    folder = Path(settings.MEDIA_ROOT)
    return [folder] if folder.is_dir() else []


def _trouble(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.write(b"1")
            file.flush()
    except OSError as error:
        return "" if error.errno in FULL else error.strerror or str(error)
    return ""
