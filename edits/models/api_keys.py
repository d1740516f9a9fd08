"""API keys: with what a program acts for its owner.  Only a key's hash is kept."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from django.db import models
from django.db.models import F, Q

from edits.models.people import User

CALLS_PER_MINUTE = 600
"""What one key may ask in a minute unless it is made for less or more: enough for 500 edits at once."""
MOST_CALLS_PER_MINUTE = 60_000


class ApiKeyState(StrEnum):
    """Where a key stands."""

    IN_USE = "in use"
    REVOKED = "revoked"
    EXPIRED = "expired"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Reads that are named for what they give."""

    def of(self, user: User) -> Self:
        """The person's own keys."""
        return self.filter(owner=user)

    def usable(self, now: datetime) -> Self:
        """Those that open something: not revoked, not expired, and their owner is not locked out."""
        lasts = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
        return self.filter(lasts, revoked_at__isnull=True, owner__is_active=True)

    def ended(self, now: datetime) -> Self:
        """Those that will never open anything again."""
        return self.filter(Q(revoked_at__isnull=False) | Q(expires_at__lte=now))


class ApiKey(models.Model):
    """A key of a member's, for scripts and other programs.

    ``minute`` and ``calls`` count what it asked in the minute that began then: the limit holds across all
    processes and machines.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    key_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=16, help_text="How the key begins, to tell it from others.")
    can_edit = models.BooleanField(default=True, help_text="May make, re-run and cancel edits.")
    can_read = models.BooleanField(default=True, help_text="May list and look at edits.")
    per_minute = models.PositiveIntegerField(default=CALLS_PER_MINUTE)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    minute = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveIntegerField(default=0)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(
                name="api_key_opens_something", condition=Q(can_edit=True) | Q(can_read=True)
            ),
            models.CheckConstraint(
                name="api_key_per_minute_range", condition=Q(per_minute__range=(1, MOST_CALLS_PER_MINUTE))
            ),
            models.CheckConstraint(
                name="api_key_expires_later",
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    def state(self, now: datetime) -> ApiKeyState:
        """Where it stands at ``now``, whatever its owner may."""
        if self.revoked_at:
            return ApiKeyState.REVOKED
        lasts = self.expires_at is None or self.expires_at > now
        return ApiKeyState.IN_USE if lasts else ApiKeyState.EXPIRED
