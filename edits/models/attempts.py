"""Attempts: one row per call to the provider, which records what happened and whether it was charged."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q, Value

from edits.models.edit_requests import EditRequest
from edits.models.fault_field import FaultField
from edits.models.provider import FIRST, Provider


class Charged(models.TextChoices):
    """Whether the call may have cost money."""

    NO = "no", "Not charged"
    MAYBE = "maybe", "May have been charged"
    YES = "yes", "Charged"


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Calls by whether they may have been charged."""

    def paid(self, *, since: datetime) -> Self:
        """Calls begun at or after ``since`` that were or may have been charged, including those still running."""
        return self.exclude(charged=Charged.NO).filter(started_at__gte=since)


class Attempt(models.Model):
    """One call for an edit.  The row is written before the call; one without an end was cut off."""

    edit = models.ForeignKey(EditRequest, on_delete=models.CASCADE, related_name="attempts")
    account = models.ForeignKey(
        Provider,
        on_delete=models.PROTECT,
        related_name="attempts",
        db_default=Value(FIRST),
        help_text="The provider that was called; provider_id is its own id of the call.",
    )
    model = models.CharField(max_length=200, blank=True, db_default="")
    host = models.CharField(max_length=300, blank=True, db_default="", help_text="Host and port of the call.")
    number = models.PositiveSmallIntegerField()
    fence = models.PositiveIntegerField()
    started_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    fault = FaultField(help_text="How the call failed; blank if it did not.")
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="HTTP status.")
    trace_id = models.CharField(max_length=128, blank=True)
    provider_id = models.CharField(max_length=128, blank=True)
    answer_bytes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Bytes of the response body that were read."
    )
    worker = models.CharField(
        max_length=64, blank=True, db_default="", help_text="Name of the machine that made the call."
    )
    seed_sent = models.BigIntegerField(null=True, blank=True)
    seed_returned = models.BigIntegerField(null=True, blank=True)
    charged = models.CharField(max_length=5, choices=Charged, default=Charged.MAYBE)
    cost = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, blank=True, help_text="The model's price, in US dollars."
    )
    sent = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        help_text="Fields as sent, by their names on the wire; files by name.",
    )
    usage = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="The provider's own figures of the call."
    )
    reported = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="Changes that the provider reported."
    )
    detail = models.TextField(
        blank=True, help_text="For the operator: at most 2 kB, without keys or pictures."
    )

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["edit_id", "number"]
        constraints = [
            models.UniqueConstraint(name="attempt_numbered", fields=["edit", "number"]),
            models.CheckConstraint(name="attempt_charged_known", condition=Q(charged__in=Charged.values)),
        ]
        indexes = [
            models.Index(name="attempt_paid", fields=["started_at"], condition=~Q(charged=Charged.NO)),
            models.Index(name="attempt_of_provider", fields=["account", "started_at"]),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.number} of edit {self.edit_id}"
