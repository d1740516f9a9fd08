"""Why an edit failed, and what that means for its owner: title and detail of its card."""

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from edits.fault_words import words_of
from edits.faults import Fault
from edits.models import EditRequest, Reason
from edits.services.calls.retry_policy import UNSENT
from edits.services.queue.canceling import RISKY_REASONS

Words = str | Promise

OF_REASON: dict[str, tuple[Words, Words]] = {
    Reason.SERVICE_REJECTED: (_("The service refused this edit"), ""),
    Reason.SERVICE_UNAVAILABLE: (_("The service could not be reached"), _("Nothing was delivered.")),
    Reason.OUTCOME_UNKNOWN: (
        _("No answer arrived"),
        _("The edit may have been made and charged. Your picture and prompt are kept."),
    ),
    Reason.BAD_RESULT: (_("The service sent something we cannot read"), _("It may have been charged.")),
    Reason.NO_PICTURE: (
        _("The service returned no picture"),
        _("Services do this when a filter stops the edit. It was probably charged."),
    ),
    Reason.RESULT_LOST: (_("The picture was made but could not be fetched"), ""),
    Reason.STORAGE: (_("The picture was made but could not be stored"), ""),
    Reason.INTERRUPTED: (_("The edit was interrupted while it ran"), _("It may have been charged.")),
}
_FREE = {(Reason.STORAGE, fault) for fault in UNSENT}
"""Nothing was sent: our own storage was away before."""
_BEFORE_A_BACKUP = (
    _("It was waiting when the backup was made"),
    _(
        "Retake was restored from that backup. The edit may have been sent and charged since, so it is "
        "not sent again automatically."
    ),
)


def failed_words(edit: EditRequest) -> tuple[str, str]:
    """Title, and detail with the provider's own words where it said any."""
    title, detail = _of_fault(edit) or OF_REASON.get(edit.reason) or (edit.get_reason_display(), "")
    if (edit.reason, edit.last_fault) == (Reason.SERVICE_UNAVAILABLE, Fault.BUSY):
        detail = _tried(edit.attempts_made - edit.first_attempt + 1)
    if edit.message:
        said = gettext("It says: %(message)s") % {"message": edit.message}
        # Translators: two sentences in a row; without a space between them where the language has none.
        detail = gettext("%(first)s %(second)s") % {"first": detail, "second": said} if detail else said
    return str(title), str(detail)


def _tried(calls: int) -> str:
    if calls == 1:
        return gettext("Tried once, nothing was delivered.")
    words = ngettext(
        "Tried %(times)s time, nothing was delivered.", "Tried %(times)s times, nothing was delivered.", calls
    )
    return words % {"times": calls}


def may_cost_again(edit: EditRequest) -> bool:
    """Whether the edit may have been charged, so that another try may be charged as well."""
    return edit.reason in RISKY_REASONS and (edit.reason, edit.last_fault) not in _FREE


def _of_fault(edit: EditRequest) -> tuple[Words, Words] | None:
    """Where the fault tells more than the reason alone."""
    if edit.last_fault:
        return words_of(edit.last_fault, busy_status(edit)).failed.get(edit.reason)
    return _BEFORE_A_BACKUP if edit.reason == Reason.INTERRUPTED else None


def busy_status(edit: EditRequest) -> int | None:
    """The HTTP status by which the service said that it did not do it; None after every other fault."""
    if not hasattr(edit, "busy_status"):  # not read with its card
        last = edit.attempts.order_by("-number").first() if edit.last_fault == Fault.BUSY else None
        return last.status if last else None
    status: int | None = edit.busy_status
    return status
