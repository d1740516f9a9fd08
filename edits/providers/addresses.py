"""Judges hosts and addresses that somebody else named.  Connects to nothing."""

import re
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]
"""From a host and a port to all its addresses; raises OSError where there are none."""

_NEVER = [
    ip_network(network)
    for network in (
        "100.64.0.0/10",  # carrier-grade NAT
        "192.88.99.0/24",  # 6to4 relays
        "64:ff9b::/96",  # NAT64, which reaches IPv4 addresses, private ones too
        "64:ff9b:1::/48",
        "2002::/16",  # 6to4 and Teredo carry IPv4 addresses within as well
        "2001::/32",
        "::/96",  # IPv4 addresses in other clothes: compatible, mapped, translated
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "fec0::/10",  # site-local, long since replaced
    )
]
_LOCAL = [
    ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",  # also what private overlay networks use
        "::1/128",
        "fc00::/7",
    )
]
_LOOKS_LIKE_A_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)


def is_public(address: str) -> bool:
    """Whether this is an address of the open internet, in its plain form."""
    ip = parse_address(address)
    if ip is None or ip.is_multicast or ip.is_reserved:
        return False
    return ip.is_global and not any(ip in network for network in _NEVER)


def is_local(address: str) -> bool:
    """Whether this is loopback or a private network, where a provider of one's own may stand.

    Link-local addresses, among them the metadata services of clouds, are not.
    """
    ip = parse_address(address)
    return ip is not None and any(ip in network for network in _LOCAL)


def parse_address(host: str) -> Address | None:
    """The address that a host is, with or without brackets, or None for a name and for odd spellings."""
    try:
        ip = ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return None if getattr(ip, "scope_id", None) else ip


def is_odd_spelling(host: str) -> bool:
    """Whether a host is no plain address, yet the system would read it as one: 2130706433, 0x7f.1, 127.1."""
    last = host.removesuffix(".").rpartition(".")[2]
    return parse_address(host) is None and _LOOKS_LIKE_A_NUMBER.fullmatch(last) is not None


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host by the system's resolver.  Raises OSError where there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError("a host name that cannot be looked up") from error
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
