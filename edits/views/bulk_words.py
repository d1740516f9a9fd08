"""What bulk actions say: what was changed, what is being changed, and what was left."""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

NOTHING_CHANGED = _("Nothing changed. This action is not available for the selected edits.")
TOO_LARGE_FOR_ZIP = _(
    "Nothing downloaded. These pictures have more than 2 GB together; select fewer in the history."
)


def outcome(action: str, *, changed: int, skipped: int) -> str:
    """How many edits were changed, and how many were not, unless ``skipped`` is 0."""
    if not changed:
        return str(NOTHING_CHANGED)
    sentence = SAID[action](changed) % {"n": f"{changed:,}"}
    if not skipped:
        return sentence
    rest = ngettext("%(n)s edit was not changed.", "%(n)s edits were not changed.", skipped)
    return f"{sentence} {rest % {'n': f'{skipped:,}'}}"


def _tagged(number: int) -> str:
    return ngettext("Tagged %(n)s edit.", "Tagged %(n)s edits.", number)


def _shared(number: int) -> str:
    return ngettext("Shared %(n)s edit with the team.", "Shared %(n)s edits with the team.", number)


def _starred(number: int) -> str:
    return ngettext("Starred %(n)s edit.", "Starred %(n)s edits.", number)


def _trashed(number: int) -> str:
    return ngettext("Moved %(n)s edit to the trash.", "Moved %(n)s edits to the trash.", number)


def _restored(number: int) -> str:
    return ngettext("Restored %(n)s edit.", "Restored %(n)s edits.", number)


SAID: dict[str, Callable[[int], str]] = {
    "share": _shared,
    "star": _starred,
    "tag": _tagged,
    "trash": _trashed,
    "restore": _restored,
}
GOING_ON: dict[str, Promise] = {
    "share": _("Sharing edits with the team"),
    "star": _("Starring edits"),
    "tag": _("Tagging edits"),
    "trash": _("Moving edits to the trash"),
    "restore": _("Restoring edits"),
}
