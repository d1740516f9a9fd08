"""Stars: the edits that a person wants to find again."""

from django.db import models

from edits.models.edit_requests import EditRequest
from edits.models.people import User


class Star(models.Model):
    """A person's mark on an edit that they want to find again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="stars")
    edit = models.ForeignKey(EditRequest, on_delete=models.CASCADE, related_name="stars")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="star_once", fields=["user", "edit"])]

    def __str__(self) -> str:
        return f"{self.user} ★ {self.edit_id}"
