"""API keys, with which programs act for their owner.  Only the hash of a key is stored."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from django.db import models
from django.db.models import F, Q

from edits.models.people import User

CALLS_PER_MINUTE = 600
"""Default rate limit of a key, in requests per minute: enough to submit 500 edits at once."""
MOST_CALLS_PER_MINUTE = 60_000


class ApiKeyState(StrEnum):
    """Whether a key works, and if not, why."""

    IN_USE = "in use"
    REVOKED = "revoked"
    EXPIRED = "expired"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys by owner and by whether they still work."""

    def of(self, user: User) -> Self:
        """The person's own keys."""
        return self.filter(owner=user)

    def lasting(self, now: datetime) -> Self:
        """Keys that are neither revoked nor expired.  They work only while their owner's account is active."""
        lasts = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
        return self.filter(lasts, revoked_at__isnull=True)

    def usable(self, now: datetime) -> Self:
        """Keys that authenticate now."""
        return self.lasting(now).filter(owner__is_active=True)

    def ended(self, now: datetime) -> Self:
        """Keys that will never work again: revoked or expired."""
        return self.filter(Q(revoked_at__isnull=False) | Q(expires_at__lte=now))


class ApiKey(models.Model):
    """A member's key for scripts and other programs.

    ``minute`` and ``calls`` count its requests in the minute that began at ``minute``; because the count is in
    the database, the limit holds across all processes and machines.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    key_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=16, help_text="The first characters of the key, to identify it.")
    can_edit = models.BooleanField(default=True, help_text="May create, re-run and cancel edits.")
    can_read = models.BooleanField(default=True, help_text="May list and read edits.")
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
        """The state of the key at ``now``, regardless of its owner's account."""
        if self.revoked_at:
            return ApiKeyState.REVOKED
        lasts = self.expires_at is None or self.expires_at > now
        return ApiKeyState.IN_USE if lasts else ApiKeyState.EXPIRED
