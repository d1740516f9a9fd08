"""How far batches are.  Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from edits.models import Batch, EditRequest, Status
from edits.services.queue.canceling import MAY_COST_AGAIN


@dataclass(frozen=True)
class Progress:
    """How many edits of a batch are in each state.  Those in the trash are counted apart."""

    queued: int = 0
    running: int = 0
    done: int = 0
    filtered: int = 0
    failed: int = 0
    risky: int = 0
    """Of the failed ones: those that may have been charged."""
    canceled: int = 0
    trashed: int = 0

    @property
    def total(self) -> int:
        """All but those in the trash."""
        return self.queued + self.running + self.done + self.filtered + self.failed + self.canceled

    @property
    def active(self) -> int:
        """Those that wait or run."""
        return self.queued + self.running

    @property
    def ended(self) -> int:
        """Those that will not change by themselves."""
        return self.total - self.active

    @property
    def safe(self) -> int:
        """Of the failed ones: those that cost nothing."""
        return self.failed - self.risky


def progress_of(batches: Iterable[Batch]) -> dict[int, Progress]:
    """The progress of each of these batches, by primary key.  One query."""
    batches = list(batches)
    if not batches:
        return {}
    kept = Q(trashed_at__isnull=True)
    counted = EditRequest.objects.filter(batch__in=batches).order_by().values("batch").annotate(
        n_queued=Count("pk", filter=kept & Q(status=Status.QUEUED)),
        n_running=Count("pk", filter=kept & Q(status__in=(Status.RUNNING, Status.SAVING))),
        n_done=Count("pk", filter=kept & Q(status=Status.SUCCEEDED)),
        n_filtered=Count("pk", filter=kept & Q(status=Status.FILTERED)),
        n_failed=Count("pk", filter=kept & Q(status=Status.FAILED)),
        n_risky=Count("pk", filter=kept & Q(status=Status.FAILED) & MAY_COST_AGAIN),
        n_canceled=Count("pk", filter=kept & Q(status=Status.CANCELED)),
        n_trashed=Count("pk", filter=~kept),
    )  # fmt: skip
    found = {
        row.pop("batch"): Progress(**{name.removeprefix("n_"): int(count) for name, count in row.items()})
        for row in map(dict[str, Any], counted)
    }
    return {batch.pk: found.get(batch.pk, Progress()) for batch in batches}
