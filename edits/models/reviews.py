"""Reviews: what happens to an edit that the content filter stopped, as a case with a timeline.

waiting ──open──▶ claimed ──▶ released | kept hidden | dismissed ──author appeals, once──▶ waiting
   ▲                 ├──▶ asked ──author answers──▶ waiting
   │                 │
   └─────────────────┘  15 minutes without a decision, or left before anything was uncovered
"""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from edits.models.edit_requests import EditRequest
from edits.models.people import User
from edits.time_zones import moment_words

MOST_COUNTED = 100
"""Pages count no further than this and show “99+”: what they cost does not grow with what waits."""


class Decision(models.TextChoices):
    """What a reviewer decided."""

    RELEASED = "released", _("Released to the author")
    KEPT_HIDDEN = "kept_hidden", _("Kept hidden")
    DISMISSED = "dismissed", pgettext_lazy("decision", "Dismissed")


AUTHOR_READS = {
    Decision.RELEASED: _("A reviewer looked at your edit and released it."),
    Decision.KEPT_HIDDEN: _("A reviewer looked at your edit and keeps it hidden."),
    Decision.DISMISSED: _("A reviewer closed this without a comment."),
}
"""The sentence in which the author reads a decision; the reason follows."""


class EventKind(models.TextChoices):
    """What can happen to a case.  The label follows the name of the person who did it."""

    STOPPED = "stopped", ""
    OPENED = "opened", pgettext_lazy("after a name", "opened the case")
    VEILED = "veiled", pgettext_lazy("after a name", "looked, blurred")
    REVEALED = "revealed", pgettext_lazy("after a name", "revealed")
    RELEASED = "released", pgettext_lazy("after a name", "released it")
    KEPT_HIDDEN = "kept_hidden", pgettext_lazy("after a name", "kept it hidden")
    DISMISSED = "dismissed", pgettext_lazy("after a name", "dismissed it")
    ASKED = "asked", pgettext_lazy("after a name", "asked the author")
    ANSWERED = "answered", pgettext_lazy("after a name", "answered")
    REVIEW_ASKED = "review_asked", pgettext_lazy("after a name", "asked for a review")
    APPEALED = "appealed", pgettext_lazy("after a name", "appealed")
    TOLD = "told", pgettext_lazy("after a name", "read it")
    UNDONE = "undone", pgettext_lazy("after a name", "undid the decision")


IS_NEWS = Q(author_notified_at__isnull=True) & (~Q(decision="") | Q(question_open=True))
"""There is a decision or a question that the author has not seen."""


class ReviewCaseQuerySet(models.QuerySet["ReviewCase"]):
    """Cases by decision, by the reviewer who has them open, and by what their authors have not seen."""

    def present(self) -> Self:
        """Cases whose edit is not in the trash."""
        return self.filter(edit__trashed_at__isnull=True)

    def undecided(self) -> Self:
        """Waiting for a decision or an answer."""
        return self.filter(decision="")

    def decided(self) -> Self:
        """Decided, latest first."""
        return self.filter(decided_at__isnull=False).order_by("-decided_at", "-id")

    def waiting(self) -> Self:
        """Waiting for a reviewer's decision."""
        return self.present().undecided().filter(question_open=False)

    def asked(self) -> Self:
        """Waiting for the author's answer."""
        # The last says nothing new, but lets SQLite see that the index of questions is what it needs.
        return self.present().undecided().filter(question_open=True, pk__gt=0)

    def held_by(self, person: User, now: datetime) -> Self:
        """Open with this reviewer."""
        return self.undecided().filter(claimed_by=person, claimed_until__gt=now)

    def free_for(self, person: User, now: datetime) -> Self:
        """Undecided, and not open with another reviewer.

        Filters only by columns of this table: in an UPDATE, Django turns a joined condition into a subquery,
        which PostgreSQL does not evaluate again after it waited for a row lock, so that two reviewers could both
        win.
        """
        return self.undecided().unless_held_by_another(person, now)

    def unless_held_by_another(self, person: User, now: datetime) -> Self:
        """Not open with another reviewer, decided or not."""
        return self.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=now) | Q(claimed_by=person))

    def covered(self) -> Self:
        """Cases whose pictures are withheld from their author."""
        return self.exclude(decision=Decision.RELEASED)

    def decidable_by(self, person: User, now: datetime) -> Self:
        """Free for this reviewer, not their own, and not an appeal against them that another reviewer can decide."""
        others = User.objects.active_reviewers().exclude(pk=person.pk).exclude(pk=OuterRef("edit__owner"))
        barred = Q(appeal_against=person) & Q(Exists(others))
        return self.free_for(person, now).exclude(edit__owner=person).exclude(barred)

    def unread_by(self, author: User) -> Self:
        """Decided or with a question, and not yet seen by the author.  Uses the index of news."""
        return self.filter(IS_NEWS, author=author)

    def at_most(self, most: int = MOST_COUNTED) -> Self:
        """Any ``most`` of them, to be counted."""
        return type(self)(self.model).filter(pk__in=self.order_by().values("pk")[:most]).order_by()


