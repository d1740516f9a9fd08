"""The latest calls to the provider and those of today, as an administrator reads them: outcomes, never prompts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from edits.fault_words import words_of
from edits.models import Attempt, Charged, Provider, Status
from edits.views.cursors import encode

CALLS_SHOWN = 20

Outcome = tuple[str | Promise, str]
"""Its words and their tone."""

ANSWERED, FILTERED = (_("Answered"), "ok"), (_("Stopped by the filter"), "")
UNDER_WAY, CUT_OFF, NO_END = (
    (_("In progress"), "accent"),
    (_("Cut off"), "warn"),
    (_("Not over yet"), "accent"),
)
FILTER_STATUS = 451


@dataclass(frozen=True)
class CallRow:
    """One call with its outcome in words, and the tone in which they are colored."""

    attempt: Attempt
    words: str
    tone: str
    is_over: bool
    """It ended, or was cut off with its worker."""

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


def last_calls(provider: Provider) -> list[CallRow]:
    """The latest calls to a provider, the newest first.  One query."""
    attempts = (
        Attempt.objects.filter(account=provider)
        .select_related("edit")
        .order_by("-started_at", "-pk")[:CALLS_SHOWN]
    )
    return [_row(attempt) for attempt in attempts]


def seen_mark(calls: list[CallRow]) -> str:
    """Changes as soon as a call begins or ends, so that an open page knows whether to draw them again."""
    ends = [call.attempt.ended_at for call in calls if call.attempt.ended_at]
    return f"{calls[0].attempt.pk if calls else 0}-{encode(max(ends)) if ends else 0}"


def today(now: datetime, provider: Provider) -> Today:
    """What the provider's calls since midnight, in the reader's time zone, brought.  One query."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = (
        Attempt.objects.filter(account=provider, started_at__gte=midnight)
        .order_by()
        .values_list("fault", "status", "charged")
        .annotate(ended=Count("ended_at"), number=Count("pk"))
    )
    outcomes: Counter[Outcome] = Counter()
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


def _row(attempt: Attempt) -> CallRow:
    outcome = _outcome(attempt)
    words, tone = outcome
    return CallRow(attempt, str(words), tone, is_over=outcome is not UNDER_WAY)


def _outcome(attempt: Attempt) -> Outcome:
    if attempt.ended_at is None:
        edit = attempt.edit
        return UNDER_WAY if edit.status == Status.RUNNING and edit.fence == attempt.fence else CUT_OFF
    return _ended(attempt.fault, attempt.status)


def _ended(fault: str, status: int | None) -> Outcome:
    if fault:
        words = words_of(fault, status)
        return str(words.label), words.tone
    return FILTERED if status == FILTER_STATUS else ANSWERED


def _shares(outcomes: Counter[Outcome]) -> Iterable[Share]:
    x = 0.0
    for (words, tone), number in sorted((+outcomes).items(), key=lambda item: (-item[1], str(item[0][0]))):
        width = 100 * number / outcomes.total()
        yield Share(str(words), tone, number, round(x, 2), round(width, 2))
        x += width
