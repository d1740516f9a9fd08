"""Notes whom to tell that an edit ended, in the very transaction in which it ends."""

import threading
from datetime import datetime, timedelta

from django.db import transaction

from edits.models import EditRequest, Webhook, WebhookDelivery

woken = threading.Event()
"""Set when there may be something to send, so that this process need not wait for its next look."""


def tell_of(edit: EditRequest, *, now: datetime, after: timedelta = timedelta(0)) -> None:
    """One delivery for each webhook that wants to hear of it, due ``after`` a while.  One query where none does."""
    hooks = Webhook.objects.to_tell_of(edit).values_list("pk", flat=True)
    due_at = now + after
    new = [WebhookDelivery(webhook_id=pk, edit=edit, created_at=now, due_at=due_at) for pk in hooks]
    if new:
        WebhookDelivery.objects.bulk_create(new)
        transaction.on_commit(woken.set)
