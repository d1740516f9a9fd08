"""How calls leave this machine, according to the settings."""

from django.conf import settings

from edits.providers.proxies import Proxies


def proxies() -> Proxies:
    """The outbound proxies that the settings name."""
    return Proxies(http=settings.HTTP_PROXY, https=settings.HTTPS_PROXY, but_not=settings.NO_PROXY)
