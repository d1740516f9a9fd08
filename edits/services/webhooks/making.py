"""What owners do with their webhooks: make them, change them, turn them on and off, have something sent.

Nothing here sends: a worker does.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from edits.models import ApiKey, User, Webhook, WebhookDelivery
from edits.services.team.auditing import record
from edits.services.webhooks.outcomes import switch_off
from edits.services.webhooks.signing import new_secret
from edits.services.webhooks.telling import woken

MOST_WEBHOOKS = 10
"""Of one person."""


def make_webhook(
    *, owner: User, url: str, api_key: ApiKey | None = None, now: Callable[[], datetime] = timezone.now
) -> Webhook:
    """Let this judged address be told of the owner's edits: of all, or of those that one key asks for."""
    with transaction.atomic():
        hook = Webhook.objects.create(
            owner=owner, url=url, api_key=api_key, secret=new_secret(), created_at=now()
        )
        record(actor=owner, action="made a webhook", subject=url, now=now)
    return hook


def change_webhook(
    *, webhook: Webhook, url: str, api_key: ApiKey | None, now: Callable[[], datetime] = timezone.now
) -> None:
    """Tell another address from now on, also of what is waiting, or of other edits."""
    with transaction.atomic():
        if url != webhook.url:
            record(actor=webhook.owner, action="changed a webhook", subject=url, detail=webhook.url, now=now)
            webhook.failing_since = None
        webhook.url, webhook.api_key = url, api_key
        webhook.save(update_fields=["url", "api_key", "failing_since"])


def turn_on(*, webhook: Webhook) -> bool:
    """Tell it of what ends from now on.  False when it was on."""
    off = Webhook.objects.filter(pk=webhook.pk, is_on=False)
    return bool(off.update(is_on=True, off_reason="", failing_since=None))


def turn_off(*, webhook: Webhook) -> bool:
    """Tell it no more, and give up what waits for it.  False when it was off."""
    return switch_off(webhook)


def delete_webhook(*, webhook: Webhook, now: Callable[[], datetime] = timezone.now) -> None:
    """With its secret and all that is known of its deliveries."""
    with transaction.atomic():
        record(actor=webhook.owner, action="deleted a webhook", subject=webhook.url, now=now)
        webhook.delete()


def send_test(*, webhook: Webhook, now: datetime) -> bool:
    """Have an event sent that tells of no edit.  False while the last one is not sent yet, or when it is off."""
    with transaction.atomic():
        is_on = Webhook.objects.select_for_update().filter(pk=webhook.pk, is_on=True).first()
        if not is_on or webhook.deliveries.filter(edit=None, due_at__isnull=False, tries=0).exists():
            return False
        webhook.deliveries.create(created_at=now, due_at=now)
        transaction.on_commit(woken.set)
    return True


def send_again(*, delivery: WebhookDelivery, now: datetime) -> bool:
    """Have it sent now, under the same id.  False while it is being sent, or when its webhook is off."""
    in_flight = WebhookDelivery.objects.in_flight()
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, webhook__is_on=True).exclude(pk__in=in_flight)
    moved = mine.update(due_at=now, tries=0, tried_at=None, delivered_at=None, answer_status=None, problem="")
    if moved:
        woken.set()
    return bool(moved)
