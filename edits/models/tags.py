"""Tags, with which the team groups edits."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from edits.models.edit_requests import EditRequest
from edits.models.folded import FoldedField

MOST_TAG_CHARS = 40


class Tag(models.Model):
    """A lowercase word on any number of edits.  Owners tag their own edits."""

    name = models.CharField(max_length=MOST_TAG_CHARS, unique=True)
    name_folded = FoldedField(of="name", db_index=True)
    edits = models.ManyToManyField(EditRequest, related_name="tags", blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="tag_in_small_letters", condition=Q(name=Lower("name")) & ~Q(name="")
            ),
        ]

    def __str__(self) -> str:
        return self.name
