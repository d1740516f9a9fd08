"""Checks of folders and secrets: nothing private is served or published, and what comes in has room."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from edits.services.pictures.room import has_room
from edits.services.provider.keys import may_be_read

SECRETS = ("STEPFUN_API_KEY", "SECRET_KEY", "METRICS_TOKEN", "AWS_SECRET_ACCESS_KEY", "EMAIL_HOST_PASSWORD")
LEAST_SECRET_CHARS = 12
"""Shorter ones are placeholders, and occur by chance in any text."""
MOST_FILE_BYTES = 1_000_000


def static_files_hold_nothing_private(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Static files are served to anybody; pictures pass a view that asks who wants them."""
    served = [folder for folder in (settings.STATIC_ROOT, *settings.STATICFILES_DIRS) if folder]
    return [
        Error(
            f"{name} lies inside {folder}, which is served to everybody.",
            hint=f"Move {name} out of the static files.",
            id="retake.E002",
        )
        for name in ("DATA_DIR", "MEDIA_ROOT")
        for folder in served
        if _is_inside(Path(getattr(settings, name)), Path(folder))
    ]


def uploads_can_be_taken_in(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Large pictures pass through this folder."""
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"Uploads cannot be written to {folder}.",
            hint="Make DATA_DIR and what is in it belong to the account that Retake runs as.",
            id="retake.E003",
        )
    ]


def the_disk_has_room(app_configs: object, **_: Any) -> list[CheckMessage]:
    """On a disk that is almost full nothing is accepted or sent."""
    if has_room():
        return []
    return [
        Warning(
            f"Fewer than {settings.FREE_DISK_MEGABYTES} MB are free: nothing is taken in or sent.",
            hint="Make room in DATA_DIR, or move it to a larger disk.",
            id="retake.W005",
        )
    ]


def no_secret_is_in_the_repository(app_configs: object, **_: Any) -> list[CheckMessage]:
    """What git tracks is copied to everybody who clones it, forever."""
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
            hint="Replace the secret with a new one and keep that in the environment or in a file outside.",
            id="retake.E004",
        )
        for name, path in found
    ]


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _secrets() -> dict[str, str]:
    """Those of the settings, and the keys of providers in the environment."""
    values = {name: str(getattr(settings, name, None) or "") for name in SECRETS}
    values |= {name: value.strip() for name, value in os.environ.items() if may_be_read(name)}
    return {name: value for name, value in values.items() if len(value) >= LEAST_SECRET_CHARS}


def _tracked_files(folder: Path) -> list[Path]:
    """None where there is no git, or no repository: an image of a container has neither."""
    git = shutil.which("git")
    if not git or not (folder / ".git").exists():
        return []
    command = [git, "-C", str(folder), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, timeout=20, check=False)  # noqa: S603  our own words
    return [folder / name for name in os.fsdecode(listed.stdout).split("\0") if name]


def _holds(path: Path, secret: bytes) -> bool:
    try:
        return path.stat().st_size <= MOST_FILE_BYTES and secret in path.read_bytes()
    except OSError:
        return False  # deleted, or a link that leads nowhere
