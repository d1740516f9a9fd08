"""The timeline of a case as its page tells it: looks that follow each other share a line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from edits.models import EventKind, ReviewEvent, User


@dataclass(frozen=True)
class Line:
    """One line.  ``said`` are words of a person, ``seen`` what somebody looked at; without an actor only those."""

    at: datetime
    actor: User | None
    deed: str
    said: str = ""
    seen: str = ""


def lines_of(events: Iterable[ReviewEvent]) -> list[Line]:
    """What happened, the oldest first.  Looks at blurred pictures are counted elsewhere."""
    told = (event for event in events if event.kind != EventKind.VEILED)
    return [
        line
        for (_, kind), group in groupby(told, key=lambda event: (event.actor_id, event.kind))
        for line in (_looks(list(group)) if kind == EventKind.REVEALED else map(_line, group))
    ]


def _line(event: ReviewEvent) -> Line:
    return Line(event.at, event.actor, event.deed, said=event.text)


def _looks(events: list[ReviewEvent]) -> list[Line]:
    """One line for looks of one person: what was seen, each thing once."""
    first = events[0]
    seen = "; ".join(dict.fromkeys(event.text for event in events))
    return [Line(first.at, first.actor, first.deed, seen=seen)]
