"""Creates the deliveries for an edit that ends, in the same transaction."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from edits.models import EditRequest, Webhook, WebhookDelivery

woken = threading.Event()
"""Set when there may be something to send, so that this process does not wait for its next poll."""


def create_deliveries(edit: EditRequest, *, now: datetime, after: timedelta = timedelta(0)) -> None:
    """Create one delivery for each subscribed webhook, due at ``now + after``.  One query if there is none."""
    hooks = Webhook.objects.subscribed_to(edit).values_list("pk", flat=True)
    due_at = now + after
    new = [WebhookDelivery(webhook_id=pk, edit=edit, created_at=now, due_at=due_at) for pk in hooks]
    if new:
        WebhookDelivery.objects.bulk_create(new)
        transaction.on_commit(woken.set)


def create_deliveries_of_all(edits: Sequence[EditRequest], *, now: datetime) -> None:
    """Create the deliveries for many edits that ended together, in two queries."""
    owners = {edit.owner_id for edit in edits}
    hooks = list(Webhook.objects.filter(owner__in=owners, owner__is_active=True, is_on=True))
    new = [
        WebhookDelivery(webhook=hook, edit=edit, created_at=now, due_at=now)
        for edit in edits
        for hook in hooks
        if hook.owner_id == edit.owner_id and hook.api_key_id in (None, edit.api_key_id)
    ]
    if new:
        WebhookDelivery.objects.bulk_create(new)
        transaction.on_commit(woken.set)
