"""Tags: words of the team that gather edits."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from edits.models.edit_requests import EditRequest

MOST_TAG_CHARS = 40


class Tag(models.Model):
    """One word, in small letters, on any number of edits.  Owners tag their own."""

    name = models.CharField(max_length=MOST_TAG_CHARS, unique=True)
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
