"""Posts one message to one address and says in words what came of it.  Knows nothing of tables.

No redirects, no proxies, no cookies; the connection goes to an address that was judged, and all of it ends in time.
What the receiver answers is read no further than it must be, and thrown away.
"""

import logging
from dataclasses import dataclass

import requests

from edits.providers import UnsafeLink
from edits.providers.addresses import Resolver, resolve
from edits.providers.connections import Limits, NoAnswer, exchange
from edits.providers.deadline import Deadline
from edits.providers.links import Target
from edits.services.webhooks.addresses import judge_address

SECONDS = 15.0
CONNECT_SECONDS = 5.0
MOST_ADDRESSES = 3
"""Of one name that are tried, until one of them takes the connection."""
GONE = 410
PRIVATE = "The address leads to a private network or is spelled in an odd way, so nothing was sent."
NO_NAME = "The address's name could not be found."
PROBLEMS = {
    "refused": "Nobody took the connection.",
    "timeout": f"No answer within {SECONDS:.0f} seconds.",
    "tls": "No encrypted connection: the certificate does not fit or is not trusted.",
}
BROKEN = "The connection broke off before there was an answer."

security_log = logging.getLogger("edits.security")


@dataclass(frozen=True)
class Message:
    """What is to be sent where."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answered:
    """What came of it: delivered where there is no problem."""

    status: int | None
    problem: str = ""


def post(message: Message, *, look_up: Resolver = resolve, seconds: float = SECONDS) -> Answered:
    """Send it once.  Never raises for what a receiver or the way to it may do."""
    with Deadline(seconds) as deadline:
        try:
            target = judge_address(message.url, look_up=look_up)
            if deadline.passed:  # looking up a name cannot be cut short
                return Answered(None, NO_NAME)
            return judged(_status(message, target, deadline=deadline, seconds=seconds))
        except UnsafeLink as error:
            security_log.warning("Did not post to a webhook: %s", error)
            return Answered(None, PRIVATE)
        except NoAnswer as error:
            return Answered(None, PROBLEMS.get(error.cause, BROKEN))
        except OSError:
            return Answered(None, NO_NAME)


def judged(status: int) -> Answered:
    """What an answer with this status means."""
    if 200 <= status < 300:
        return Answered(status)
    if 300 <= status < 400:
        return Answered(status, f"Answered {status}, a redirect, which is not followed.")
    return Answered(status, f"Answered {status}.")


def _status(message: Message, target: Target, *, deadline: Deadline, seconds: float) -> int:
    """Raises NoAnswer of the last address that was tried."""
    limits = Limits(CONNECT_SECONDS, write_seconds=seconds, read_seconds=seconds, most_bytes=0)
    *others, last = target.addresses[:MOST_ADDRESSES]
    for address in others:
        try:
            return _status_at(address, message, target, limits=limits, deadline=deadline)
        except NoAnswer as error:
            if error.stage != "connecting" or deadline.passed:
                raise
    return _status_at(last, message, target, limits=limits, deadline=deadline)


def _status_at(address: str, message: Message, target: Target, *, limits: Limits, deadline: Deadline) -> int:
    headers = {"Host": target.host_header, "Content-Type": "application/json", "Accept": "*/*"}
    request = requests.Request(
        "POST", target.url_at(address), headers=headers | message.headers, data=message.body
    )
    try:
        return exchange(request, limits=limits, deadline=deadline, server_name=target.server_name).status
    except NoAnswer as error:
        if error.read_bytes is None:
            raise
        return 200  # which alone is read on: what broke off behind it would be thrown away
