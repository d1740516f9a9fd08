"""What the info panel says of an edit beyond its own columns: seeds, receipt, attempts, in words."""

from dataclasses import dataclass
from datetime import datetime

from edits.models import Attempt, EditRequest, Verdict
from edits.views.wording import grouped, ordinal, span

FAULTS = {
    "A": "could not be reached",
    "B": "was busy",
    "B'": "a gateway on the way gave no answer",
    "C": "no answer arrived",
    "D": "the answer could not be read",
    "E": "refused",
    "F": "the account was not accepted",
    "G": "the picture could not be fetched",
}


@dataclass(frozen=True)
class Try:
    """One call for the edit as its owner reads it; ``attempt`` has the rest for administrators."""

    attempt: Attempt
    title: str
    words: str


def tries_of(edit: EditRequest) -> list[Try]:
    """Every call for the edit, the first first."""
    return [
        Try(attempt, f"{ordinal(attempt.number)} try", _outcome(attempt, edit))
        for attempt in edit.attempts.all()
    ]


def _outcome(attempt: Attempt, edit: EditRequest) -> str:
    if attempt.ended_at is None:
        return "under way" if edit.is_active and attempt.fence == edit.fence else "cut off"
    took = _took(attempt.started_at, attempt.ended_at)
    charged = attempt.get_charged_display().lower()
    what = FAULTS.get(attempt.fault, "failed") if attempt.fault else "answered"
    return ", ".join(filter(None, [f"{what} after {took}", charged if attempt.fault else ""]))


def _took(start: datetime, end: datetime) -> str:
    return span((end - start).total_seconds())


def seed_in_words(edit: EditRequest) -> str:
    """Who chose the seed, and whether it is the one that was used."""
    chosen = "Drawn by Retake" if edit.seed_is_drawn else "Chosen"
    result = getattr(edit, "result", None)
    if result is None:
        return chosen
    if result.seed_used is None:
        return f"{chosen}, not confirmed by the provider"
    if result.seed_used != edit.seed:
        return f"{chosen} as {grouped(edit.seed)}; the provider used {grouped(result.seed_used)}"
    return f"{chosen}, and used"


def receipt_in_words(edit: EditRequest) -> str:
    """What a re-run proves; blank for an edit that repeats none."""
    result = getattr(edit, "result", None)
    if edit.rerun_of_id is None:
        return ""
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
