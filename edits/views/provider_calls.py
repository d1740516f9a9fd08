"""The last calls to the provider and those of today, as an administrator reads them: outcomes, never prompts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from edits.models import Attempt, Charged, Provider, Status
from edits.views.moments import written

CALLS_SHOWN = 20

ANSWERED, FILTERED = ("Answered", "ok"), ("Stopped by the filter", "")
UNDER_WAY, CUT_OFF, NO_END = ("Under way", "accent"), ("Cut off", "warn"), ("No end yet", "accent")
OF_FAULT = {
    "S": ("Not sent: our storage", "warn"),
    "A": ("Not reached", "warn"),
    "B": ("Busy", "warn"),
    "B'": ("A gateway gave up", "warn"),
    "C": ("No answer", "bad"),
    "D": ("Unreadable", "bad"),
    "E": ("Refused the edit", ""),
    "F": ("Refused the account", "bad"),
    "G": ("Picture not fetched", "bad"),
}
FILTER_STATUS = 451


@dataclass(frozen=True)
class Call:
    """One call with its outcome in words, and the tone in which they are colored."""

    attempt: Attempt
    words: str
    tone: str

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs, and where nobody saw its end."""
        end = self.attempt.ended_at
        return max(0.0, (end - self.attempt.started_at).total_seconds()) if end else None


@dataclass(frozen=True)
class Share:
    """How many of today's calls ended alike; ``x`` and ``width`` place them in a bar, in percent."""

    words: str
    tone: str
    number: int
    x: float
    width: float


@dataclass(frozen=True)
class Today:
    """The calls since midnight: by outcome, the most frequent first, and what they may have cost."""

    shares: tuple[Share, ...]
    number: int
    charged: int
    maybe_charged: int


def last_calls(provider: Provider) -> list[Call]:
    """The latest calls to a provider, the newest first.  One query."""
    attempts = (
        Attempt.objects.filter(account=provider)
        .select_related("edit")
        .order_by("-started_at", "-pk")[:CALLS_SHOWN]
    )
    return [Call(attempt, *_outcome(attempt)) for attempt in attempts]


def seen_mark(calls: list[Call]) -> str:
    """Changes as soon as a call begins or ends, so that an open page knows whether to draw them again."""
    ends = [call.attempt.ended_at for call in calls if call.attempt.ended_at]
    return f"{calls[0].attempt.pk if calls else 0}-{written(max(ends)) if ends else 0}"


def today(now: datetime, provider: Provider) -> Today:
    """What the provider's calls since midnight, in the site's time zone, brought.  One query."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = (
        Attempt.objects.filter(account=provider, started_at__gte=midnight)
        .order_by()
        .values_list("fault", "status", "charged")
        .annotate(ended=Count("ended_at"), number=Count("pk"))
    )
    outcomes: Counter[tuple[str, str]] = Counter()
    charges: Counter[str] = Counter()
    for fault, status, charged, ended, number in rows:
        outcomes[_ended(fault, status)] += ended
        outcomes[NO_END] += number - ended
        charges[charged] += ended
    return Today(
        shares=tuple(_shares(outcomes)),
        number=outcomes.total(),
        charged=charges[Charged.YES],
        maybe_charged=charges[Charged.MAYBE],
    )


def _outcome(attempt: Attempt) -> tuple[str, str]:
    if attempt.ended_at is None:
        edit = attempt.edit
        return UNDER_WAY if edit.status == Status.RUNNING and edit.fence == attempt.fence else CUT_OFF
    return _ended(attempt.fault, attempt.status)


def _ended(fault: str, status: int | None) -> tuple[str, str]:
    if fault:
        return OF_FAULT.get(fault, ("Failed", "bad"))
    return FILTERED if status == FILTER_STATUS else ANSWERED


def _shares(outcomes: Counter[tuple[str, str]]) -> Iterable[Share]:
    x = 0.0
    for (words, tone), number in sorted((+outcomes).items(), key=lambda item: (-item[1], item[0])):
        width = 100 * number / outcomes.total()
        yield Share(words, tone, number, round(x, 2), round(width, 2))
        x += width
