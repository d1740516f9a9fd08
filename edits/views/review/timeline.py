"""The timeline of a case as its page shows it: looks that follow each other share a line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils.translation import gettext, pgettext

from edits.models import EventKind, ReviewEvent, User
from edits.services.reviewing import seen_words


@dataclass(frozen=True)
class TimelineLine:
    """One line.  ``said`` are words of a person, ``seen`` what somebody looked at; without an actor only those."""

    at: datetime
    actor: User | None
    deed: str
    said: str = ""
    seen: str = ""


def lines_of(events: Iterable[ReviewEvent]) -> list[TimelineLine]:
    """What happened, the oldest first.  Looks at blurred pictures are counted elsewhere."""
    listed = (event for event in events if event.kind != EventKind.VEILED)
    return [
        line
        for (_, kind), group in groupby(listed, key=lambda event: (event.actor_id, event.kind))
        for line in (_looks(list(group)) if kind == EventKind.REVEALED else map(_line, group))
    ]


def _line(event: ReviewEvent) -> TimelineLine:
    said = gettext(event.text) if event.kind == EventKind.STOPPED else event.text
    return TimelineLine(event.at, event.actor, event.deed, said=said)


def _looks(events: list[ReviewEvent]) -> list[TimelineLine]:
    """One line for looks of one person: what was seen, each thing once."""
    first = events[0]
    looks = dict.fromkeys(seen_words(event.text) for event in events)
    seen = pgettext("between items of a list that have commas", "; ").join(looks)
    return [TimelineLine(first.at, first.actor, first.deed, seen=seen)]