class ReviewCase(models.Model):
    """One stopped edit on its way to a decision.  ``decision`` is blank while it waits."""

    edit = models.OneToOneField(EditRequest, on_delete=models.CASCADE, related_name="review")
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, editable=False, db_index=False,
        related_name="+", help_text="The edit's owner, who gets decisions and questions.",
    )  # fmt: skip
    opened_at = models.DateTimeField()
    asked_for_at = models.DateTimeField(
        null=True, blank=True, help_text="When the author asked for a review."
    )
    author_note = models.CharField(max_length=500, blank=True)
    question = models.CharField(
        max_length=500, blank=True, help_text="The reviewer's question to the author."
    )
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
    appeal_against = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who made the decision that the author appealed.",
    )
    author_notified_at = models.DateTimeField(
        null=True,
        blank=True,
        db_column="author_told_at",
        help_text="When the author saw the decision or question.",
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
            models.Index(
                name="review_to_tell", fields=["edit"], condition=Q(author_notified_at__isnull=True)
            ),
            models.Index(
                name="review_to_count",  # with all that is asked: SQLite would read the table instead
                fields=["decision", "question_open", "edit"],
                condition=Q(decision=""),
            ),
            models.Index(name="review_asked", fields=["id"], condition=Q(decision="", question_open=True)),
            models.Index(
                name="review_held",
                fields=["claimed_by", "claimed_until"],
                condition=Q(claimed_until__isnull=False),
            ),
            models.Index(name="review_news", fields=["author"], condition=IS_NEWS),
            models.Index(
                name="review_decided", fields=["-decided_at", "-id"], condition=Q(decided_at__isnull=False)
            ),
            models.Index(name="review_opened", fields=["-opened_at", "-id"]),
            models.Index(name="review_without_author", fields=["id"], condition=Q(author__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"Review of edit {self.edit_id}"

    def is_held_by(self, person: User, now: datetime) -> bool:
        """Whether this person has the case open and the claim has not expired."""
        return bool(self.claimed_by_id == person.pk and self.claimed_until and self.claimed_until > now)

    @property
    def has_picture(self) -> bool:
        """Whether a picture was returned and is still withheld."""
        result = getattr(self.edit, "result", None)
        return bool(result and result.withheld)

    @property
    def author_reads(self) -> str:
        """The decision as a sentence for the author, without the reason; blank while it waits."""
        return str(AUTHOR_READS[Decision(self.decision)]) if self.decision else ""

    @property
    def has_news(self) -> bool:
        """Whether there is a decision or a question that the author has not seen."""
        return self.author_notified_at is None and bool(self.decision or self.question_open)

    @property
    def can_be_asked_for(self) -> bool:
        """Whether the author can ask for a review: they have not yet, and there was none."""
        return not self.decision and self.asked_for_at is None and self.appealed_at is None

    @property
    def can_appeal(self) -> bool:
        """Whether the author can appeal: once, and only a decision that withholds the picture."""
        return self.decision in (Decision.KEPT_HIDDEN, Decision.DISMISSED) and self.appealed_at is None


class ReviewEvent(models.Model):
    """One line of a case's timeline.  Rows are only ever added."""

    case = models.ForeignKey(ReviewCase, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=24)
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} at {moment_words(self.at, 'full')}"

    @property
    def deed(self) -> str:
        """What was done, in words that follow a name."""
        return str(EventKind(self.kind).label)
