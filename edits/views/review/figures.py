"""The pictures on a case's page: what each is called, how far it is unveiled, and what comes next."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edits.models import ReviewCase, Status, User
from edits.services.reviewing import FULL, VEILED, Which

SHOWN_AS = (_("grey and blurred"), _("small and grey"), _("small, in color"), _("full size"))
NEXT_WORDS = (_("Unblur"), _("Show color"), _("Full size"), _("Blur again"))

NOT_OPEN = _("Not shown: you do not have this case open.")


@dataclass(frozen=True)
class Figure:
    """One picture.  ``missing`` says why there is none; ``then`` is the step that the button leads to."""

    which: Which
    name: str
    key: str
    step: int
    missing: str | Promise = ""

    @property
    def shown_as(self) -> str:
        """How far the veil is lifted, in words."""
        return str(SHOWN_AS[self.step])

    @property
    def alt(self) -> str:
        """What the picture shows, for screen readers."""
        return gettext("%(picture)s, %(step)s") % {"picture": self.name, "step": self.shown_as}

    @property
    def then(self) -> int:
        """The step after this one; after the last it is veiled again."""
        return VEILED if self.step == FULL else self.step + 1

    @property
    def then_words(self) -> str:
        """What the button for it says."""
        return str(NEXT_WORDS[self.step])

    @property
    def key_label(self) -> str:
        """What its key does, in the list of keys."""
        return gettext("%(picture)s: %(action)s") % {"picture": self.name, "action": self.then_words}

    @property
    def is_full(self) -> bool:
        """It is the stored picture itself."""
        return self.step == FULL


def figures_of(case: ReviewCase, *, viewer: User, is_open: bool, steps: dict[str, int]) -> list[Figure]:
    """Source, result and references, each at its step of the veil; none is shown where the case is not open."""
    references = case.edit.references.values_list("position", flat=True)
    return [
        figure_of(case, which=which, viewer=viewer, is_open=is_open, step=steps.get(which, VEILED))
        for which in ("source", "result", *(f"reference-{position}" for position in references))
    ]


def figure_of(case: ReviewCase, *, which: Which, viewer: User, is_open: bool, step: int) -> Figure:
    """One of them."""
    closed = "" if is_open else NOT_OPEN
    if which == "result":
        missing = _why_missing(case, viewer) or closed
        return Figure(which, gettext("Withheld result"), "v", step, missing=missing)
    missing = _why_gone(case) or closed
    if which == "source":
        return Figure(which, gettext("Source"), "s", step, missing=missing)
    name = gettext("Reference %(number)s") % {"number": which.removeprefix("reference-")}
    return Figure(which, name, "", step, missing=missing)  # references have no key of their own


def _why_missing(case: ReviewCase, viewer: User) -> str:
    if not getattr(case.edit, "result", None):
        return gettext("No picture came back.")
    if case.edit.owner_id == viewer.pk and case.has_picture:
        return gettext("Withheld from its author, and this is your own edit.")
    return _why_gone(case)


def _why_gone(case: ReviewCase) -> str:
    return "" if case.edit.status == Status.FILTERED else gettext("Released. Only its author sees it now.")
