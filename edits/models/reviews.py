"""Reviews: what happens to an edit that the content filter stopped, as a case with a timeline.

waiting ──claim──▶ claimed ──▶ released | kept hidden | dismissed ──author appeals, once──▶ waiting
   ▲                  └──▶ asked ──author answers──▶ waiting
   └── 15 minutes without a decision
"""

from django.db import models
from django.db.models import Q

from edits.models.edit_requests import EditRequest
from edits.models.people import User


class Decision(models.TextChoices):
    """What a reviewer decided."""

    RELEASED = "released", "Released to the author"
    KEPT_HIDDEN = "kept_hidden", "Kept hidden"
    DISMISSED = "dismissed", "Dismissed"


class ReviewCase(models.Model):
    """One stopped edit on its way to a decision.  ``decision`` is blank while it waits."""

    edit = models.OneToOneField(EditRequest, on_delete=models.CASCADE, related_name="review")
    opened_at = models.DateTimeField()
    asked_for_at = models.DateTimeField(
        null=True, blank=True, help_text="When the author asked for a review."
    )
    author_note = models.CharField(max_length=500, blank=True)
    question = models.CharField(max_length=500, blank=True, help_text="What the reviewer asked the author.")
    question_open = models.BooleanField(default=False)
    claimed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="review_claims"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=12, choices=Decision, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="review_decisions"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    author_told_at = models.DateTimeField(
        null=True, blank=True, help_text="When the author saw the decision or question."
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="review_decision_known", condition=Q(decision="") | Q(decision__in=Decision.values)
            ),
            models.CheckConstraint(
                name="review_decided_by_somebody",
                condition=Q(decision="", decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(decision="") & Q(decided_at__isnull=False, decided_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="review_told_with_reason",
                condition=~Q(decision__in=[Decision.RELEASED, Decision.KEPT_HIDDEN]) | ~Q(reason=""),
            ),
        ]
        indexes = [models.Index(name="review_waiting", fields=["id"], condition=Q(decision=""))]

    def __str__(self) -> str:
        return f"Review of edit {self.edit_id}"


class ReviewEvent(models.Model):
    """One line of a case's timeline.  Only ever added."""

    case = models.ForeignKey(ReviewCase, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=24)
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
