"""Past prompts: what a person asked for before, each prompt once in whatever spelling."""

import hashlib
from typing import Self

from django.db import models
from django.db.models import Q

from edits.folding import fold
from edits.models.folded import FoldedField
from edits.models.people import User


def digest_of(prompt: str) -> str:
    """64 hexadecimal digits that all spellings of a prompt share: case, accents and spaces do not count."""
    return hashlib.sha256(" ".join(fold(prompt).split()).encode()).hexdigest()


class PastPromptQuerySet(models.QuerySet["PastPrompt"]):
    """Prompts by owner and order."""

    def of(self, user: User) -> Self:
        """The user's own; nobody else sees them."""
        return self.filter(owner=user)

    def kept(self) -> Self:
        """Not removed from the history."""
        return self.filter(removed_at__isnull=True)

    def starred_first(self) -> Self:
        """As the history shows them; the order of an index."""
        return self.order_by("-is_starred", "-last_used_at", "-pk")

    def latest_first(self) -> Self:
        """In the order of their last use; that of another index."""
        return self.order_by("-last_used_at", "-pk")


class PastPrompt(models.Model):
    """A prompt of one person, as it was last spelled, with the number of their edits that had it.

    It outlives its edits, and is gone once its owner removes it.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="past_prompts")
    digest = models.CharField(max_length=64)
    text = models.TextField()
    text_folded = FoldedField(of="text")
    uses = models.PositiveIntegerField()
    last_used_at = models.DateTimeField()
    is_starred = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = PastPromptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="past_prompt_once", fields=["owner", "digest"]),
            models.CheckConstraint(name="past_prompt_was_used", condition=Q(uses__gte=1) & ~Q(text="")),
        ]
        indexes = [
            models.Index(
                name="past_prompt_starred",
                fields=["owner", "-is_starred", "-last_used_at", "-id"],
                condition=Q(removed_at__isnull=True),
            ),
            models.Index(
                name="past_prompt_latest",
                fields=["owner", "-last_used_at", "-id"],
                condition=Q(removed_at__isnull=True),
            ),
            models.Index(
                name="past_prompt_removed", fields=["removed_at"], condition=Q(removed_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class PromptFilling(models.Model):
    """How far the prompts of edits from before this table are read: those with a key ``below`` are still to be.

    One row, made by the migration; 0 when all are read.
    """

    below = models.BigIntegerField()

    def __str__(self) -> str:
        return f"Edits below {self.below}"
