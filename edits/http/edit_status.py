"""What the card of an edit says: one value that gallery, strip, stage and viewer all show.

kind       box class      when
queued     is-queued      waits for its turn
paused     is-queued      waits until its batch is resumed
held       is-retrying    waits for an administrator (the provider is switched off or on hold, the model is gone),
                          as long as the provider asked, or until the team's budget starts again
retrying   is-retrying    waits for another try, at a known time
running    is-running     is with the provider
saving     is-retrying    is made, and its picture waits for our storage or database, or is still being fetched
finishing  is-running     is made, and its thumbnails, or what is put into the original, will be in a moment
filtered   is-filtered    was stopped by the content filter
failed     is-failed      will not be tried again by itself
canceled   is-canceled    was given up by its owner
done       –              has a picture
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from django.utils.translation import gettext, pgettext

from edits.fault_words import words_of
from edits.faults import Fault
from edits.http.failure_words import busy_status, failed_words, may_cost_again
from edits.http.humanize import counted, ordinal, span
from edits.models import Decision, EditRequest, MergeState, Provider, Status
from edits.services.budgets.periods import Period, period_until
from edits.services.calls.retry_policy import most_calls
from edits.services.queue.positions import QueuePosition
from edits.services.queue.sources import expected_merge_of

LATE_AFTER_MEDIANS = 2
PREPARED_WITHIN = timedelta(seconds=10)
MOVING = ("queued", "paused", "held", "retrying", "running", "saving", "finishing")
LONG_PAUSE = timedelta(minutes=15)
SHORT_PAUSE = timedelta(minutes=1)
"""The provider was not just busy for a moment: it said when to come back."""
SOON = timedelta(seconds=90)
"""Said in seconds: on the clock it would be one minute or the other."""


@dataclass(frozen=True)
class StatusDisplay:
    """``expected_seconds`` and ``elapsed_seconds`` make a bar.  ``again`` chooses the sentence for ``again_at``
    (in: "Trying again in about 20 s", at, until) or ``paused_until``; blank where there is none."""

    kind: str
    box_class: str
    icon: str
    title: str
    detail: str = ""
    again: Literal["", "in", "at", "until", "paused_until"] = ""
    again_at: datetime | None = None
    again_in: str = ""
    """Instead of a time of day where that would be too coarse: "20 s"."""
    tries: str = ""
    elapsed_seconds: int = 0
    expected_seconds: int = 0
    may_cost_again: bool = False

    @property
    def is_moving(self) -> bool:
        """It will change soon, so open pages go on asking."""
        return self.kind in MOVING

    @property
    def sentence(self) -> str:
        """The same in one line, for screen readers."""
        title, detail = (part.rstrip(".。") for part in (self.title, self.detail))
        if not detail:
            return gettext("%(title)s.") % {"title": title}
        return gettext("%(title)s. %(detail)s.") % {"title": title, "detail": detail}


def status_display(edit: EditRequest, *, place: QueuePosition | None, now: datetime) -> StatusDisplay:
    """The words for an edit.  ``place`` may be missing: then no times are promised."""
    match edit.status:
        case Status.QUEUED:
            return _waiting(edit, place=place, now=now)
        case Status.RUNNING:
            return _running(edit, place=place, now=now)
        case Status.SAVING:
            return _saving(edit)
        case Status.FILTERED:
            return _filtered(edit)
        case Status.FAILED:
            return _failed(edit)
        case Status.SUCCEEDED if _is_being_prepared(edit, now=now):
            return _finishing()
        case Status.CANCELED:
            return StatusDisplay("canceled", "is-canceled", "", pgettext("status", "Canceled"))
        case _:
            return StatusDisplay("done", "", "", pgettext("status", "Done"))


def _is_being_prepared(edit: EditRequest, *, now: datetime) -> bool:
    """Its thumbnails, change map and so on come within a moment; without them it is shown all the same then."""
    result = getattr(edit, "result", None)
    if result is None or edit.finished_at is None or (result.placeholder and not _is_being_merged(edit)):
        return False
    return now - edit.finished_at < PREPARED_WITHIN


def _is_being_merged(edit: EditRequest) -> bool:
    merged = expected_merge_of(edit)
    return merged is not None and merged.state == MergeState.WAITING


def _waiting(edit: EditRequest, *, place: QueuePosition | None, now: datetime) -> StatusDisplay:
    provider = edit.provider
    if edit.paused_at:
        return _paused_with_batch()
    if not getattr(edit, "model_is_offered", True):
        return _gone(edit)
    if provider.stopped_since:
        return _stopped(provider)
    if edit.last_fault == Fault.ACCOUNT or provider.held_since:
        return _on_hold(provider)
    spent_until = getattr(edit, "budget_spent_until", None)
    if spent_until and spent_until > now:
        return _over_budget(period_until(spent_until, now=now))
    paused_until = provider.paused_until
    if paused_until and paused_until - now > LONG_PAUSE:
        return _paused(provider, paused_until)
    if edit.not_before and edit.not_before > now:
        return _retrying(edit, edit.not_before, place=place, now=now)
    if paused_until and paused_until - now > SHORT_PAUSE:  # no place in line promises anything now
        return _paused(provider, paused_until)
    return _queued(place, pause=paused_until - now if paused_until else None)


def _paused_with_batch() -> StatusDisplay:
    detail = gettext("It is not sent until its batch is resumed.")
    return StatusDisplay("paused", "is-queued", "pause", pgettext("status", "Paused"), detail)


def _queued(place: QueuePosition | None, *, pause: timedelta | None) -> StatusDisplay:
    """In line, and behind a pause that is over within a minute."""
    wait, paused_seconds = place.wait_seconds if place else None, pause.total_seconds() if pause else 0.0
    detail = ""
    if paused_seconds > 0:
        detail = gettext("continues in about %(span)s") % {"span": span(max(paused_seconds, wait or 0.0))}
    elif wait is not None:
        starts = gettext("starts in about %(span)s") % {"span": span(wait)}
        detail = starts if wait >= 1 else gettext("starts in a moment")
    return StatusDisplay("queued", "is-queued", "clock", _queued_title(place), detail)


def _queued_title(place: QueuePosition | None) -> str:
    position = place.position if place else 0
    if position > 1:
        return gettext("%(ordinal)s in queue") % {"ordinal": ordinal(position)}
    return gettext("Next in queue") if position else pgettext("status", "Queued")


def _over_budget(period: Period) -> StatusDisplay:
    """The team's, and nothing that this person can change."""
    sentence = gettext(
        "The team's budget for %(period)s is used up. Your edit is kept and continues %(at_midnight)s."
    )
    detail = sentence % {"period": period.label, "at_midnight": period.goes_on}
    return _held(gettext("Waits until %(time)s") % {"time": period.again_from}, detail)


