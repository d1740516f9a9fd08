"""Where an edit stands, in the words of its card: one value that gallery, strip, stage and viewer all show.

kind       box class      when
queued     is-queued      waits for its turn
held       is-retrying    waits for an administrator (the provider is switched off or on hold, the model is gone),
                          as long as the provider asked, or until the team's budget starts again
retrying   is-retrying    waits for another try, at a known time
running    is-running     is with the provider
saving     is-retrying    is made, and its picture waits for our storage or database, or is still being fetched
finishing  is-running     is made, and its thumbnails will be in a moment
filtered   is-filtered    was stopped by the content filter
failed     is-failed      will not be tried again by itself
canceled   is-canceled    was given up by its owner
done       –              has a picture
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from edits.models import Decision, EditRequest, Provider, Reason, Status
from edits.services.budgets.periods import Period, period_until
from edits.services.calls.retrying import UNSENT, most_calls
from edits.services.queue.canceling import RISKY_REASONS
from edits.services.queue.queueing import Place
from edits.views.wording import counted, ordinal, span

LATE_AFTER_MEDIANS = 2
PREPARED_WITHIN = timedelta(seconds=10)
MOVING = ("queued", "held", "retrying", "running", "saving", "finishing")
LONG_PAUSE = timedelta(minutes=15)
SHORT_PAUSE = timedelta(minutes=1)
"""The provider was not just busy for a moment: it said when to come back."""
CLOCK_SUFFICES = timedelta(hours=12)


@dataclass(frozen=True)
class Standing:
    """``expected_seconds`` and ``elapsed_seconds`` make a bar; ``again`` and ``again_at`` end in "at 14:32"."""

    kind: str
    box_class: str
    icon: str
    title: str
    detail: str = ""
    again: str = "at"
    again_at: datetime | None = None
    again_is_far: bool = False
    """A time of day would not say of which day."""
    tries: str = ""
    elapsed_seconds: int = 0
    expected_seconds: int = 0
    may_cost_again: bool = False

    @property
    def is_moving(self) -> bool:
        """It will stand elsewhere soon: open pages go on asking."""
        return self.kind in MOVING

    @property
    def sentence(self) -> str:
        """The same in one line, for screen readers."""
        return ". ".join(part.rstrip(".") for part in (self.title, self.detail) if part) + "."


DONE = Standing("done", "", "", "Done")
FINISHING = Standing("finishing", "is-running", "", "Made", "preparing it to be shown")
SAVING = Standing(
    "saving",
    "is-retrying",
    "clock",
    "Made, and being saved",
    "Our storage does not answer. The picture is kept and saved as soon as it does.",
)
FETCHING = Standing(
    "saving",
    "is-retrying",
    "clock",
    "Made, and being fetched",
    "The picture was made, but the service does not hand it out yet. It is fetched again, and not charged again.",
)


def standing_of(edit: EditRequest, *, place: Place | None, now: datetime) -> Standing:
    """Say where the edit stands.  ``place`` may be missing: then no times are promised."""
    match edit.status:
        case Status.QUEUED:
            return _waiting(edit, place=place, now=now)
        case Status.RUNNING:
            return _running(edit, place=place, now=now)
        case Status.SAVING:
            return FETCHING if edit.last_fault == "G" else SAVING
        case Status.FILTERED:
            return _filtered(edit)
        case Status.FAILED:
            return _failed(edit)
        case Status.SUCCEEDED if _is_being_prepared(edit, now=now):
            return FINISHING
        case Status.CANCELED:
            return Standing("canceled", "is-canceled", "", "Canceled")
        case _:
            return DONE


def _is_being_prepared(edit: EditRequest, *, now: datetime) -> bool:
    """Its thumbnails, change map and so on come within a moment; without them it is shown all the same then."""
    result = getattr(edit, "result", None)
    if result is None or result.placeholder or edit.finished_at is None:
        return False
    return now - edit.finished_at < PREPARED_WITHIN


def _waiting(edit: EditRequest, *, place: Place | None, now: datetime) -> Standing:
    provider = edit.provider
    if not getattr(edit, "model_is_offered", True):
        return _gone(edit)
    if provider.stopped_since:
        return _stopped(provider)
    if edit.last_fault == "F" or provider.held_since:
        return Standing(
            "held",
            "is-retrying",
            "clock",
            f"{provider.title} is on hold",
            "An administrator has been told. Your edit is kept.",
        )
    spent_until = getattr(edit, "budget_spent_until", None)
    if spent_until and spent_until > now:
        return _over_budget(period_until(spent_until, now=now))
    paused_until = provider.paused_until
    if paused_until and paused_until - now > LONG_PAUSE:
        return _paused(provider, paused_until, now=now)
    if edit.not_before and edit.not_before > now:
        return _retrying(edit, place=place)
    if paused_until and paused_until - now > SHORT_PAUSE:  # no place in line promises anything now
        return _paused(provider, paused_until, now=now)
    position = place.position if place else 0
    title = (
        "Queued" if not position else "Next in queue" if position == 1 else f"{ordinal(position)} in queue"
    )
    wait = place.wait_seconds if place else None
    return Standing("queued", "is-queued", "clock", title, f"about {span(wait)}" if wait else "")


def _over_budget(period: Period) -> Standing:
    """The team's, and nothing that this person could mend."""
    title, used_up = f"Waits until {period.next_name}", f"The team's budget for {period.label} is used up."
    detail = f"{used_up} Your edit is kept and continues {period.goes_on}."
    return Standing("held", "is-retrying", "clock", title, detail)


