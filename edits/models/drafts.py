"""Drafts: what a person has entered in the studio but not sent."""

from typing import Any

from django.db import models

from edits.models.people import User
from edits.models.staged_uploads import StagedUpload


class Draft(models.Model):
    """The studio's form as its owner left it, on whatever device; one for each person.

    ``content`` are the form's fields as text, pictures by reference.  ``revision`` grows with each change: a tab that
    has not seen the latest one does not overwrite it.  ``staged`` keeps the uploads that it names from being deleted.
    """

    owner = models.OneToOneField(User, on_delete=models.CASCADE, related_name="draft")
    content: Any = models.JSONField(default=dict)
    staged = models.ManyToManyField(StagedUpload, related_name="drafts", blank=True)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Draft of {self.owner_id}"
