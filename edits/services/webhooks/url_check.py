"""Checks the URLs of webhooks, because members could otherwise reach whatever this machine can reach."""

from django.conf import settings

from edits.providers import UnsafeLink
from edits.providers.addresses import Resolver, resolve
from edits.providers.links import LinkRules, Target

WEB_PORTS = (80, 443)
LOWEST_FREE_PORT = 1024
"""Other protocols listen below this port, and might interpret a POST."""


def judge_address(url: str, *, look_up: Resolver = resolve) -> Target:
    """The target of a URL on the public internet or in WEBHOOK_PRIVATE_HOSTS.  Resolves its name once.

    Raises UnsafeLink, and OSError if the name has no address.
    """
    listed = frozenset(entry.lower() for entry in settings.WEBHOOK_PRIVATE_HOSTS)
    rules = LinkRules(base_url="", allow_hosts=listed, resolve=look_up, any_port=True)
    target = rules.judge(url, seen_at="")
    is_listed = f"{target.host}:{target.port}" in listed
    if target.port not in WEB_PORTS and target.port < LOWEST_FREE_PORT and not is_listed:
        raise UnsafeLink("a webhook's port belongs to another protocol")
    return target
