"""The provider's account as all workers see it: open, paused, held or stopped."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q


class Provider(models.Model):
    """The one row that workers lock to claim.

    A 429 pauses it, an account fault holds it until a probe, an administrator stops it until one resumes it.
    """

    paused_since = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    held_since = models.DateTimeField(null=True, blank=True)
    held_reason = models.CharField(max_length=300, blank=True, help_text="For administrators.")
    stopped_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when an administrator lets nothing be sent."
    )
    stopped_by = models.CharField(max_length=150, blank=True, db_default="")
    verified_at = models.DateTimeField(
        null=True, blank=True, help_text="When a call last worked; until then calls go out two at a time."
    )
    probe_at = models.DateTimeField(null=True, blank=True)
    tested_at = models.DateTimeField(
        null=True, blank=True, help_text="When an administrator last tested the connection."
    )
    test_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then that test may be with the provider."
    )
    worker_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="provider_single_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="provider_held_has_reason",
                condition=Q(held_since__isnull=True, held_reason="")
                | (Q(held_since__isnull=False) & ~Q(held_reason="")),
            ),
        ]

    def __str__(self) -> str:
        if self.stopped_since:
            return f"Stopped by {self.stopped_by}"
        return f"Held: {self.held_reason}" if self.held_since else "Open"

    def tests_in_flight(self, now: datetime) -> int:
        """Calls of an administrator's test that are under way: there is never more than one."""
        return int(self.test_until is not None and self.test_until > now)

    def tests_in_last_minute(self, now: datetime) -> int:
        """Such calls that began within the last 60 seconds: a second one has to wait that long."""
        return int(self.tested_at is not None and self.tested_at > now - timedelta(minutes=1))
