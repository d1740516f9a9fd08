"""Checks of the provider in the STEPFUN_* settings: its key, encryption, and the time and threads of its calls."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

DOWNLOAD_SECONDS = 60
CONNECT_SECONDS = 5
"""Time in addition to STEPFUN_TIMEOUT_SECONDS: to connect to the provider, and to download a result from a link."""
PRIVATE_ENDINGS = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".test")


def there_is_a_key(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Without a key, the provider refuses the first edit and the queue is held."""
    if settings.PRACTICE_ENGINE or settings.STEPFUN_API_KEY:
        return []
    return [
        Warning(
            "STEPFUN_BASE_URL names a provider, but there is no STEPFUN_API_KEY.",
            hint="Set STEPFUN_API_KEY or STEPFUN_API_KEY_FILE. If the server needs no key, set it to any word.",
            id="retake.W001",
        )
    ]


def the_key_travels_encrypted(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Over http, anyone on the network path can read the key and the pictures."""
    address = urlsplit(settings.STEPFUN_BASE_URL)
    if address.scheme == "https" or is_loopback(address.hostname or ""):
        return []
    return [
        Warning(
            "Key, prompts and pictures go to STEPFUN_BASE_URL unencrypted.",
            hint="Use an https:// address, or a server on this machine.",
            id="retake.W002",
        )
    ]


def results_come_from_the_open_internet(app_configs: object, **_: Any) -> list[CheckMessage]:
    """A listed host may be on a private network, where a hostile provider could then read anything."""
    return [
        Error(
            f"STEPFUN_RESULT_HOSTS lets results be fetched from {entry}, which is on a private network.",
            hint="Remove it. Results inside the answer or on public hosts need no entry.",
            id="retake.E001",
        )
        for entry in settings.STEPFUN_RESULT_HOSTS
        if is_private(urlsplit(f"//{entry}").hostname or "")
    ]


def a_stop_waits_for_the_longest_call(app_configs: object, **_: Any) -> list[CheckMessage]:
    """A worker that is killed during a call loses an answer that was paid for."""
    longest = CONNECT_SECONDS + settings.STEPFUN_TIMEOUT_SECONDS + DOWNLOAD_SECONDS
    if longest <= settings.STOP_GRACE_SECONDS:
        return []
    return [
        Warning(
            f"Stopping waits {settings.STOP_GRACE_SECONDS} s, but a call with its download can take {longest} s.",
            hint=f"Set STOP_GRACE_SECONDS to at least {longest}, and let systemd or Compose wait longer than that.",
            id="retake.W003",
        )
    ]


def threads_suffice_for_the_account(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Each call occupies a worker thread until its answer arrives."""
    if settings.STEPFUN_MAX_CONCURRENT <= settings.WORKER_THREADS:
        return []
    return [
        Warning(
            f"The account allows {settings.STEPFUN_MAX_CONCURRENT} calls at once, but a worker makes at most "
            f"{settings.WORKER_THREADS}.",
            hint="Raise WORKER_THREADS, or silence this where several workers share the calls: "
            "STEPFUN_MAX_CONCURRENT counts over all of them, WORKER_THREADS for each.",
            id="retake.W004",
        )
    ]


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_private(host: str) -> bool:
    """Whether the host seems to be on a private network, judged by its name alone, without resolving it.

    True for an address that is not global, and for a name that no public server can have.
    """
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(PRIVATE_ENDINGS) or host.rpartition(".")[2].isdigit()
