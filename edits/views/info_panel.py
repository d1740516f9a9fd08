"""What the info panel says of an edit beyond its own columns: seed, options, receipt, time, in words."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edits.http.humanize import grouped, span
from edits.models import EditRequest, Verdict

EXTRA_NAMES = {
    "negative_prompt": _("Negative prompt"),
    "quality": _("Quality"),
    "background": _("Background"),
    "output_format": _("File format"),
}


def seed_in_words(edit: EditRequest) -> str:
    """Who chose the seed, whether it was sent, and whether the service confirms it.

    Of an edit without a picture to show nothing is said of what came back: that would tell of a withheld one.
    """
    if edit.seed is None:
        return gettext("This model takes no seed")
    chosen = gettext("Random, picked by Retake") if edit.seed_is_drawn else gettext("Set by hand")
    result = getattr(edit, "result", None) if edit.is_done else None
    if result is None:
        return chosen
    if result.seed_used is None:
        return gettext("%(choice)s; sent, not confirmed by the service") % {"choice": chosen}
    if result.seed_used != edit.seed:
        return gettext("%(choice)s; %(sent)s was sent, but the service used %(used)s") % {
            "choice": chosen,
            "sent": grouped(edit.seed),
            "used": grouped(result.seed_used),
        }
    return gettext("%(choice)s; sent and confirmed") % {"choice": chosen}


def extras_in_words(edit: EditRequest) -> list[tuple[str, str]]:
    """The options that only some models have, by their names on the page."""
    return [(str(EXTRA_NAMES.get(name, name)), str(value)) for name, value in edit.extras.items()]


def receipt_in_words(edit: EditRequest) -> str:
    """What a re-run proves; blank for an edit that repeats none."""
    result = getattr(edit, "result", None)
    if edit.rerun_of_id is None:
        return ""
    if edit.seed is None:
        return gettext("This model takes no seed, so every run gives another picture.")
    if not edit.is_done or result is None:
        return gettext("The comparison follows with the picture.")
    words = {
        Verdict.IDENTICAL: gettext("Identical: every byte is the same."),
        Verdict.NEAR_IDENTICAL: gettext("Near-identical: %(share)s alike."),
        Verdict.DIFFERENT: gettext("Different: %(share)s alike."),
    }.get(result.receipt, gettext("Not compared: the first picture could not be read."))
    return words % {"share": f"{(result.similarity or 0) * 100:.1f} %"}


def took_in_words(edit: EditRequest) -> str:
    """How long the last call took; blank while there is no end."""
    if not (edit.started_at and edit.finished_at):
        return ""
    return span((edit.finished_at - edit.started_at).total_seconds())
