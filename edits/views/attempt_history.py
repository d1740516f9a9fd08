"""The history of an edit's calls, in words for its owner: how each one ended, and whether it was charged."""

from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from edits.fault_words import words_of
from edits.http.humanize import ordinal, span
from edits.models import Attempt, Charged, EditRequest
from edits.services.calls.retry_policy import UNSENT

CHARGED = {
    Charged.NO: _("not charged"),
    Charged.MAYBE: _("may have been charged"),
    Charged.YES: _("charged"),
}


@dataclass(frozen=True)
class AttemptEntry:
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
        """It is an entry for several calls."""
        return len(self.attempts) > 1


def attempt_history(edit: EditRequest) -> list[AttemptEntry]:
    """Every call for the edit, the first one first; many in a row that sent nothing are one entry."""
    entries: list[AttemptEntry] = []
    was_sent = False
    for same in groupby(edit.attempts.all(), key=lambda attempt: _kind(attempt, edit)):
        group = tuple(same[1])
        first = group[0]
        if first.number == edit.first_attempt:
            was_sent = False
        if len(group) > 1:
            entries.append(AttemptEntry(group, _several(group), ""))
        else:
            entries.append(AttemptEntry(group, _title(first, edit, was_sent=was_sent), _outcome(first, edit)))
        was_sent = was_sent or first.fault not in UNSENT
    return entries


def _kind(attempt: Attempt, edit: EditRequest) -> tuple[object, ...]:
    """What may stand together: calls that sent nothing, unless the owner asked for another try in between."""
    if attempt.ended_at is None or attempt.fault not in UNSENT:
        return (attempt.number,)
    return (attempt.fault, attempt.number >= edit.first_attempt)


def _several(group: tuple[Attempt, ...]) -> str:
    words = ngettext("%(what)s, %(n)s try", "%(what)s, %(n)s tries", len(group))
    return words % {"what": words_of(group[0].fault).several, "n": len(group)}


def _title(attempt: Attempt, edit: EditRequest, *, was_sent: bool) -> str:
    # Translators: {"ordinal": "2nd"}
    words = gettext("%(ordinal)s try")
    if attempt.number == edit.first_attempt > 1:
        words = gettext("%(ordinal)s try, started by you")
    elif was_sent:
        words = gettext("%(ordinal)s try, re-sent")
    return words % {"ordinal": ordinal(attempt.number)}


def _outcome(attempt: Attempt, edit: EditRequest) -> str:
    if attempt.ended_at is None:
        is_current = edit.is_active and attempt.fence == edit.fence
        return gettext("in progress") if is_current else gettext("interrupted")
    if attempt.fault in UNSENT:
        what = words_of(attempt.fault).attempt
        return gettext("%(what)s, nothing was sent or charged") % {"what": what}
    took = span((attempt.ended_at - attempt.started_at).total_seconds())
    if not attempt.fault:
        return gettext("answered in %(time)s") % {"time": took}
    # Translators: "service busy after 4 s, not charged"
    return gettext("%(what)s after %(time)s, %(charged)s") % {
        "what": words_of(attempt.fault, attempt.status).attempt,
        "time": took,
        "charged": CHARGED[Charged(attempt.charged)],
    }
