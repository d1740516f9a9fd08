"""Reads the environment: each setting by its name, or from the file that NAME_FILE points to.

``.env`` beside manage.py is read if it is there; what the environment already says wins.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

environ.Env.read_env(BASE_DIR / ".env")


def text(name: str, default: str = "") -> str:
    """The setting NAME, or the content of the file NAME_FILE (for secrets kept by Docker or systemd)."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}") from error
    return os.environ.get(name, "").strip() or default


def integer(name: str, default: int, *, least: int = 1) -> int:
    """The whole number NAME; says which setting is wrong instead of a bare ValueError."""
    value = text(name)
    try:
        number = int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from error
    if number < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {number}")
    return number


def flag(name: str, *, default: bool = False) -> bool:
    """True for 1, true, yes or on."""
    value = text(name).lower()
    if value not in {"", "0", "1", "false", "true", "no", "yes", "off", "on"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}")
    return value in {"1", "true", "yes", "on"} if value else default


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list, blanks dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(default: str) -> dict[str, Any]:
    """DATABASE_URL as Django's settings; passwords may be percent-encoded."""
    url = text("DATABASE_URL", default)
    try:
        return dict(environ.Env.db_url_config(url))
    except (ValueError, environ.ImproperlyConfigured) as error:
        raise ImproperlyConfigured("DATABASE_URL is not a database address") from error


def kept_secret(name: str, folder: Path) -> str:
    """The secret NAME, or one that is made once and kept in ``folder``, readable by its owner alone."""
    given = text(name)
    if given:
        return given
    path = folder / name.lower()
    if not path.exists():
        draft = folder / f".{name.lower()}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64), encoding="ascii")
        # A link appears whole or not at all: of two processes that start at once one wins, both read it.
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
