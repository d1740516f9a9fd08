"""What API clients submitted, so that a repeated call joins the first one instead of paying twice.

The edit of a submission is the one with the same owner and submission key.  There is none yet while the picture
is being checked.
"""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from edits.models.api_keys import ApiKey

KEPT = timedelta(hours=24)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Submissions by whether a repeated call still joins them."""

    def kept(self, now: datetime) -> Self:
        """Submissions that a repeated call joins."""
        return self.filter(created_at__gt=now - KEPT)

    def stale(self, now: datetime) -> Self:
        """Submissions that a repeated call no longer joins."""
        return self.filter(created_at__lte=now - KEPT)


class Submission(models.Model):
    """One call that submits an edit: its API key, its Idempotency-Key (blank: none) and a digest of its content."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="submissions")
    idempotency_key = models.CharField(max_length=255, blank=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was sent.")
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField()

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="submission_one_per_idempotency_key",
                fields=["api_key", "idempotency_key"],
                condition=~Q(idempotency_key=""),
            ),
        ]
        indexes = [
            models.Index(name="submission_again", fields=["api_key", "digest", "-id"]),
            models.Index(name="submission_stale", fields=["created_at"]),
        ]

    def __str__(self) -> str:
        return self.idempotency_key or str(self.submission_key)
