"""Comments on edits, by the people who can see them."""

from django.db import models
from django.db.models import Q

from edits.models.edit_requests import EditRequest
from edits.models.people import User

MOST_COMMENT_CHARS = 1000


class Comment(models.Model):
    """A comment on an edit, by its owner or somebody it is shared with."""

    edit = models.ForeignKey(EditRequest, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="comments")
    text = models.CharField(max_length=MOST_COMMENT_CHARS)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="comment_not_blank", condition=~Q(text=""))]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"
