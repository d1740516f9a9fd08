"""What a reviewer may know of the author: how often the filter stopped them lately, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from edits.models import Decision, EditRequest, ReviewCase, User

DAYS = 30
MOST = 5


@dataclass(frozen=True)
class Record:
    """Counts of the last 30 days, and the latest other stopped edits."""

    edits: int
    stopped: int
    released: int
    earlier: list[ReviewCase]


def record_of(author: User, *, besides: ReviewCase, now: datetime) -> Record:
    """The author's record, this case included in the counts but not in the list."""
    since = now - timedelta(days=DAYS)
    counts = (
        EditRequest.objects.of(author)
        .filter(created_at__gte=since)
        .aggregate(
            edits=Count("pk"),
            stopped=Count("pk", filter=Q(review__isnull=False)),
            released=Count("pk", filter=Q(review__decision=Decision.RELEASED)),
        )
    )
    others = ReviewCase.objects.present().filter(edit__owner=author, opened_at__gte=since)
    earlier = others.exclude(pk=besides.pk).select_related("edit").order_by("-pk")[:MOST]
    return Record(**counts, earlier=list(earlier))
