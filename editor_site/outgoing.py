"""Settings for outgoing calls: proxies and trusted certificates."""

import os
import ssl
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def proxy(name: str, given: str) -> str:
    """The proxy in the setting NAME, in upper or lower case.  Raises ImproperlyConfigured."""
    address = given or os.environ.get(name.lower(), "").strip()
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        is_one = parts.scheme == "http" and parts.hostname and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one:  # the value is not repeated, because it may contain a password
        raise ImproperlyConfigured(f"{name} must be an address such as http://proxy.example.com:3128")
    return address


def exceptions(given: str) -> str:
    """The hosts to call without a proxy, from NO_PROXY or no_proxy."""
    return given or os.environ.get("no_proxy", "").strip()


def ca_bundle(**given: str) -> str:
    """The first path that is given; "" for the certificates that come with Python's libraries.

    Raises ImproperlyConfigured with the setting's name if the file cannot be read or contains no certificates.
    """
    name, path = next(((name, path) for name, path in given.items() if path), ("", ""))
    if path:
        try:
            ssl.create_default_context(cafile=path)
        except ssl.SSLError:
            raise ImproperlyConfigured(f"{name} must be a file with certificates in PEM: {path}") from None
        except OSError as error:
            raise ImproperlyConfigured(f"{name} cannot be read: {path} ({error.strerror})") from error
    return path