def _gone(edit: EditRequest) -> Standing:
    detail = "Your edit is kept. An administrator can move it to another model, or you can cancel it."
    return Standing("held", "is-retrying", "clock", f"{edit.model} is no longer available", detail)


def _stopped(provider: Provider) -> Standing:
    detail = "Your edit is kept and continues once an administrator switches it on again."
    return Standing("held", "is-retrying", "clock", f"{provider.title} is switched off", detail)


def _paused(provider: Provider, until: datetime, *, now: datetime) -> Standing:
    return Standing(
        "held",
        "is-retrying",
        "clock",
        f"{provider.title} is paused",
        "Your edit is kept. The service asked us to wait",
        again="until",
        again_at=until,
        again_is_far=until - now > CLOCK_SUFFICES,
    )


def _retrying(edit: EditRequest, *, place: Place | None) -> Standing:
    name = edit.provider.title
    title, detail = {
        "S": ("Our storage does not answer", "Nothing was sent or charged. Trying again"),
        "A": (f"{name} cannot be reached", "Nothing was sent or charged. Trying again"),
        "B'": (f"No answer from {name}", "It may have been charged. Trying again"),
    }.get(edit.last_fault, (f"{name} {'had an error' if _had_error(edit) else 'is busy'}", "Trying again"))
    tries = place.tries if place else None
    if tries and tries.until:
        return Standing(
            "retrying", "is-retrying", "clock", title, detail, again="until", again_at=tries.until
        )
    most = most_calls(edit, edit.last_fault)
    number = tries.count + 1 if tries else most + 1
    counted_tries = f"({number} of {most})" if number <= most else ""
    return Standing(
        "retrying", "is-retrying", "clock", title, detail, again_at=edit.not_before, tries=counted_tries
    )


def _had_error(edit: EditRequest) -> bool:
    """It said so by HTTP 500; 429, 503 and 529 say that it has too much to do."""
    return getattr(edit, "busy_status", None) == 500


def _running(edit: EditRequest, *, place: Place | None, now: datetime) -> Standing:
    elapsed = max(0, int((now - edit.started_at).total_seconds())) if edit.started_at else 0
    median = place.run_seconds if place else None
    if median is None:
        detail = "Editing"
    elif elapsed > LATE_AFTER_MEDIANS * max(1.0, median):
        detail = "taking longer than usual"
    else:
        detail = f"of about {span(median)}"
    return Standing(
        "running",
        "is-running",
        "",
        counted(elapsed),
        detail,
        elapsed_seconds=elapsed,
        expected_seconds=max(1, round(median)) if median is not None else 0,
    )


def _filtered(edit: EditRequest) -> Standing:
    return Standing("filtered", "is-filtered", "shield", "Stopped by the content filter", _review_words(edit))


def _review_words(edit: EditRequest) -> str:
    """What has come of the review so far, to its author."""
    case = getattr(edit, "review", None)
    if case is None:
        return ""
    if case.decision == Decision.KEPT_HIDDEN:
        return f"A reviewer kept it hidden: {case.reason}"
    if case.decision == Decision.DISMISSED:
        return "A reviewer closed it."
    if case.question_open:
        return f"A reviewer asks: {case.question}"
    return "A reviewer will look at it." if case.asked_for_at else ""


def failure_sentence(edit: EditRequest) -> str:
    """Why it failed and what that means, in a line; with the provider's own words where it said any."""
    return _failed(edit).sentence


def _failed(edit: EditRequest) -> Standing:
    cause, _, rest = edit.get_reason_display().partition(". ")
    cause, rest = _FAILED.get((edit.reason, edit.last_fault), (cause.rstrip("."), rest))
    if (edit.reason, edit.last_fault) == (Reason.SERVICE_UNAVAILABLE, "B"):
        calls = edit.attempts_made - edit.first_attempt + 1
        rest = f"Tried {'once' if calls == 1 else f'{calls} times'}, nothing was delivered."
        cause = "The service had an error" if _had_error(edit) else cause
    said = f"It says: {edit.message}" if edit.message else ""
    return Standing(
        "failed",
        "is-failed",
        "circle-alert",
        cause,
        " ".join(part for part in (rest, said) if part),
        may_cost_again=edit.reason in RISKY_REASONS and (edit.reason, edit.last_fault) not in _FREE,
    )


_FREE = {(Reason.STORAGE, fault) for fault in UNSENT}
"""Nothing was sent: our own storage was away before."""

_FAILED: dict[tuple[str, str], tuple[str, str]] = {
    (Reason.STORAGE, "S"): ("Our storage gave no picture to send", "Nothing was sent or charged."),
    (Reason.SERVICE_UNAVAILABLE, "A"): ("The service could not be reached", "Nothing was sent or charged."),
    (Reason.SERVICE_UNAVAILABLE, "B"): ("The service is overloaded", ""),
    (Reason.INTERRUPTED, ""): (
        "It waited when the backup was made",
        "Retake was put back from that backup. The edit may have been sent and charged since, so it is not sent "
        "again by itself.",
    ),
    (Reason.BAD_RESULT, "E"): (
        "Unexpected answer",
        "The service said neither yes nor no. It may have been charged.",
    ),
}
"""Where the fault tells more than the reason alone."""