def _gone(edit: EditRequest) -> StatusDisplay:
    return _held(
        gettext("%(model)s is no longer available") % {"model": edit.model},
        gettext("Your edit is kept. An administrator can move it to another model, or you can cancel it."),
    )


def _stopped(provider: Provider) -> StatusDisplay:
    return _held(
        gettext("%(provider)s is switched off") % {"provider": provider.title},
        gettext("Your edit is kept and continues when an administrator switches it on again."),
    )


def _on_hold(provider: Provider) -> StatusDisplay:
    return _held(
        gettext("%(provider)s is on hold") % {"provider": provider.title},
        gettext("The administrators have been notified. Your edit is kept."),
    )


def _paused(provider: Provider, until: datetime) -> StatusDisplay:
    waits = _held(
        gettext("%(provider)s is paused") % {"provider": provider.title}, gettext("Your edit is kept.")
    )
    return replace(waits, again="paused_until", again_at=until)


def _held(title: str, detail: str) -> StatusDisplay:
    return StatusDisplay("held", "is-retrying", "clock", title, detail)


def _retrying(
    edit: EditRequest, again_at: datetime, *, place: QueuePosition | None, now: datetime
) -> StatusDisplay:
    words = words_of(edit.last_fault, busy_status(edit))
    title = words.waiting_title(edit.provider.title)
    waits = StatusDisplay("retrying", "is-retrying", "clock", title, str(words.waiting[1]))
    tries = place.tries if place else None
    if tries and tries.until:
        return replace(waits, again="until", again_at=tries.until)
    most = most_calls(edit, edit.last_fault)
    counted_tries = ""
    if tries and tries.count < most:
        counted_tries = gettext("(%(number)s of %(most)s)") % {"number": tries.count + 1, "most": most}
    if again_at - now < SOON:
        again_in = span((again_at - now).total_seconds())
        return replace(waits, again="in", again_at=again_at, again_in=again_in, tries=counted_tries)
    return replace(waits, again="at", again_at=again_at, tries=counted_tries)


def _running(edit: EditRequest, *, place: QueuePosition | None, now: datetime) -> StatusDisplay:
    elapsed = max(0, int((now - edit.started_at).total_seconds())) if edit.started_at else 0
    median = place.run_seconds if place else None
    if median is None:
        detail = pgettext("status", "Editing")
    elif elapsed > LATE_AFTER_MEDIANS * max(1.0, median):
        detail = gettext("taking longer than usual")
    else:
        detail = gettext("of about %(span)s") % {"span": span(median)}
    return StatusDisplay(
        "running",
        "is-running",
        "",
        counted(elapsed),
        detail,
        elapsed_seconds=elapsed,
        expected_seconds=max(1, round(median)) if median is not None else 0,
    )


def _saving(edit: EditRequest) -> StatusDisplay:
    title = gettext("Done, saving the picture")
    detail = gettext("Our storage does not answer. The picture is kept and saved as soon as it does.")
    if edit.last_fault == Fault.RESULT_LOST:
        title = gettext("Done, fetching the picture")
        detail = gettext(
            "The service does not deliver the picture yet. It is fetched again, not charged again."
        )
    return StatusDisplay("saving", "is-retrying", "clock", title, detail)


def _finishing() -> StatusDisplay:
    return StatusDisplay(
        "finishing", "is-running", "", pgettext("status", "Done"), gettext("preparing the preview")
    )


def _filtered(edit: EditRequest) -> StatusDisplay:
    title = gettext("Stopped by the content filter")
    return StatusDisplay("filtered", "is-filtered", "shield", title, _review_words(edit))


def _review_words(edit: EditRequest) -> str:
    """What has come of the review so far, to its author."""
    case = getattr(edit, "review", None)
    if case is None:
        return ""
    if case.decision == Decision.KEPT_HIDDEN:
        return gettext("A reviewer kept it hidden: %(reason)s") % {"reason": case.reason}
    if case.decision == Decision.DISMISSED:
        return gettext("A reviewer closed the case.")
    if case.question_open:
        return gettext("A reviewer asks: %(question)s") % {"question": case.question}
    return gettext("A reviewer will look at it.") if case.asked_for_at else ""


def _failed(edit: EditRequest) -> StatusDisplay:
    title, detail = failed_words(edit)
    return StatusDisplay(
        "failed", "is-failed", "circle-alert", title, detail, may_cost_again=may_cost_again(edit)
    )


def failure_sentence(edit: EditRequest) -> str:
    """Why it failed and what that means, in a line; with the provider's own words where it said any."""
    return _failed(edit).sentence
