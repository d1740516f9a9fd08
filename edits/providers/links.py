"""Checks where a link from an answer leads, and whether Retake may follow it.  Opens no connections."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urljoin, urlsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from edits.providers.addresses import Resolver, is_local, is_odd_spelling, is_public, parse_address
from edits.providers.errors import UnsafeLink

_MOST_LINK_CHARS = 8192
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SIGNED = re.compile(r"x-(amz|goog|oss|tos)-(date|expires)")
_PLAIN = re.compile(r"[!-\[\]-~]+")  # printable ASCII without space and backslash


@dataclass(frozen=True)
class Target:
    """A checked target: the link, and the addresses that it may be fetched from."""

    url: Url
    port: int
    addresses: tuple[str, ...]

    @property
    def host(self) -> str:
        return self.url.host or ""

    @property
    def host_header(self) -> str:
        usual = self.port == _DEFAULT_PORTS[self.url.scheme or ""]
        return self.host if usual else f"{self.host}:{self.port}"

    @property
    def server_name(self) -> str:
        """The name that the certificate must have; "" if the link holds an address."""
        return "" if self.url.scheme == "http" or parse_address(self.host) else self.host

    def url_at(self, address: str) -> str:
        """The link with one of the checked addresses in place of the name."""
        host = f"[{address}]" if ":" in address else address
        return f"{self.url.scheme}://{host}:{self.port}{self.url.request_uri}"


@dataclass(frozen=True)
class LinkRules:
    """Trusts the provider's own host and the hosts that the operator listed, even with http or on private networks.

    Everything else must be on the public internet, with https on port 443 unless ``any_port`` is set.
    """

    base_url: str
    allow_hosts: frozenset[str]
    """As ``host:port``."""
    resolve: Resolver
    only_public: bool = False
    """Whether the provider's own host must also be public; its scheme and port are not restricted."""
    any_port: bool = False
    """Whether http and other ports are allowed, as for webhook URLs of members."""

    def judge(self, link: str, *, seen_at: str) -> Target:
        """The target of a link found at ``seen_at``, against which a relative one is resolved.

        Resolves the name once.  Raises UnsafeLink, and OSError if the name has no address.
        """
        url = _parse(link, seen_at=seen_at)
        port = url.port or _DEFAULT_PORTS[url.scheme or ""]
        host = url.host or ""
        trusted = self._is_trusted(url.scheme or "", f"{host}:{port}")
        if not (trusted or self.any_port) and (url.scheme != "https" or port != 443):
            raise UnsafeLink("a result link is neither https on port 443 nor to a trusted host")
        literal = parse_address(host)
        found = [str(literal)] if literal else self.resolve(host, port)
        if not found:
            raise OSError("a name without addresses")
        may_be_local = trusted and not self.only_public
        if not all(is_public(address) or (may_be_local and is_local(address)) for address in found):
            raise UnsafeLink("a result link leads to an address that is not public")
        return Target(url=url, port=port, addresses=tuple(found))

    def _is_trusted(self, scheme: str, host_and_port: str) -> bool:
        base = parse_url(self.base_url)
        own = f"{base.host}:{base.port or _DEFAULT_PORTS.get(base.scheme or '')}"
        if host_and_port == own:
            return scheme in ("https", base.scheme)  # no downgrade from https to http
        return host_and_port in self.allow_hosts


def expires_at(link: str) -> datetime | None:
    """When a signed link expires, in the formats of common object stores; None if it does not say."""
    try:
        asked = {name.lower(): value for name, value in parse_qsl(urlsplit(link).query)}
        signed = {found[2]: asked[name] for name in asked if (found := _SIGNED.fullmatch(name))}
        if signed:
            began = datetime.strptime(signed["date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return began + timedelta(seconds=int(signed["expires"]))
        return datetime.fromtimestamp(int(asked["expires"]), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None


def _parse(link: str, *, seen_at: str) -> Url:
    """Parse a link with the same parser that is used to connect."""
    if len(link) > _MOST_LINK_CHARS or not _PLAIN.fullmatch(link):
        raise UnsafeLink("a result link is empty, too long or has characters that no link has")
    try:
        url = parse_url(urljoin(seen_at, link))
    except (LocationParseError, ValueError):
        raise UnsafeLink("a result link cannot be parsed") from None
    if url.scheme not in _DEFAULT_PORTS or not url.host:
        raise UnsafeLink("a result link is not one to a web server")
    if url.auth is not None:
        raise UnsafeLink("a result link carries a user name")
    if "%" in url.host or is_odd_spelling(url.host):
        raise UnsafeLink("a result link spells its host in an odd way")
    return url
