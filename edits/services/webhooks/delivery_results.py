"""Records the outcome of a delivery and schedules retries, for a day and a half.

    1st try fails   retried after 10 seconds, then 1 minute, 5 minutes, 30 minutes, 2, 6 and 24 hours
    8th try fails   given up; if nothing at all was delivered for five days, the webhook is turned off
    410             given up, and the webhook is turned off

A test is tried once.
"""

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop

from edits.models import OffReason, Webhook, WebhookDelivery
from edits.services.webhooks.posting import GONE, Answered

AGAIN_AFTER_SECONDS = (10, 60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 24 * 3600)
SPREAD = 0.1
"""A wait is longer by up to this share, so that deliveries that failed together are not retried together."""
FAILING_FOR = timedelta(days=5)
KEPT_FOR = timedelta(days=30)
TURNED_OFF = gettext_noop("The webhook was turned off before this was sent.")

log = logging.getLogger(__name__)


@transaction.atomic
def record_result(
    claimed: WebhookDelivery,
    answered: Answered,
    *,
    now: datetime,
    jitter: Callable[[float, float], float] = random.uniform,
) -> None:
    """Record the outcome of a claimed delivery, unless another worker claimed it meanwhile."""
    may_again = answered.problem and answered.status != GONE and claimed.edit_id is not None
    due_at = next_try(claimed.tries, now=now, jitter=jitter) if may_again and _is_on(claimed) else None
    mine = WebhookDelivery.objects.filter(pk=claimed.pk, due_at=claimed.due_at)
    recorded = mine.update(
        due_at=due_at,
        answer_status=answered.status,
        problem=answered.problem,
        delivered_at=None if answered.problem else now,
    )
    if recorded:
        log.info(
            "Delivery %s to webhook %s, try %s: %s",
            claimed.public_id, claimed.webhook_id, claimed.tries, answered.problem or "delivered",
        )  # fmt: skip
        _judge_webhook(claimed, answered, now=now, is_over=due_at is None)


def _is_on(claimed: WebhookDelivery) -> bool:
    return Webhook.objects.filter(pk=claimed.webhook_id, is_on=True).exists()


def _judge_webhook(claimed: WebhookDelivery, answered: Answered, *, now: datetime, is_over: bool) -> None:
    """Tests do not count, except when they are answered with 410."""
    hook = Webhook.objects.filter(pk=claimed.webhook_id)
    if answered.status == GONE:
        switch_off(claimed.webhook, reason=OffReason.GONE)
    elif claimed.edit_id is None:
        return
    elif not answered.problem:
        hook.filter(failing_since__isnull=False).update(failing_since=None)
    elif hook.filter(failing_since__isnull=True).update(failing_since=now):
        return
    elif is_over and hook.filter(failing_since__lte=now - FAILING_FOR).exists():
        switch_off(claimed.webhook, reason=OffReason.FAILING)


def next_try(
    tries: int, *, now: datetime, jitter: Callable[[float, float], float] = random.uniform
) -> datetime | None:
    """When a delivery is due again after ``tries`` tries; None after the last one."""
    if tries > len(AGAIN_AFTER_SECONDS):
        return None
    return now + timedelta(seconds=AGAIN_AFTER_SECONDS[tries - 1] * jitter(1.0, 1.0 + SPREAD))


def give_up(claimed: WebhookDelivery, problem: str) -> None:
    """Stop retrying a delivery that was claimed but not sent, for this reason."""
    mine = WebhookDelivery.objects.filter(pk=claimed.pk, due_at=claimed.due_at)
    mine.update(due_at=None, tries=claimed.tries - 1, problem=problem)


def give_up_all(problem: str) -> int:
    """Give up all scheduled deliveries, for this reason; returns how many."""
    return WebhookDelivery.objects.filter(due_at__isnull=False).update(due_at=None, problem=problem)


def switch_off(webhook: Webhook, *, reason: OffReason | None = None) -> bool:
    """Turn the webhook off and give up its waiting deliveries.  Those in flight finish.  False if it was off."""
    with transaction.atomic():
        turned = Webhook.objects.filter(pk=webhook.pk, is_on=True).update(
            is_on=False, off_reason=reason or ""
        )
        if turned:
            WebhookDelivery.objects.waiting().filter(webhook=webhook).update(due_at=None, problem=TURNED_OFF)
    if turned and reason:
        log.warning("Webhook %s is turned off: %s", webhook.pk, reason.label)
    return bool(turned)


def purge_deliveries(*, now: datetime) -> int:
    """Delete deliveries older than 30 days; returns how many."""
    old = WebhookDelivery.objects.filter(created_at__lt=now - KEPT_FOR)
    return old.delete()[0] if old.exists() else 0  # a DELETE takes the write lock in any case
