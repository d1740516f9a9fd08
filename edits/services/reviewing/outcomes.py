"""What comes of something that a person does to a review case: done, or why not, in words for them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.timesince import timesince

from edits.models import Decision, ReviewCase

OWN_EDIT = "This is your own edit. Another reviewer decides it."
NO_PICTURE = "No picture came back, so there is none to release."
ASKED_ALREADY = "The author has not answered the last question yet."

DEEDS = {
    Decision.RELEASED: "released this",
    Decision.KEPT_HIDDEN: "kept this hidden",
    Decision.DISMISSED: "dismissed this",
}


@dataclass(frozen=True)
class Outcome:
    """``sentence`` says why nothing was done; blank when it was."""

    done: bool
    sentence: str = ""


DONE = Outcome(done=True)


def came_second(case: ReviewCase, *, now: datetime) -> Outcome:
    """Who was first: another decided the case already, or has it open."""
    latest = ReviewCase.objects.select_related("decided_by", "claimed_by").get(pk=case.pk)
    if latest.decided_by and latest.decided_at:
        deed = DEEDS[Decision(latest.decision)]
        return Outcome(False, f"{latest.decided_by.name} {deed} {_ago(latest.decided_at, now=now)}.")
    if latest.claimed_by and latest.claimed_until and latest.claimed_until > now:
        until = timezone.localtime(latest.claimed_until)
        return Outcome(False, f"{latest.claimed_by.name} has this case open until {until:%H:%M}.")
    return Outcome(False, "The case has changed meanwhile. Look again.")


def _ago(at: datetime, *, now: datetime) -> str:
    if (now - at).total_seconds() < 60:
        return "just now"
    return f"{timesince(at, now, depth=1)} ago"
