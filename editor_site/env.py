"""Reads the environment: each setting by its name, or from the file that NAME_FILE points to.

Also reads ``.env`` next to manage.py, if it exists; the environment takes precedence.
"""

import fcntl
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured
from django.http.request import split_domain_port

from editor_site import data_folder

BASE_DIR = Path(__file__).resolve().parent.parent

SERVER = ("https", "http")
"""Schemes whose URLs must have a host and hold no password, unlike those of databases and brokers."""
DATABASES = {"sqlite", "postgres", "postgresql", "psql", "pgsql"}
ALL_PORTS = 65_535
MOST = 10**9
"""Seconds of more than thirty years: with larger values, adding times would raise an error."""


def read_file(path: Path) -> None:
    """Add the settings in ``.env`` that the environment lacks.  A missing or unreadable file is ignored."""
    try:
        environ.Env.read_env(path)
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"{path} cannot be read: it is not a text file in UTF-8") from error


read_file(BASE_DIR / ".env")


def text(name: str, default: str = "") -> str:
    """The setting NAME, or the content of the file NAME_FILE (for secrets from Docker or systemd)."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}") from error
        except UnicodeDecodeError:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: it is not text in UTF-8") from None
    return os.environ.get(name, "").strip() or default


def integer(name: str, default: int, *, least: int = 1, most: int = MOST) -> int:
    """The integer NAME.  Raises ImproperlyConfigured, which names the setting."""
    value = text(name)
    try:
        number = int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from error
    if number < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {number}")
    if number > most:
        raise ImproperlyConfigured(f"{name} must be at most {most}, not {number}")
    return number


def port(name: str, default: int) -> int:
    """The port number NAME."""
    return integer(name, default, most=ALL_PORTS)


def flag(name: str, *, default: bool = False) -> bool:
    """True for 1, true, yes or on."""
    value = text(name).lower()
    if value not in {"", "0", "1", "false", "true", "no", "yes", "off", "on"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}")
    return value in {"1", "true", "yes", "on"} if value else default


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without blanks; only commas is an error."""
    given = text(name, default)
    found = [word.strip() for word in given.split(",") if word.strip()]
    if given and not found:
        raise ImproperlyConfigured(f"{name} must name something, not {given!r}")
    return found


def choice(name: str, default: str, *known: str) -> str:
    """One of these words, ignoring case."""
    given = text(name, default)
    for word in known:
        if word.lower() == given.lower():
            return word
    raise ImproperlyConfigured(f"{name} must be one of {', '.join(known)}, not {given!r}")


def address(name: str, default: str = "", *, schemes: Sequence[str] = SERVER) -> str:
    """The URL NAME, which must begin with one of these schemes.

    Errors do not repeat it, as it may hold a password.
    """
    given = text(name, default)
    _require_address(name, given, schemes)
    return given


def addresses(
    name: str, default: str = "", *, schemes: Sequence[str] = SERVER, between: str = ","
) -> list[str]:
    """Several such URLs."""
    found = [part.strip() for part in text(name, default).split(between) if part.strip()]
    for part in found:
        _require_address(name, part, schemes)
    return found


def origins(name: str) -> list[str]:
    """A comma-separated list of origins as browsers send them: scheme, host and optional port."""
    found = [address.removesuffix("/") for address in addresses(name)]
    for origin in found:
        parts = urlsplit(origin)
        if origin != f"{parts.scheme}://{parts.netloc}":
            raise ImproperlyConfigured(
                f"{name} must be sites as https://example.com, without a path: {origin!r}"
            )
    return found


def _require_address(name: str, given: str, schemes: Sequence[str]) -> None:
    try:
        parts = urlsplit(given)
        is_one = (
            parts.scheme in schemes and parts.port != 0 and bool(parts.hostname or parts.scheme not in SERVER)
        )
    except ValueError:  # unbalanced brackets, or a port that is not a number
        is_one = False
    if given and not is_one:
        forms = " or ".join(f"{scheme}://" for scheme in schemes)
        rest = (
            ", followed by a host, and a port if need be"
            if schemes is SERVER
            else "; percent-encode special characters of a password"
        )
        raise ImproperlyConfigured(f"{name} must be an address that begins with {forms}{rest}")


def hosts(name: str) -> list[str]:
    """A comma-separated list of hosts, each with an optional port."""
    found = words(name)
    for entry in found:
        with suppress(ValueError):
            parts = urlsplit(f"//{entry}")
            if parts.hostname and parts.netloc == entry and parts.port != 0:
                continue
        raise ImproperlyConfigured(f"{name} must be hosts as host:port, comma-separated, not {entry!r}")
    return found


def host_names(name: str, default: str) -> list[str]:
    """A comma-separated list of names for ALLOWED_HOSTS: without ports; ``*`` alone allows all."""
    found = words(name, default)
    for entry in found:
        if entry != "*" and split_domain_port(entry) != (entry.lower(), ""):
            raise ImproperlyConfigured(
                f"{name} must be names or addresses of hosts, as retake.example.com or [::1], without https://, "
                f"port and path, comma-separated, not {entry!r}"
            )
    return found


def time_zone(name: str) -> str:
    """The time zone NAME; otherwise that of TZ, as set in containers; otherwise UTC.

    A TZ that is not in the tz database is meant for other programs and ignored.
    """
    given, common = text(name), os.environ.get("TZ", "").removeprefix(":").rpartition("zoneinfo/")[2]
    if given and not _is_zone(given):
        raise ImproperlyConfigured(
            f"{name} must be a name of the tz database, as Europe/Berlin, not {given!r}"
        )
    return given or (common if _is_zone(common) else "UTC")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True


def database(default: str) -> dict[str, Any]:
    """DATABASE_URL as Django's settings; passwords may be percent-encoded.  Errors do not repeat its value."""
    url = text("DATABASE_URL", default)
    if url.partition("://")[0] in DATABASES:
        with suppress(ValueError, KeyError, environ.ImproperlyConfigured):
            found = dict(environ.Env.db_url_config(url))
            if found["NAME"] not in ("", ":memory:"):
                return found
    raise ImproperlyConfigured(
        "DATABASE_URL must be postgres://user:password@host:port/name, with special characters of the password "
        "percent-encoded, or sqlite:////folder/file"
    )


def kept_secret(name: str, folder: Path) -> str:
    """The secret NAME, or one that is generated once and stored in ``folder``, readable only by its owner."""
    given = text(name)
    if given:
        return given
    path = folder / name.lower()
    with data_folder.refusing(folder):
        return (path.read_text(encoding="utf-8").strip() if path.exists() else "") or _make_secret(path)


def _make_secret(path: Path) -> str:
    """Write the secret; of two processes that start together, one writes it and the other waits and reads it.

    Uses a lock instead of a hard link, which would be atomic, because FAT and many shares have no hard links.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        secret = file.read().strip()
        if not secret:
            secret = secrets.token_urlsafe(64)
            file.write(secret)
            file.flush()
            os.fsync(handle)
    return secret
