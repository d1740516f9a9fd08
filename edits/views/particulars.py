"""What the info panel says of an edit beyond its own columns: seeds, receipt, attempts, in words."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from edits.models import Attempt, EditRequest, Verdict
from edits.services.calls.retrying import UNSENT
from edits.views.wording import grouped, ordinal, span

FAULTS = {
    "S": "our storage gave no picture to send",
    "A": "not reached",
    "B": "was busy",
    "B'": "a gateway on the way gave no answer",
    "C": "no answer arrived",
    "D": "the answer could not be read",
    "E": "refused",
    "F": "the account was not accepted",
    "G": "the picture could not be fetched",
}
FOLDED = {"S": "No picture from our storage", "A": "Not reached"}
"""What several tries in a row that sent nothing have in common."""


@dataclass(frozen=True)
class Try:
    """One call for the edit as its owner reads it, or several in a row that sent nothing.

    ``attempts`` have the rest for administrators.
    """

    attempts: tuple[Attempt, ...]
    title: str
    words: str

    @property
    def first(self) -> Attempt:
        """Or the only one."""
        return self.attempts[0]

    @property
    def last(self) -> Attempt:
        """Or the only one."""
        return self.attempts[-1]

    @property
    def is_folded(self) -> bool:
        """It stands for several."""
        return len(self.attempts) > 1


def tries_of(edit: EditRequest) -> list[Try]:
    """Every call for the edit, the first first; many in a row that sent nothing are one entry."""
    tries: list[Try] = []
    was_sent = False
    for _, alike in groupby(edit.attempts.all(), key=lambda attempt: _kind(attempt, edit)):
        group = tuple(alike)
        first = group[0]
        if first.number == edit.first_attempt:
            was_sent = False
        if len(group) > 1:
            tries.append(Try(group, f"{FOLDED[first.fault]}, {len(group)} tries", ""))
        else:
            tries.append(Try(group, _title(first, edit, was_sent=was_sent), _outcome(first, edit)))
        was_sent = was_sent or first.fault not in UNSENT
    return tries


def _kind(attempt: Attempt, edit: EditRequest) -> tuple[object, ...]:
    """What may stand together: calls that sent nothing, unless the owner asked for another try in between."""
    if attempt.ended_at is None or attempt.fault not in UNSENT:
        return (attempt.number,)
    return (attempt.fault, attempt.number >= edit.first_attempt)


def _title(attempt: Attempt, edit: EditRequest, *, was_sent: bool) -> str:
    title = f"{ordinal(attempt.number)} try"
    if attempt.number == edit.first_attempt > 1:
        return f"{title}, asked for again"
    return f"{title}, re-sent" if was_sent else title


def _outcome(attempt: Attempt, edit: EditRequest) -> str:
    if attempt.ended_at is None:
        return "under way" if edit.is_active and attempt.fence == edit.fence else "cut off"
    if attempt.fault in UNSENT:
        return f"{FAULTS[attempt.fault]}, nothing was sent or charged"
    took = _took(attempt.started_at, attempt.ended_at)
    charged = attempt.get_charged_display().lower()
    return ", ".join(filter(None, [f"{_what(attempt)} after {took}", charged if attempt.fault else ""]))


def _what(attempt: Attempt) -> str:
    if not attempt.fault:
        return "answered"
    if attempt.fault == "E" and attempt.status and not 400 <= attempt.status < 500:
        return "an answer came that no edit should get"
    if attempt.fault == "B" and attempt.status == 500:
        return "had an error"
    return FAULTS.get(attempt.fault, "failed")


def _took(start: datetime, end: datetime) -> str:
    return span((end - start).total_seconds())


def seed_in_words(edit: EditRequest) -> str:
    """Who chose the seed, whether it was sent, and whether the service confirms it.

    Of an edit without a picture to show nothing is said of what came back: that would tell of a withheld one.
    """
    if edit.seed is None:
        return "This model takes no seed"
    chosen = "Random, picked by Retake" if edit.seed_is_drawn else "Set by hand"
    result = getattr(edit, "result", None) if edit.is_done else None
    if result is None:
        return chosen
    if result.seed_used is None:
        return f"{chosen}; sent, not confirmed by the service"
    if result.seed_used != edit.seed:
        return f"{chosen} as {grouped(edit.seed)}; the service used {grouped(result.seed_used)}"
    return f"{chosen}; sent and confirmed"


def extras_in_words(edit: EditRequest) -> list[tuple[str, str]]:
    """The options that only some models have, by their names on the page."""
    return [(name.replace("_", " ").capitalize(), str(value)) for name, value in edit.extras.items()]


def receipt_in_words(edit: EditRequest) -> str:
    """What a re-run proves; blank for an edit that repeats none."""
    result = getattr(edit, "result", None)
    if edit.rerun_of_id is None:
        return ""
    if edit.seed is None:
        return "This model takes no seed, so another run gives another picture and nothing is proven."
    if not edit.is_done or result is None:
        return "The receipt comes with the picture."
    alike = f"{(result.similarity or 0) * 100:.1f} % alike"
    return {
        Verdict.IDENTICAL: "Identical: every byte is the same.",
        Verdict.NEAR_IDENTICAL: f"Near-identical: {alike}.",
        Verdict.DIFFERENT: f"Different: {alike}.",
    }.get(result.receipt, "The first picture could not be read, so nothing is proven.")


def took_in_words(edit: EditRequest) -> str:
    """How long the last call took; blank while there is no end."""
    if not (edit.started_at and edit.finished_at):
        return ""
    return _took(edit.started_at, edit.finished_at)
