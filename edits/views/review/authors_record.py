"""What a reviewer may know of the author: how often the filter stopped them lately, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from edits.http.humanize import capped
from edits.models import Decision, EditRequest, ReviewCase, User

DAYS = 30
MOST = 5
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Record:
    """Counts of the last 30 days, each up to 1,000, and the latest other stopped edits."""

    edits: int
    stopped: int
    released: int
    earlier: list[ReviewCase]

    @property
    def edits_words(self) -> str:
        """For people: 7 or 999+."""
        return capped(self.edits, MOST_COUNTED)

    @property
    def stopped_words(self) -> str:
        """For people: 7 or 999+."""
        return capped(self.stopped, MOST_COUNTED)


def record_of(author: User, *, besides: ReviewCase, now: datetime) -> Record:
    """The author's record, this case included in the counts but not in the list."""
    since = now - timedelta(days=DAYS)
    edits = EditRequest.objects.of(author).filter(queued_at__gte=since).order_by()
    cases = ReviewCase.objects.filter(author=author, opened_at__gte=since).order_by("-opened_at", "-pk")
    counts = cases.at_most(MOST_COUNTED).aggregate(
        stopped=Count("pk"), released=Count("pk", filter=Q(decision=Decision.RELEASED))
    )
    earlier = cases.present().exclude(pk=besides.pk).select_related("edit")[:MOST]
    return Record(edits[:MOST_COUNTED].count(), **counts, earlier=list(earlier))
