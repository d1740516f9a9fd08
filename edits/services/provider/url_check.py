"""Judges the URL that an administrator gives for a provider, before anything is sent there."""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext_lazy as _

from edits.providers.addresses import Resolver, is_local, is_odd_spelling, is_public, parse_address, resolve

MOST_URL_CHARS = 500
DEFAULT_PORTS = {"http": 80, "https": 443}
ENDPOINTS = ("/images/edits", "/images/generations", "/chat/completions", "/models")
"""What people copy along from a server's documentation."""

NOT_WHOLE = _("Enter the whole URL, beginning with https:// or http://.")
NOT_PLAIN = _("This URL can't be used: it has a user name, a question mark or characters that no URL has.")
NOT_FOUND = _("This host name was not found. Check the spelling.")
NOT_ENCRYPTED = _(
    "http does not encrypt the key. Use https, or check the box below if this is your own server."
)
NOT_PUBLIC = _("This address is on a private network. Check the box below if this is your own server.")
NEVER = _("This address can't be used for a provider.")


class BadUrl(ValueError):
    """Nothing may be sent there; the message says why, in the reader's language."""


@dataclass(frozen=True)
class JudgedUrl:
    """A URL without a slash at its end, and whether some of its addresses are on a private network."""

    text: str
    is_local: bool


def judge_url(text: str, *, is_private: bool, look_up: Resolver = resolve) -> JudgedUrl:
    """The URL as it is stored.  Looks its name up once.  Raises BadUrl.

    ``is_private``: an administrator said that plain http and addresses of private networks are wanted.
    """
    url = _split(text)
    host, port = url.hostname or "", url.port or DEFAULT_PORTS[url.scheme]
    literal = parse_address(host)
    try:
        addresses = [str(literal)] if literal else look_up(host, port)
    except OSError:
        raise BadUrl(NOT_FOUND) from None
    local = any(is_local(address) for address in addresses)
    if not all(is_public(address) or is_local(address) for address in addresses):
        raise BadUrl(NEVER)
    if local and not is_private:
        raise BadUrl(NOT_PUBLIC)
    if url.scheme == "http" and not is_private:
        raise BadUrl(NOT_ENCRYPTED)
    return JudgedUrl(url.geturl(), is_local=local)


def origin_of(url: str) -> str:
    """Scheme, host and port: a key is sent to one origin and to no other."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{parts.port or DEFAULT_PORTS.get(parts.scheme, 0)}"


def _split(text: str) -> SplitResult:
    text = text.strip()
    if not text.lower().startswith(("https://", "http://")):
        raise BadUrl(NOT_WHOLE)
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise BadUrl(NOT_PLAIN) from None
    host = url.hostname or ""
    if not host or port == 0:
        raise BadUrl(NOT_WHOLE)
    plain = text.isascii() and text.isprintable() and not any(char in text for char in " \\%<>\"'")
    if not plain or url.query or url.fragment or "@" in url.netloc or len(text) > MOST_URL_CHARS:
        raise BadUrl(NOT_PLAIN)
    if is_odd_spelling(host):
        raise BadUrl(NEVER)
    return url._replace(scheme=url.scheme.lower(), path=_path(url.path))


def _path(path: str) -> str:
    """Without the endpoint that somebody copied along; /v1 where there is none."""
    path = path.rstrip("/")
    for endpoint in ENDPOINTS:
        path = path.removesuffix(endpoint)
    return path.rstrip("/") or "/v1"
