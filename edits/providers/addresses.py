"""Checks hosts and addresses from untrusted sources.  Opens no connections."""

import re
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]
"""Maps a host and a port to all its addresses; raises OSError if there are none."""

_NEVER = [
    ip_network(network)
    for network in (
        "100.64.0.0/10",  # carrier-grade NAT
        "192.88.99.0/24",  # 6to4 relays
        "64:ff9b::/96",  # NAT64, which also reaches private IPv4 addresses
        "64:ff9b:1::/48",
        "2002::/16",  # 6to4 and Teredo also embed IPv4 addresses
        "2001::/32",
        "::/96",  # embedded IPv4 addresses: compatible, mapped, translated
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "fec0::/10",  # site-local, long deprecated
    )
]
_LOCAL = [
    ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",  # also used by private overlay networks
        "::1/128",
        "fc00::/7",
    )
]
_LOOKS_LIKE_A_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)


def is_public(address: str) -> bool:
    """Whether this is a public internet address in its plain form."""
    ip = parse_address(address)
    if ip is None or ip.is_multicast or ip.is_reserved:
        return False
    return ip.is_global and not any(ip in network for network in _NEVER)


def is_local(address: str) -> bool:
    """Whether this is loopback or a private network, where a self-hosted provider may run.

    Link-local addresses, which include the metadata services of clouds, do not count.
    """
    ip = parse_address(address)
    return ip is not None and any(ip in network for network in _LOCAL)


def parse_address(host: str) -> Address | None:
    """The address that ``host`` is, with or without brackets; None for names and for odd spellings."""
    try:
        ip = ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return None if getattr(ip, "scope_id", None) else ip


def is_odd_spelling(host: str) -> bool:
    """Whether a host is no plain address but the system would read it as one: 2130706433, 0x7f.1, 127.1."""
    last = host.removesuffix(".").rpartition(".")[2]
    return parse_address(host) is None and _LOOKS_LIKE_A_NUMBER.fullmatch(last) is not None


MOST_LOOK_UPS = 16
"""Most concurrent lookups of ``resolve_within`` in this process.

A lookup that timed out runs on until the system ends it.
"""
_places = threading.BoundedSemaphore(MOST_LOOK_UPS)


def resolve_within(seconds: float, *, look_up: Resolver | None = None) -> Resolver:
    """A resolver like ``resolve`` with a timeout in seconds.

    It raises TimeoutError if the answer takes longer or too many lookups are running, and whatever ``look_up``
    raises.
    """

    def resolver(host: str, port: int) -> list[str]:
        if not _places.acquire(blocking=False):
            raise TimeoutError("too many names are being looked up")
        answer: Future[list[str]] = Future()
        asked = (answer, look_up or resolve, host, port)
        threading.Thread(target=_look_up, args=asked, name="dns", daemon=True).start()
        return answer.result(timeout=seconds)

    return resolver


def _look_up(answer: "Future[list[str]]", look_up: Resolver, host: str, port: int) -> None:
    try:
        answer.set_result(look_up(host, port))
    except Exception as error:  # noqa: BLE001  a thread's outermost level: raised where the answer is awaited
        answer.set_exception(error)
    finally:
        _places.release()


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host from the system's resolver.  Raises OSError if there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError("a host name that cannot be looked up") from error
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
