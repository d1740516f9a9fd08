"""Posts one message to one URL and describes the outcome in words.  Knows nothing of tables.

- No redirects and no cookies.
- The connection goes only to an address that was checked, and the whole exchange has a deadline.
- The answer's body is read only as far as necessary, and discarded.
"""

import logging
from dataclasses import dataclass

import requests
from django.conf import settings
from django.utils.translation import gettext_noop

from edits.providers import UnsafeLink
from edits.providers.addresses import Resolver, resolve
from edits.providers.connections import ExchangeLimits, NoAnswer, exchange
from edits.providers.deadline import Deadline
from edits.providers.links import Target
from edits.services.outgoing import proxies
from edits.services.webhooks.url_check import judge_address

SECONDS = 15.0
CONNECT_SECONDS = 5.0
MOST_ADDRESSES = 3
"""The most addresses of a name to try until one accepts the connection."""
GONE = 410
PRIVATE = gettext_noop(
    "The URL leads to a private network or is spelled in an unusual way, so nothing was sent."
)
NO_NAME = gettext_noop("The host name was not found.")
PROBLEMS = {
    "refused": gettext_noop("Connection refused."),
    "proxy": gettext_noop("The outgoing proxy blocked the connection. Ask an administrator."),
    "timeout": gettext_noop("No answer within 15 seconds."),
    "tls": gettext_noop("TLS error: the certificate does not match the host or is not trusted."),
}
"""Deliveries store them in English; pages translate them."""
ANSWERED = gettext_noop("Answered %(status)s.")
REDIRECTED = gettext_noop("Answered %(status)s, a redirect. Redirects are not followed.")
BROKEN = gettext_noop("The connection broke before the answer came.")

security_log = logging.getLogger("edits.security")


@dataclass(frozen=True)
class Message:
    """What to send, and where."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answered:
    """The outcome: delivered if there is no problem."""

    status: int | None
    problem: str = ""


def post(message: Message, *, look_up: Resolver = resolve, seconds: float = SECONDS) -> Answered:
    """Send the message once.  Never raises for anything that a receiver or the network does."""
    with Deadline(seconds) as deadline:
        try:
            target = judge_address(message.url, look_up=look_up)
            if deadline.passed:  # a DNS lookup cannot be interrupted
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
    """The outcome that this status means."""
    if 200 <= status < 300:
        return Answered(status)
    if 300 <= status < 400:
        return Answered(status, REDIRECTED % {"status": status})
    return Answered(status, ANSWERED % {"status": status})


def _status(message: Message, target: Target, *, deadline: Deadline, seconds: float) -> int:
    """Try the addresses in order.  Raises the NoAnswer of the last one tried."""
    limits = ExchangeLimits(
        CONNECT_SECONDS,
        write_seconds=seconds,
        read_seconds=seconds,
        most_bytes=0,
        ca_bundle=settings.CA_BUNDLE,
        proxies=proxies(),
    )
    *others, last = target.addresses[:MOST_ADDRESSES]
    for address in others:
        try:
            return _status_at(address, message, target, limits=limits, deadline=deadline)
        except NoAnswer as error:
            if error.stage != "connecting" or deadline.passed:
                raise
    return _status_at(last, message, target, limits=limits, deadline=deadline)


def _status_at(
    address: str, message: Message, target: Target, *, limits: ExchangeLimits, deadline: Deadline
) -> int:
    headers = {"Host": target.host_header, "Content-Type": "application/json", "Accept": "*/*"}
    request = requests.Request(
        "POST", target.url_at(address), headers=headers | message.headers, data=message.body
    )
    try:
        return exchange(request, limits=limits, deadline=deadline, server_name=target.server_name).status
    except NoAnswer as error:
        if error.read_bytes is None:
            raise
        return 200  # a broken body raises only for a 200, and is discarded anyway
