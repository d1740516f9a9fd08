"""The words for each fault: on cards, in the history of attempts, in lists of calls, and for administrators.

Lazy, so that each reader gets their own language.  Only ``advice`` is English: it becomes part of stored reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from edits.faults import Fault

Words = str | Promise

FAILED = pgettext_lazy("attempt", "failed")


@dataclass(frozen=True)
class FaultWords:
    """All that pages say of one fault.  Blank where that cannot happen."""

    label: Words
    """The badge in lists of calls, and the choice in the admin."""
    tone: str = ""
    """The color of the badge: warn, bad or neutral."""
    attempt: Words = FAILED
    """In the history of an edit: "1st try: service busy after 4 s"."""
    several: Words = ""
    """Begins the one entry for many attempts in a row that sent nothing."""
    waiting: tuple[Words, Words] = (_("{provider} is busy"), "")
    """Title (see ``waiting_title``) and detail of the card until the next call."""
    failed: Mapping[str, tuple[Words, Words]] = field(default_factory=dict)
    """Title and detail of a failed edit's card, by the reason of which the fault says more than its own words."""
    advice: str = ""
    """To administrators, without a full stop."""

    def waiting_title(self, provider: str) -> str:
        """The title of the card until the next call; the name may have braces."""
        return str(self.waiting[0]).format(provider=provider)


_FREE = _("Nothing was sent or charged.")

WORDS = {
    Fault.STORAGE: FaultWords(
        label=_("Not sent: our storage"),
        tone="warn",
        attempt=_("no picture from our storage"),
        several=_("No picture from our storage"),
        waiting=(_("Our storage does not answer"), _FREE),
        failed={"storage": (_("Our storage did not return the picture to send"), _FREE)},
        advice=gettext_noop("Our own storage did not give the picture to send, so nothing was sent"),
    ),
    Fault.NOT_SENT: FaultWords(
        label=_("Not reached"),
        tone="warn",
        attempt=pgettext_lazy("attempt", "not reached"),
        several=_("Not reached"),
        waiting=(_("{provider} cannot be reached"), _FREE),
        failed={"service_unavailable": (_("The service could not be reached"), _FREE)},
        advice=gettext_noop("The service could not be reached"),
    ),
    Fault.BUSY: FaultWords(
        label=pgettext_lazy("fault", "Busy"),
        tone="warn",
        attempt=pgettext_lazy("attempt", "service busy"),
        failed={"service_unavailable": (_("The service is overloaded"), "")},
        advice=gettext_noop("The service is overloaded and did not do it"),
    ),
    Fault.GATEWAY: FaultWords(
        label=_("A gateway gave up"),
        tone="warn",
        attempt=pgettext_lazy("attempt", "gateway error"),
        waiting=(_("No answer from {provider}"), _("It may have been charged.")),
        advice=gettext_noop("A gateway before the service gave no answer"),
    ),
    Fault.NO_ANSWER: FaultWords(
        label=_("No answer"),
        tone="bad",
        attempt=pgettext_lazy("attempt", "no answer"),
        advice=gettext_noop("No answer arrived in time"),
    ),
    Fault.UNUSABLE: FaultWords(
        label=pgettext_lazy("fault", "Unreadable"),
        tone="bad",
        attempt=pgettext_lazy("attempt", "unreadable answer"),
        advice=gettext_noop("The service sent something that cannot be read as a picture"),
    ),
    Fault.REJECTED: FaultWords(
        label=_("Refused the edit"),
        attempt=pgettext_lazy("attempt", "refused"),
        failed={
            "bad_result": (
                _("Unexpected answer"),
                _("The service neither accepted nor refused the edit. It may have been charged."),
            ),
        },
        advice=gettext_noop("The service refused the request"),
    ),
    Fault.ACCOUNT: FaultWords(
        label=_("Refused the account"),
        tone="bad",
        attempt=pgettext_lazy("attempt", "account refused"),
        advice=gettext_noop("The service refused the account"),
    ),
    Fault.RESULT_LOST: FaultWords(
        label=_("Picture not fetched"),
        tone="bad",
        attempt=pgettext_lazy("attempt", "picture could not be fetched"),
        advice=gettext_noop("The picture was made, but could not be fetched from where the service put it"),
    ),
}
CHOICES = [(fault.value, words.label) for fault, words in WORDS.items()]
"""For columns that hold one."""
SERVER_ERROR = replace(
    WORDS[Fault.BUSY],
    attempt=pgettext_lazy("attempt", "service error"),
    waiting=(_("{provider} had an error"), ""),
    failed={"service_unavailable": (_("The service had an error"), "")},
)
"""``busy`` with HTTP 500: it says so itself; 429, 503 and 529 say that it has too much to do."""
UNEXPECTED = replace(WORDS[Fault.REJECTED], attempt=pgettext_lazy("attempt", "unexpected answer"))
"""``rejected`` with a status that is no refusal."""
UNKNOWN = FaultWords(label=_("Failed"), tone="bad")
"""A fault that only a later version knows."""


def words_of(fault: str, status: int | None = None) -> FaultWords:
    """The words for a stored fault whose call was answered with this HTTP status, if any."""
    try:
        known = Fault(fault)
    except ValueError:
        return UNKNOWN
    if known == Fault.BUSY and status == 500:
        return SERVER_ERROR
    if known == Fault.REJECTED and status and not 400 <= status < 500:
        return UNEXPECTED
    return WORDS[known]
