"""How far a reviewer uncovered the pictures of a case.  The case's timeline records what was viewed, and when."""

from django.db import models
from django.db.models import Q

from edits.models.people import User
from edits.models.reviews import ReviewCase

LAST_STEP = 3


class RevealGrant(models.Model):
    """The furthest step of one picture that this reviewer requested since they opened the case.

    It counts only while they have the case open; opening the case again starts without any grant.
    """

    case = models.ForeignKey(ReviewCase, on_delete=models.CASCADE, related_name="grants")
    reviewer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    picture = models.CharField(max_length=16, help_text="source, result, reference-1 and so on")
    step = models.PositiveSmallIntegerField()
    granted_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="reveal_grant_once", fields=["case", "reviewer", "picture"]),
            models.CheckConstraint(
                name="reveal_grant_step_known", condition=Q(step__gte=1, step__lte=LAST_STEP)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.picture} of case {self.case_id}, step {self.step}"
