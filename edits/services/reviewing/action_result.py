"""The result of what a person does to a review case: done, or why not, in words for them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edits.models import Decision, ReviewCase
from edits.time_zones import moment_words

OWN_EDIT = _("This is your own edit. Another reviewer decides it.")
OWN_DECISION = _("You made the decision that is appealed. Another reviewer decides the appeal.")
NO_PICTURE = _("No picture came back, so there is none to release.")
ASKED_ALREADY = _("The author has not answered the last question yet.")

DEEDS = {
    # Translators: "ago" is "just now" or "3 minutes ago".
    Decision.RELEASED: _("%(name)s released this %(ago)s."),
    Decision.KEPT_HIDDEN: _("%(name)s kept this hidden %(ago)s."),
    Decision.DISMISSED: _("%(name)s dismissed this %(ago)s."),
}


@dataclass(frozen=True)
class ActionResult:
    """``sentence`` says why nothing was done; blank when it was."""

    done: bool
    sentence: str | Promise = ""


DONE = ActionResult(done=True)


def came_second(case: ReviewCase, *, now: datetime) -> ActionResult:
    """Who was first: another decided the case already, or has it open."""
    latest = ReviewCase.objects.select_related("decided_by", "claimed_by").get(pk=case.pk)
    if latest.decided_by and latest.decided_at:
        values = {"name": latest.decided_by.name, "ago": _ago(latest.decided_at, now=now)}
        return ActionResult(False, DEEDS[Decision(latest.decision)] % values)
    if latest.claimed_by and latest.claimed_until and latest.claimed_until > now:
        values = {"name": latest.claimed_by.name, "time": moment_words(latest.claimed_until)}
        return ActionResult(False, gettext("%(name)s has this case open until %(time)s.") % values)
    return ActionResult(False, gettext("The case has changed in the meantime. Look again."))


def _ago(at: datetime, *, now: datetime) -> str:
    if (now - at).total_seconds() < 60:
        return gettext("just now")
    return gettext("%(span)s ago") % {"span": timesince(at, now, depth=1)}
