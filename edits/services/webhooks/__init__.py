"""Webhooks: members' addresses are told of their edits that end, from signing to trying again."""

from edits.services.webhooks.addresses import judge_address
from edits.services.webhooks.making import (
    MOST_WEBHOOKS,
    change_webhook,
    delete_webhook,
    make_webhook,
    send_again,
    send_test,
    turn_off,
    turn_on,
)
from edits.services.webhooks.outcomes import give_up_all, purge_deliveries
from edits.services.webhooks.sending import Sender
from edits.services.webhooks.telling import tell_of

__all__ = [
    "MOST_WEBHOOKS",
    "Sender",
    "change_webhook",
    "delete_webhook",
    "give_up_all",
    "judge_address",
    "make_webhook",
    "purge_deliveries",
    "send_again",
    "send_test",
    "tell_of",
    "turn_off",
    "turn_on",
]
