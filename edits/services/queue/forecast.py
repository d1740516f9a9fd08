"""Plays the queue forward by the rules of claiming: who is sent when, if every call takes its usual time.

Pure arithmetic on numbers of seconds from now; knows neither rows nor clocks.  `claiming` decides, this predicts.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from math import inf

MINUTE = 60.0
MOST_PLAYED = 1000
"""Edits that are played; the places of those behind them follow from their order."""


@dataclass(frozen=True)
class Account:
    """What one provider allows."""

    concurrent: int
    per_minute: int
    opens_in: float | None = 0.0
    """Seconds until it may be called; None where nobody knows: it is held or switched off."""
    begun: tuple[float, ...] = ()
    """How many seconds ago each call of the last minute began."""


@dataclass(frozen=True)
class CallUnderWay:
    """One that is under way: for how many more seconds.  ``owner`` is 0 where it counts for nobody."""

    account: int
    owner: int
    seconds: float


@dataclass(frozen=True)
class Waiting:
    """An edit that is not sent yet: how long its call will take, and for how long it may not be sent."""

    pk: float
    account: int
    owner: int
    seconds: float
    due_in: float = 0.0
    """Infinite where nobody knows."""


@dataclass(frozen=True)
class Turn:
    """When an edit is sent.  ``position`` counts from 1, among those of its provider."""

    position: int
    others_ahead: int
    """How many edits of other people its provider gets first."""
    wait_seconds: float | None
    """None where nobody knows."""


def forecast(
    accounts: Mapping[int, Account], calls: Iterable[CallUnderWay], waiting: Iterable[Waiting]
) -> dict[float, Turn]:
    """The turn of each waiting edit, by its primary key.

    Edits of a provider that nobody may call are put in order as if it could be called, without a time, and keep
    no other edit waiting.
    """
    edits, under_way, turns = list(waiting), list(calls), dict[float, Turn]()
    opened = {pk: account for pk, account in accounts.items() if account.opens_in is not None}
    turns |= _Play(opened, under_way, [edit for edit in edits if edit.account in opened]).turns
    for pk, account in accounts.items():
        if pk not in opened:
            alone = _Play(
                {pk: replace(account, opens_in=0.0)}, under_way, [e for e in edits if e.account == pk]
            )
            turns |= {edit: replace(turn, wait_seconds=None) for edit, turn in alone.turns.items()}
    return turns


class _Play:
    """The queue from now on, event by event: an edit is sent, a call ends, a pause is over."""

    def __init__(
        self, accounts: Mapping[int, Account], calls: Collection[CallUnderWay], waiting: Collection[Waiting]
    ) -> None:
        self.turns: dict[float, Turn] = {}
        self._now, self._accounts = 0.0, accounts
        self._running = Counter(call.owner for call in calls)
        self._in_flight = Counter(call.account for call in calls)
        self._ends = [(call.seconds, call.account, call.owner) for call in calls]
        self._begun = {pk: deque(sorted(-ago for ago in account.begun)) for pk, account in accounts.items()}
        self._later = [(edit.due_in, edit.pk, edit) for edit in waiting]
        self._lines: dict[int, dict[int, list[tuple[float, Waiting]]]] = defaultdict(dict)
        self._sent, self._sent_of = Counter[int](), Counter[tuple[int, int]]()
        heapify(self._ends)
        heapify(self._later)
        self._go_on_to(0.0)
        while len(self.turns) < MOST_PLAYED and (self._send_next() or self._go_on()):
            pass
        self._order_the_rest()

    def _send_next(self) -> bool:
        """As ``claiming`` does: of the person with the fewest running the edit that has waited longest."""
        firsts = [
            (self._running[owner], line[0][0], pk, owner)
            for pk, lines in self._lines.items()
            if lines and self._may_call(pk)
            for owner, line in lines.items()
        ]
        if not firsts:
            return False
        _, _, pk, owner = min(firsts)
        _, edit = heappop(self._lines[pk][owner])
        if not self._lines[pk][owner]:
            del self._lines[pk][owner]
        self._note(edit, wait=self._now)
        self._running[owner] += 1
        self._in_flight[pk] += 1
        self._begun[pk].append(self._now)
        heappush(self._ends, (self._now + edit.seconds, pk, owner))
        return True

    def _may_call(self, pk: int) -> bool:
        account = self._accounts[pk]
        is_open = (account.opens_in or 0.0) <= self._now
        return (
            is_open and self._in_flight[pk] < account.concurrent and len(self._begun[pk]) < account.per_minute
        )

    def _go_on(self) -> bool:
        """To the next moment at which anything changes; False when there is none."""
        moments = [heap[0][0] for heap in (self._ends, self._later) if heap]
        for pk, lines in self._lines.items():
            if lines:
                moments.append(self._accounts[pk].opens_in or 0.0)
                moments += [begun + MINUTE for begun in list(self._begun[pk])[:1]]
        after = [moment for moment in moments if self._now < moment < inf]
        if after and (self._later or any(self._lines.values())):
            self._go_on_to(min(after))
            return True
        return False

    def _go_on_to(self, moment: float) -> None:
        self._now = moment
        while self._ends and self._ends[0][0] <= moment:
            _, pk, owner = heappop(self._ends)
            self._in_flight[pk] -= 1
            self._running[owner] -= 1
        while self._later and self._later[0][0] <= moment:
            edit = heappop(self._later)[2]
            heappush(self._lines[edit.account].setdefault(edit.owner, []), (edit.pk, edit))
        for begun in self._begun.values():
            while begun and begun[0] + MINUTE <= moment:
                begun.popleft()

    def _order_the_rest(self) -> None:
        """Those behind the most that are played: each person's next edit in turn, at the pace so far."""
        left = [edit for lines in self._lines.values() for line in lines.values() for _, edit in line]
        left += [edit for _, _, edit in self._later]
        turn, ordered = Counter(self._running), []
        for edit in sorted(left, key=lambda edit: edit.pk):
            ordered.append((turn[edit.owner], edit.pk, edit))
            turn[edit.owner] += 1
        pace = {pk: self._now / sent for pk, sent in self._sent.items()}
        for _, _, edit in sorted(ordered):
            known = pace.get(edit.account) if edit.due_in < inf else None
            self._note(edit, wait=None if known is None else known * (self._sent[edit.account] + 1))

    def _note(self, edit: Waiting, *, wait: float | None) -> None:
        pk, owner = edit.account, edit.owner
        others = self._sent[pk] - self._sent_of[pk, owner]
        self._sent[pk] += 1
        self._sent_of[pk, owner] += 1
        self.turns[edit.pk] = Turn(self._sent[pk], others, wait)
