"""Says how long edits take, from those of late.  Reads only."""

from collections.abc import Iterable
from datetime import timedelta
from statistics import median

from edits.models import EditRequest, Status
from edits.services.queue.cached_value import CachedValue

SAMPLE = 200


class RunTimes:
    """How long recent edits took: the median of those most alike that there are."""

    def __init__(self, rows: Iterable[tuple[int, str, str, int | None, float]]) -> None:
        """Takes provider, model, size, steps and seconds of each."""
        samples: dict[tuple[object, ...], list[float]] = {}
        for *key, seconds in rows:
            for end in (4, 3, 2):
                samples.setdefault(tuple(key[:end]), []).append(seconds)
        self._medians = {key: median(values) for key, values in samples.items()}

    def seconds(self, *, provider_id: int, model: str, size: str, steps: int | None) -> float | None:
        """Of an edit like this; None where this model never made one lately."""
        key = (provider_id, model, size, steps)
        return next((self._medians[key[:end]] for end in (4, 3, 2) if key[:end] in self._medians), None)

    def of(self, edit: EditRequest) -> float | None:
        """Of this edit."""
        return self.seconds(provider_id=edit.provider_id, model=edit.model, size=edit.size, steps=edit.steps)


def _read() -> RunTimes:
    done = EditRequest.objects.filter(status=Status.SUCCEEDED, started_at__isnull=False).order_by("-id")
    rows = done.values_list("provider_id", "model", "size", "steps", "started_at", "finished_at")[:SAMPLE]
    return RunTimes(
        (provider, model, size, steps, max(timedelta(0), end - start).total_seconds())
        for provider, model, size, steps, start, end in rows
        if start and end
    )


_known = CachedValue(_read)


def run_times() -> RunTimes:
    """Those of the latest edits, a moment old at most.  One query, or none."""
    return _known.get()
