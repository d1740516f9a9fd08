"""Webhooks: URLs that are notified of finished edits, and each delivery with its outcome.

A delivery has a due time until the receiver accepts it or Retake gives up:

    due ──▶ in flight ──▶ delivered
     ▲ ▲        ├──▶ due later, with the problem ──…──▶ given up
     │ └────────┘ the sender died: due again when its lease expires
     └── "send again" ◀── delivered | given up
"""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from edits.models.api_keys import ApiKey
from edits.models.edit_requests import EditRequest
from edits.models.people import User


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Webhooks by owner and by the edits that they are notified of."""

    def of(self, user: User) -> Self:
        """The person's own webhooks."""
        return self.filter(owner=user)

    def subscribed_to(self, edit: EditRequest) -> Self:
        """Active webhooks to notify of this edit: its owner's, for all edits or for those of its API key."""
        mine = Q(api_key__isnull=True) | Q(api_key=edit.api_key_id)
        return self.filter(mine, owner=edit.owner_id, owner__is_active=True, is_on=True)

    def with_last_delivered(self) -> Self:
        """Annotates ``last_delivered_at``, the time of the last successful delivery."""
        delivered = WebhookDelivery.objects.filter(webhook=OuterRef("pk"), delivered_at__isnull=False)
        return self.annotate(last_delivered_at=Subquery(delivered.order_by("-id").values("delivered_at")[:1]))


class OffReason(models.TextChoices):
    """Why Retake turned a webhook off, in words for its owner."""

    GONE = "gone", _("The receiver answered 410 Gone, which asks for no more.")
    FAILING = "failing", _("Nothing but failures for five days.")


class Webhook(models.Model):
    """A member's URL that is notified of their finished edits: of all, or of those of one API key."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="webhooks")
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.CASCADE, null=True, blank=True, related_name="webhooks",
        help_text="Sends events only for edits made with this key.",
    )  # fmt: skip
    url = models.CharField(max_length=500)
    secret = models.CharField(max_length=64, help_text="Signs each POST; its owner verifies them with it.")
    is_on = models.BooleanField(default=True)
    off_reason = models.CharField(
        max_length=8, choices=OffReason, blank=True, help_text="Blank: its owner turned it off."
    )
    failing_since = models.DateTimeField(
        null=True, blank=True, help_text="The first failed delivery since the last successful one."
    )
    created_at = models.DateTimeField()

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="webhook_off_for_a_reason",
                condition=Q(off_reason="") | Q(is_on=False, off_reason__in=OffReason.values),
            ),
        ]

    def __str__(self) -> str:
        return self.url


class DeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Deliveries by whether they are due, failed or being sent."""

    def due(self, now: datetime) -> Self:
        """Deliveries to send now, longest waiting first.  Nothing is sent for people whose account is deactivated."""
        sent = self.filter(due_at__lte=now, webhook__is_on=True, webhook__owner__is_active=True)
        return sent.order_by("due_at", "id")

    def failing(self) -> Self:
        """Deliveries that failed and will be retried."""
        return self.filter(due_at__isnull=False).exclude(problem="")

    def in_flight(self) -> Self:
        """Deliveries that a worker is sending, or was when it died: tried, without a known outcome."""
        return self.filter(due_at__isnull=False, tries__gt=0, problem="")

    def waiting(self) -> Self:
        """Deliveries that are scheduled and not being sent."""
        return self.filter(Q(tries=0) | ~Q(problem=""), due_at__isnull=False)


class WebhookDelivery(models.Model):
    """One event for one URL, with its outcome.  The payload is built from the edit when it is sent.

    ``tries`` counts from the last time that the owner requested delivery.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    edit = models.ForeignKey(
        EditRequest, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries",
        help_text="Blank: a test.",
    )  # fmt: skip
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True, help_text="The last problem, as a sentence.")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.CheckConstraint(
                name="delivery_done_is_not_due",
                condition=Q(delivered_at__isnull=True) | Q(due_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(name="delivery_due", fields=["due_at", "id"], condition=Q(due_at__isnull=False)),
            models.Index(name="delivery_old", fields=["created_at"]),
            models.Index(name="delivery_log", fields=["webhook", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} to {self.webhook_id}"

    @property
    def is_in_flight(self) -> bool:
        """Whether a worker is sending it, or was when it died."""
        return self.due_at is not None and self.tries > 0 and not self.problem
