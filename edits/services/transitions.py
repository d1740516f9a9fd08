"""The moves of an edit's status: the table of all of them, and the one place that writes a status.

    the queue       QUEUED                                ──claim──▶                RUNNING
    an answer       QUEUED, RUNNING, SAVING, FAILED       ──succeed──▶              SUCCEEDED
                    QUEUED, RUNNING, SAVING, FAILED       ──filter──▶               FILTERED
                    QUEUED, RUNNING, SAVING, FAILED       ──await_picture──▶        SAVING
                    RUNNING, SAVING                       ──await_storage──▶        SAVING
    a fault         RUNNING, SAVING                       ──send_later──▶           QUEUED
                    RUNNING, SAVING                       ──send_again──▶           QUEUED
                    RUNNING, SAVING                       ──fail──▶                 FAILED
    its owner       QUEUED, RUNNING, SAVING               ──cancel──▶               CANCELED
                    FAILED                                ──retry──▶                QUEUED
    administrators  QUEUED                                ──cancel_with_owner──▶    CANCELED
                    CANCELED                              ──return_with_owner──▶    QUEUED
                    QUEUED, RUNNING, SAVING               ──restore_backup──▶       FAILED
    reviewers       FILTERED                              ──release──▶              SUCCEEDED
                    SUCCEEDED                             ──undo_release──▶         FILTERED

A new edit is inserted as QUEUED.  Each move is one ``UPDATE … WHERE status IN expected``, and what a call brings asks
for the fence of its claim as well: what comes for an earlier claim than the newest one changes nothing.  SAVING is an
edit whose paid answer a worker holds: the database or the storage could not take it yet, or its picture could not be
fetched yet.

What follows a move is in the table too, but for the review case: ``reviewing`` moves edits itself, so ``recording``
opens it, in the same transaction.  An edit that comes back to the queue is paused where its batch is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import Q

from edits.faults import Fault
from edits.models import ACTIVE, Batch, EditRequest, Reason, Status
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services import event_log
from edits.services.queue.notify_worker import notify_worker
from edits.services.webhooks import create_deliveries, create_deliveries_of_all


class Event(StrEnum):
    """What happens to an edit."""

    CLAIM = auto()
    SUCCEED = auto()
    FILTER = auto()
    AWAIT_PICTURE = auto()
    AWAIT_STORAGE = auto()
    SEND_LATER = auto()
    SEND_AGAIN = auto()
    FAIL = auto()
    CANCEL = auto()
    RETRY = auto()
    CANCEL_WITH_OWNER = auto()
    RETURN_WITH_OWNER = auto()
    RESTORE_BACKUP = auto()
    RELEASE = auto()
    UNDO_RELEASE = auto()


class Effect(Enum):
    """What follows a move."""

    LOG_MOVED = auto()
    LOG_TAKEN_IN = auto()
    WEBHOOKS = auto()
    WAKE_UP = auto()
    """A worker, after the commit."""


ALWAYS = Q()


@dataclass(frozen=True)
class Transition:
    """From these statuses, where ``only_if`` holds, to that one."""

    sources: tuple[Status, ...]
    to: Status
    effects: frozenset[Effect] = frozenset()
    is_of_call: bool = False
    """Asks for the fence: only the newest claim may move the edit."""
    only_if: Q = ALWAYS

    def columns(self, now: datetime) -> dict[str, Any]:
        """What the constraints of the table ask of the new status."""
        columns: dict[str, Any] = {"status": self.to}
        if self.to != Status.RUNNING:
            columns["lease_until"] = None
        if self.to != Status.QUEUED:
            columns["paused_at"] = None
        if self.to in ACTIVE:
            columns["finished_at"] = None
        elif set(self.sources) & set(ACTIVE):
            columns["finished_at"] = now
        return columns


LINKED = Fault.RESULT_LOST.spellings
TAKES_AN_ANSWER = ~Q(status=Status.FAILED) | Q(
    reason__in=(Reason.STORAGE, Reason.INTERRUPTED, Reason.OUTCOME_UNKNOWN)
)
"""A late answer is welcome until another call was begun: what was given up, or waits to be bought again, is here."""
NOT_ASIDE_YET = Q(status=Status.RUNNING) | Q(last_fault__in=LINKED)

SENT = (Status.RUNNING, Status.SAVING)
ANSWERABLE = (*ACTIVE, Status.FAILED)
MOVED = frozenset({Effect.LOG_MOVED})
ENDED = MOVED | {Effect.WEBHOOKS}
TAKEN_IN = frozenset({Effect.LOG_TAKEN_IN, Effect.WAKE_UP})
SHOWN = frozenset({Effect.WEBHOOKS, Effect.WAKE_UP})

TRANSITIONS = {
    Event.CLAIM: Transition((Status.QUEUED,), Status.RUNNING),
    Event.SUCCEED: Transition(ANSWERABLE, Status.SUCCEEDED, ENDED, is_of_call=True, only_if=TAKES_AN_ANSWER),
    Event.FILTER: Transition(ANSWERABLE, Status.FILTERED, ENDED, is_of_call=True, only_if=TAKES_AN_ANSWER),
    Event.AWAIT_PICTURE: Transition(
        ANSWERABLE, Status.SAVING, MOVED, is_of_call=True, only_if=TAKES_AN_ANSWER
    ),
    Event.AWAIT_STORAGE: Transition(SENT, Status.SAVING, MOVED, is_of_call=True, only_if=NOT_ASIDE_YET),
    Event.SEND_LATER: Transition(SENT, Status.QUEUED, MOVED, is_of_call=True),
    Event.SEND_AGAIN: Transition(SENT, Status.QUEUED, MOVED | {Effect.WAKE_UP}, is_of_call=True),
    Event.FAIL: Transition(SENT, Status.FAILED, ENDED, is_of_call=True),
    Event.CANCEL: Transition(ACTIVE, Status.CANCELED, ENDED),
    Event.RETRY: Transition((Status.FAILED,), Status.QUEUED, TAKEN_IN),
    Event.CANCEL_WITH_OWNER: Transition((Status.QUEUED,), Status.CANCELED, ENDED),
    Event.RETURN_WITH_OWNER: Transition((Status.CANCELED,), Status.QUEUED, TAKEN_IN),
    Event.RESTORE_BACKUP: Transition(ACTIVE, Status.FAILED),
    Event.RELEASE: Transition((Status.FILTERED,), Status.SUCCEEDED, SHOWN),
    Event.UNDO_RELEASE: Transition((Status.SUCCEEDED,), Status.FILTERED),
}

NOTHING: Mapping[str, Any] = MappingProxyType({})


def movable(
    edit: EditRequest, event: Event, *, among: EditRequestQuerySet | None = None
) -> EditRequestQuerySet:
    """The row of the edit, if the event can move it now."""
    rows = _expected(EditRequest.objects.all() if among is None else among, event).filter(pk=edit.pk)
    return rows.filter(fence=edit.fence) if TRANSITIONS[event].is_of_call else rows


def apply_event(
    edit: EditRequest,
    event: Event,
    *,
    now: datetime,
    columns: Mapping[str, Any] = NOTHING,
    among: EditRequestQuerySet | None = None,
    then: Callable[[], object] | None = None,
    webhooks_after: timedelta = timedelta(0),
) -> bool:
    """Move the edit, with its effects; False when its status, or its fence, is not what the event expects.

    ``columns`` are written with the status, ``among`` narrows the rows further, and ``then`` is called in the same
    transaction after a move.  The edit in hand is not read again.
    """
    transition, rows = TRANSITIONS[event], movable(edit, event, among=among)
    returns_to_batch = edit.batch_id is not None and transition.to == Status.QUEUED
    if then is None and Effect.WEBHOOKS not in transition.effects and not returns_to_batch:
        moved = _update(rows, transition, now=now, columns=columns)
    else:
        with transaction.atomic():
            if edit.batch_id and returns_to_batch:
                columns = {**columns, "paused_at": _paused_at(edit.batch_id)}
            moved = _update(rows, transition, now=now, columns=columns)
            if moved and then:
                then()
            if moved and Effect.WEBHOOKS in transition.effects:
                create_deliveries(edit, now=now, after=webhooks_after)
    if moved:
        _log(edit, transition, columns)
    return bool(moved)


def apply_to_all(
    edits: EditRequestQuerySet,
    event: Event,
    *,
    now: datetime,
    columns: Mapping[str, Any] = NOTHING,
    only_if: Q = ALWAYS,
) -> int:
    """Move those of the edits that the event can move, in a few statements; returns how many.

    ``only_if`` may ask for what the move changes, such as the status, which ``edits`` must not.
    Only for events that end an edit: ``now`` is also how this call knows which ones it moved, for no two calls have
    the same.
    """
    transition, rows = TRANSITIONS[event], _expected(edits, event).filter(only_if)
    if not transition.effects:
        return _update(rows, transition, now=now, columns=columns)
    with transaction.atomic():
        if not _update(rows, transition, now=now, columns=columns):
            return 0
        moved = list(edits.filter(status=transition.to, finished_at=now))
        create_deliveries_of_all(moved, now=now)
    for edit in moved:
        _log(edit, transition, columns)
    return len(moved)


def _paused_at(batch: int) -> datetime | None:
    """Since when the batch is paused.

    The lock makes a pause at the same time wait until the edit is in the queue, and then include it.
    """
    locked = Batch.objects.select_for_update(no_key=True).values_list("paused_at", flat=True)
    return locked.get(pk=batch)


def _expected(rows: EditRequestQuerySet, event: Event) -> EditRequestQuerySet:
    transition = TRANSITIONS[event]
    return rows.filter(transition.only_if, status__in=transition.sources)


def _update(
    rows: EditRequestQuerySet, transition: Transition, *, now: datetime, columns: Mapping[str, Any]
) -> int:
    moved = rows.update(**transition.columns(now), **columns)
    if moved and Effect.WAKE_UP in transition.effects:
        transaction.on_commit(notify_worker)
    return moved


def _log(edit: EditRequest, transition: Transition, columns: Mapping[str, Any]) -> None:
    if Effect.LOG_TAKEN_IN in transition.effects:
        event_log.edit_taken_in(edit)
    if Effect.LOG_MOVED in transition.effects:
        event_log.edit_moved(
            edit,
            to=transition.to,
            reason=columns.get("reason", ""),
            fault=columns.get("last_fault", ""),
            again_at=columns.get("not_before"),
        )
