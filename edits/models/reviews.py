"""Reviews: what happens to an edit that the content filter stopped, as a case with a timeline.

waiting ──claim──▶ claimed ──▶ released | kept hidden | dismissed ──author appeals, once──▶ waiting
   ▲                  └──▶ asked ──author answers──▶ waiting
   └── 15 minutes without a decision
"""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from edits.models.edit_requests import EditRequest
from edits.models.people import User


class Decision(models.TextChoices):
    """What a reviewer decided."""

    RELEASED = "released", "Released to the author"
    KEPT_HIDDEN = "kept_hidden", "Kept hidden"
    DISMISSED = "dismissed", "Dismissed"


AUTHOR_READS = {
    Decision.RELEASED: "A reviewer looked at your edit and released it.",
    Decision.KEPT_HIDDEN: "A reviewer looked at your edit and keeps it hidden.",
    Decision.DISMISSED: "A reviewer closed this without a comment.",
}
"""How a decision is told to the author; the reason follows."""


class EventKind(models.TextChoices):
    """What can happen to a case.  The label follows the name of whoever did it."""

    STOPPED = "stopped", ""
    OPENED = "opened", "opened the case"
    VEILED = "veiled", "looked, blurred"
    REVEALED = "revealed", "revealed"
    RELEASED = "released", "released it"
    KEPT_HIDDEN = "kept_hidden", "kept it hidden"
    DISMISSED = "dismissed", "dismissed it"
    ASKED = "asked", "asked the author"
    ANSWERED = "answered", "answered"
    REVIEW_ASKED = "review_asked", "asked for a review"
    APPEALED = "appealed", "appealed"
    TOLD = "told", "read it"
    UNDONE = "undone", "took the decision back"


class ReviewCaseQuerySet(models.QuerySet["ReviewCase"]):
    """Reads that are named for what they give."""

    def present(self) -> Self:
        """With an edit that is not in the trash."""
        return self.filter(edit__trashed_at__isnull=True)

    def undecided(self) -> Self:
        """Waiting for a decision or an answer."""
        return self.filter(decision="")

    def decided(self) -> Self:
        """Closed, the latest first."""
        return self.exclude(decision="").order_by("-decided_at", "-id")

    def waiting(self) -> Self:
        """For a reviewer to decide."""
        return self.present().undecided().filter(question_open=False)

    def asked(self) -> Self:
        """For their author to answer."""
        return self.present().undecided().filter(question_open=True)

    def held_by(self, person: User, now: datetime) -> Self:
        """Open with this reviewer."""
        return self.undecided().filter(claimed_by=person, claimed_until__gt=now)

    def free_for(self, person: User, now: datetime) -> Self:
        """Undecided, and not open with another reviewer.

        Asks this table's columns alone: in an UPDATE a joined condition becomes a subquery, which PostgreSQL
        does not check again after it waited for a row, and two people could both come first.
        """
        nobody_else = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now) | Q(claimed_by=person)
        return self.undecided().filter(nobody_else)

    def to_tell(self, author: User) -> Self:
        """Decided or with a question, and its author has not seen it yet."""
        return self.filter(edit__owner=author, author_told_at__isnull=True).filter(
            ~Q(decision="") | Q(question_open=True)
        )


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

    objects = ReviewCaseQuerySet.as_manager()

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
        indexes = [
            models.Index(name="review_waiting", fields=["id"], condition=Q(decision="")),
            models.Index(name="review_to_tell", fields=["edit"], condition=Q(author_told_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"Review of edit {self.edit_id}"

    def is_held_by(self, person: User, now: datetime) -> bool:
        """Whether this person opened it and the claim still lasts."""
        return bool(self.claimed_by_id == person.pk and self.claimed_until and self.claimed_until > now)

    @property
    def has_picture(self) -> bool:
        """A picture came back, and it is still withheld."""
        result = getattr(self.edit, "result", None)
        return bool(result and result.withheld)

    @property
    def author_reads(self) -> str:
        """The decision in the words that the author reads, without the reason; blank while it waits."""
        return AUTHOR_READS[Decision(self.decision)] if self.decision else ""

    @property
    def has_news(self) -> bool:
        """A decision or a question that the author has not seen."""
        return self.author_told_at is None and bool(self.decision or self.question_open)

    @property
    def can_be_asked_for(self) -> bool:
        """The author has not asked for a look yet, and there was none."""
        return not self.decision and self.asked_for_at is None and self.appealed_at is None

    @property
    def can_appeal(self) -> bool:
        """The author may object once, and only to what keeps the picture from them."""
        return self.decision in (Decision.KEPT_HIDDEN, Decision.DISMISSED) and self.appealed_at is None


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

    @property
    def deed(self) -> str:
        """What was done, as words after a name."""
        return EventKind(self.kind).label
