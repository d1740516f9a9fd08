"""Bulk jobs: one action on more edits than a request changes by itself, and the chunks in which it is done."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from edits.models.people import User


class JobAction(models.TextChoices):
    """What is done with each edit."""

    SHARE = "share"
    STAR = "star"
    TAG = "tag"
    TRASH = "trash"
    RESTORE = "restore"


class JobState(models.TextChoices):
    """How far a job is; ``services/curating/bulk_jobs.py`` draws the moves."""

    RUNNING = "running"
    DONE = "done"
    CANCELED = "canceled"
    UNDOING = "undoing"
    UNDONE = "undone"


MOVING = (JobState.RUNNING, JobState.UNDOING)


class BulkJobQuerySet(models.QuerySet["BulkJob"]):
    """Jobs by owner and state."""

    def of(self, user: User) -> Self:
        """The user's own; nobody else sees them."""
        return self.filter(owner=user)

    def moving(self) -> Self:
        """Those that a worker has something to do for."""
        return self.filter(state__in=MOVING)


class BulkJob(models.Model):
    """One action on edits that were chosen when it was started; others are never touched.

    What it marks carries ``created_at`` as its moment, by which Undo recognizes it.  ``names`` are the tags to add.
    ``total`` and ``done`` count edits, ``changed`` those that allowed the action.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="bulk_jobs")
    action = models.CharField(max_length=10, choices=JobAction)
    names: Any = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.RUNNING)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    is_closed = models.BooleanField(default=False, help_text="Its owner closed the message about it.")

    objects = BulkJobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="bulk_job_action_known", condition=Q(action__in=JobAction.values)),
            models.CheckConstraint(
                name="bulk_job_ends_once",
                condition=Q(state__in=MOVING, ended_at__isnull=True)
                | Q(
                    state__in=(JobState.DONE, JobState.CANCELED, JobState.UNDONE),
                    ended_at__isnull=False,
                ),
            ),
            models.CheckConstraint(name="bulk_job_within_total", condition=Q(done__lte=F("total"))),
        ]

    def __str__(self) -> str:
        return f"Bulk job {self.public_id}"


class BulkChunk(models.Model):
    """Some edits of a job, changed in one transaction.

    ``keys`` are their primary keys, since edits may be deleted meanwhile; ``added`` are, by tag, those that had not
    had it.
    """

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    keys: Any = models.JSONField()
    added: Any = models.JSONField(default=dict, blank=True)
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering = ["job", "number"]
        constraints = [models.UniqueConstraint(name="bulk_chunk_once", fields=["job", "number"])]

    def __str__(self) -> str:
        return f"Chunk {self.number} of bulk job {self.job_id}"
