"""Judges the addresses that members give for webhooks: whatever is reached from here could be read from here."""

from django.conf import settings

from edits.providers import UnsafeLink
from edits.providers.addresses import Resolver, resolve
from edits.providers.links import LinkRules, Target

WEB_PORTS = (80, 443)
LOWEST_FREE_PORT = 1024
"""Below it other protocols listen, which a post could be made to speak to."""


def judge_address(url: str, *, look_up: Resolver = resolve) -> Target:
    """Where the address leads: the open internet, or a host in WEBHOOK_PRIVATE_HOSTS.  Looks its name up once.

    Raises UnsafeLink, and OSError where the name has no address.
    """
    listed = frozenset(settings.WEBHOOK_PRIVATE_HOSTS)
    rules = LinkRules(base_url="", allow_hosts=listed, resolve=look_up, any_port=True)
    target = rules.judge(url, seen_at="")
    is_listed = f"{target.host}:{target.port}" in listed
    if target.port not in WEB_PORTS and target.port < LOWEST_FREE_PORT and not is_listed:
        raise UnsafeLink("a webhook's port belongs to another protocol")
    return target
