"""References: the additional pictures of an edit, in order."""

from django.db import models

from edits.models.edit_requests import EditRequest
from edits.models.uploads import Upload


class EditReference(models.Model):
    """An additional picture of an edit, which the prompt may refer to; ``position`` counts from 1."""

    edit = models.ForeignKey(EditRequest, on_delete=models.CASCADE, related_name="references")
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="references")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["edit_id", "position"]
        constraints = [
            models.UniqueConstraint(name="reference_once_per_position", fields=["edit", "position"])
        ]

    def __str__(self) -> str:
        return f"Reference {self.position} of edit {self.edit_id}"
