"""Checks that nothing private is served or published, and that there is free disk space."""

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from edits.services.pictures.disk_space import has_room
from edits.services.provider.keys import may_be_read

SECRETS = ("STEPFUN_API_KEY", "SECRET_KEY", "METRICS_TOKEN", "AWS_SECRET_ACCESS_KEY", "EMAIL_HOST_PASSWORD")
LEAST_SECRET_CHARS = 12
"""Shorter values are placeholders and occur in texts by chance."""
MOST_FILE_BYTES = 1_000_000


def static_files_hold_nothing_private(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Static files are served to anybody; pictures are served by a view that checks permissions."""
    served = [folder for folder in (settings.STATIC_ROOT, *settings.STATICFILES_DIRS) if folder]
    return [
        Error(
            f"{name} lies inside {folder}, which is served to everyone.",
            hint=f"Move {name} out of the static files.",
            id="retake.E002",
        )
        for name in ("DATA_DIR", "MEDIA_ROOT")
        for folder in served
        if _is_inside(Path(getattr(settings, name)), Path(folder))
    ]


def the_disk_has_room(app_configs: object, **_: Any) -> list[CheckMessage]:
    """When the disk is almost full, nothing is accepted or sent."""
    if has_room():
        return []
    return [
        Warning(
            f"Less than {settings.FREE_DISK_MEGABYTES} MB are free: uploads are refused and nothing is sent.",
            hint="Free some space in DATA_DIR, or move it to a larger disk.",
            id="retake.W005",
        )
    ]


def no_secret_is_in_the_repository(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Everything that git tracks is copied to every clone, forever."""
    tracked = _tracked_files(Path(settings.BASE_DIR))
    found = [
        (name, path)
        for path in tracked
        for name, secret in _secrets().items()
        if _holds(path, secret.encode())
    ]
    return [
        Error(
            f"The value of {name} is in {path.name}, which git tracks.",
            hint="Replace the secret, and keep the new one in the environment or in a file outside the repository.",
            id="retake.E004",
        )
        for name, path in found
    ]


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _secrets() -> dict[str, str]:
    """The secrets of the settings, and the keys of providers in the environment."""
    values = {name: str(getattr(settings, name, None) or "") for name in SECRETS}
    values |= {name: value.strip() for name, value in os.environ.items() if may_be_read(name)}
    return {name: value for name, value in values.items() if len(value) >= LEAST_SECRET_CHARS}


def _tracked_files(folder: Path) -> list[Path]:
    """The files that git tracks; none without git or a repository, as in a container image."""
    git = shutil.which("git")
    if not git or not (folder / ".git").exists():
        return []
    command = [git, "-C", str(folder), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, timeout=20, check=False)  # noqa: S603  our own arguments
    return [folder / name for name in os.fsdecode(listed.stdout).split("\0") if name]


def _holds(path: Path, secret: bytes) -> bool:
    try:
        return path.stat().st_size <= MOST_FILE_BYTES and secret in path.read_bytes()
    except OSError:
        return False  # deleted, or a dangling link


def downloads_can_be_signed(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Without the library everything works, and downloads carry their other marks."""
    if find_spec("c2pa"):
        return []
    return [
        Warning(
            "c2pa-python is not installed: downloads leave without content credentials.",
            hint="There are wheels for Linux with glibc 2.28 or newer, macOS and Windows; see docs/files.md.",
            id="retake.W017",
        )
    ]
