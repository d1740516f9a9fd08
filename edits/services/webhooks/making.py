"""What owners do with their webhooks: create, change, turn on and off, test, redeliver.

Nothing here sends; workers do.
"""

from datetime import datetime

from django.db import transaction

from edits.models import ApiKey, User, Webhook, WebhookDelivery
from edits.services.team.auditing import record
from edits.services.webhooks.deliveries import woken
from edits.services.webhooks.delivery_results import switch_off
from edits.services.webhooks.signing import new_secret

MOST_WEBHOOKS = 10
"""Per person."""


def make_webhook(*, owner: User, url: str, api_key: ApiKey | None = None, now: datetime) -> Webhook:
    """Create a webhook for this checked URL, for all of the owner's edits or those of one API key."""
    with transaction.atomic():
        hook = Webhook.objects.create(
            owner=owner, url=url, api_key=api_key, secret=new_secret(), created_at=now
        )
        record(actor=owner, action="made a webhook", subject=url, now=now)
    return hook


def change_webhook(*, webhook: Webhook, url: str, api_key: ApiKey | None, now: datetime) -> None:
    """Change the URL, also for waiting deliveries, and the API key whose edits it is notified of."""
    with transaction.atomic():
        if url != webhook.url:
            record(actor=webhook.owner, action="changed a webhook", subject=url, detail=webhook.url, now=now)
            webhook.failing_since = None
        webhook.url, webhook.api_key = url, api_key
        webhook.save(update_fields=["url", "api_key", "failing_since"])


def turn_on(*, webhook: Webhook) -> bool:
    """Turn it on for edits that end from now on.  False if it was on."""
    off = Webhook.objects.filter(pk=webhook.pk, is_on=False)
    return bool(off.update(is_on=True, off_reason="", failing_since=None))


def turn_off(*, webhook: Webhook) -> bool:
    """Turn it off and give up its waiting deliveries.  False if it was off."""
    return switch_off(webhook)


def delete_webhook(*, webhook: Webhook, now: datetime) -> None:
    """Delete it with its secret and its deliveries."""
    with transaction.atomic():
        record(actor=webhook.owner, action="deleted a webhook", subject=webhook.url, now=now)
        webhook.delete()


def send_test(*, webhook: Webhook, now: datetime) -> bool:
    """Send an event without an edit.  False if it is off, or the last test was not sent yet."""
    with transaction.atomic():
        is_on = Webhook.objects.select_for_update().filter(pk=webhook.pk, is_on=True).first()
        if not is_on or webhook.deliveries.filter(edit=None, due_at__isnull=False, tries=0).exists():
            return False
        webhook.deliveries.create(created_at=now, due_at=now)
        transaction.on_commit(woken.set)
    return True


def send_again(*, delivery: WebhookDelivery, now: datetime) -> bool:
    """Send it now, under the same id.  False while it is being sent, or if its webhook is off."""
    in_flight = WebhookDelivery.objects.in_flight()
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, webhook__is_on=True).exclude(pk__in=in_flight)
    moved = mine.update(due_at=now, tries=0, tried_at=None, delivered_at=None, answer_status=None, problem="")
    if moved:
        woken.set()
    return bool(moved)
