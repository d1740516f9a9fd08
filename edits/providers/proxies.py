"""Chooses the outbound proxy for a call.  Opens no connections.

The proxy is asked for a tunnel (CONNECT) to the exact address that was checked, even for plain http.  So it
resolves no untrusted names, changes no headers and cannot read encrypted content.  Calls to this machine use no
proxy.
"""

import base64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_network
from urllib.parse import unquote, urlsplit

from urllib3.connection import HTTPConnection

from edits.providers.addresses import parse_address


@dataclass(frozen=True)
class Proxy:
    """Where the proxy listens, and which headers each CONNECT sends."""

    host: str
    port: int
    headers: dict[str, str] = field(repr=False)

    def stand_before(self, connection: HTTPConnection) -> None:
        """Route a connection that is not open yet through a tunnel of this proxy."""
        host, port = connection.host, connection.port
        connection.host, connection.port = self.host, self.port
        connection.set_tunnel(host, port, headers=self.headers)


@dataclass(frozen=True)
class Proxies:
    """The proxies from the environment: URLs for http and https, and the hosts to call directly."""

    http: str = field(default="", repr=False)
    """``http://host:port``, with ``user:password@`` if the proxy requires it."""
    https: str = field(default="", repr=False)
    but_not: str = ""
    """Names, ``.suffixes``, addresses and networks, comma-separated; ``*`` for all."""

    def before(self, url: str, *, name: str = "") -> Proxy | None:
        """The proxy for a URL; None for a direct call.  ``name`` is the original name if the URL holds an address."""
        for given in self.by_scheme(url, name=name).values():
            proxy = urlsplit(given)
            return Proxy(
                proxy.hostname or "", proxy.port or 80, dict(_headers(proxy.username, proxy.password))
            )
        return None

    def by_scheme(self, url: str, *, name: str = "") -> dict[str, str]:
        """The same for libraries: ``{"https": "http://host:port"}``, or ``{}`` for a direct call."""
        target = urlsplit(url)
        given = {"http": self.http, "https": self.https}.get(target.scheme, "")
        hosts = [host for host in (target.hostname, name) if host]
        if not given or any(_is_here(host) or self._is_excepted(host, target.port) for host in hosts):
            return {}
        return {target.scheme: given}

    def _is_excepted(self, host: str, port: int | None) -> bool:
        entries = [entry.strip() for entry in self.but_not.lower().split(",")]
        return any(entry and _covers(entry, host.lower(), port) for entry in entries)


def _covers(entry: str, host: str, port: int | None) -> bool:
    """Whether an entry of NO_PROXY matches this host."""
    address = parse_address(host)
    if entry == "*":
        return True
    if address:
        with suppress(ValueError):
            return address in ip_network(entry.strip("[]"), strict=False)
    name = entry.removeprefix("*").removeprefix(".")
    return any(each == name or each.endswith(f".{name}") for each in (host, f"{host}:{port}"))


def _is_here(host: str) -> bool:
    """Whether this is our own machine, which for a proxy would mean the proxy's machine."""
    address = parse_address(host)
    return address.is_loopback if address else host.removesuffix(".") == "localhost"


def _headers(user: str | None, password: str | None) -> Iterator[tuple[str, str]]:
    if user is not None:
        both = f"{unquote(user)}:{unquote(password or '')}".encode()
        yield "Proxy-Authorization", f"Basic {base64.b64encode(both).decode()}"
