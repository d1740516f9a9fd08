"""The provider's account as all workers see it: paused, held or open."""

from django.db import models
from django.db.models import Q


class Provider(models.Model):
    """The one row that workers lock to claim.

    A 429 pauses it, an account fault holds it until a probe, an administrator stops it until one resumes it.
    """

    paused_until = models.DateTimeField(null=True, blank=True)
    held_since = models.DateTimeField(null=True, blank=True)
    held_reason = models.CharField(max_length=300, blank=True, help_text="For administrators.")
    stopped_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when an administrator lets nothing be sent."
    )
    stopped_by = models.CharField(max_length=150, blank=True)
    verified_at = models.DateTimeField(
        null=True, blank=True, help_text="When a call last worked; until then calls go out two at a time."
    )
    probe_at = models.DateTimeField(null=True, blank=True)
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
        return f"Held: {self.held_reason}" if self.held_since else "Open"
