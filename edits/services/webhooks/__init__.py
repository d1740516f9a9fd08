"""Webhooks: notify members' URLs when their edits end, from signing to retries."""

from edits.services.webhooks.deliveries import create_deliveries, create_deliveries_of_all
from edits.services.webhooks.delivery_results import give_up_all, purge_deliveries
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
from edits.services.webhooks.sending import Sender
from edits.services.webhooks.url_check import judge_address

__all__ = [
    "MOST_WEBHOOKS",
    "Sender",
    "change_webhook",
    "create_deliveries",
    "create_deliveries_of_all",
    "delete_webhook",
    "give_up_all",
    "judge_address",
    "make_webhook",
    "purge_deliveries",
    "send_again",
    "send_test",
    "turn_off",
    "turn_on",
]
