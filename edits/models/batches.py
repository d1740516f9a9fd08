"""Batches: edits that were submitted in one action."""

import uuid
from typing import Self

from django.db import models

from edits.models.api_keys import ApiKey
from edits.models.people import User

MOST_EDITS = 200


class BatchQuerySet(models.QuerySet["Batch"]):
    """Batches by owner."""

    def of(self, user: User) -> Self:
        """The user's own; nobody else sees a batch, only those of its edits that are shared."""
        return self.filter(owner=user)


class Batch(models.Model):
    """Several edits of one action: many pictures, several seeds, several models, or a grid of options.

    Its edits are ordinary ones; a batch has no state but theirs, and ``paused_at``.  ``axes`` say what differs
    between them, in the order of their positions: ``[["steps", ["8", "28"]], ["cfg_scale", ["4", "6"]]]``.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="batches")
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="batches",
        help_text="The API key that submitted it; blank: submitted in the browser.",
    )  # fmt: skip
    submission_key = models.UUIDField(default=uuid.uuid4, editable=False)
    axes = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(
        null=True, blank=True, help_text="Paused since then: its queued edits are not sent."
    )

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "batches"
        constraints = [
            models.UniqueConstraint(name="batch_one_per_submission", fields=["owner", "submission_key"])
        ]

    def __str__(self) -> str:
        return f"Batch {self.public_id}"
