"""Votes: which candidate of a contact sheet a colleague would pick.  They mark nothing: keeping is its owner's."""

from typing import Self

from django.db import models
from django.db.models import Q

from edits.models.edit_requests import EditRequest
from edits.models.people import User

SHEET_CHARS = 34


class VoteQuerySet(models.QuerySet["Vote"]):
    """Votes by sheet."""

    def on(self, sheet: str) -> Self:
        """Those on this sheet."""
        return self.filter(sheet=sheet)


class Vote(models.Model):
    """A person's one vote on a sheet, which ``services/curating/voting.py`` names."""

    voter = models.ForeignKey(User, on_delete=models.CASCADE, related_name="votes")
    edit = models.ForeignKey(EditRequest, on_delete=models.CASCADE, related_name="votes")
    sheet = models.CharField(max_length=SHEET_CHARS, help_text="b-… for a batch, s-… for selected edits.")
    created_at = models.DateTimeField()

    objects = VoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="vote_once_per_sheet", fields=["sheet", "voter"]),
            models.CheckConstraint(name="vote_names_sheet", condition=~Q(sheet="")),
        ]

    def __str__(self) -> str:
        return f"{self.voter} → {self.edit_id}"
