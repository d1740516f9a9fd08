"""The pictures on a case's page: what each is called, how far it is unveiled, and what comes next."""

from dataclasses import dataclass

from edits.models import ReviewCase, Status, User
from edits.services.reviewing import FULL, VEILED, Which

SHOWN_AS = ("grey and blurred", "small and grey", "small, in color", "full size")
NEXT_WORDS = ("Un-blur", "Show color", "Full size", "Blur again")


@dataclass(frozen=True)
class Figure:
    """One picture.  ``missing`` says why there is none; ``then`` is the step that the button leads to."""

    which: Which
    name: str
    key: str
    step: int
    missing: str = ""

    @property
    def shown_as(self) -> str:
        """How far the veil is lifted, in words."""
        return SHOWN_AS[self.step]

    @property
    def then(self) -> int:
        """The step after this one; after the last it is veiled again."""
        return VEILED if self.step == FULL else self.step + 1

    @property
    def then_words(self) -> str:
        """What the button for it says."""
        return NEXT_WORDS[self.step]

    @property
    def is_full(self) -> bool:
        """It is the stored picture itself."""
        return self.step == FULL


def figures_of(case: ReviewCase, *, viewer: User, steps: dict[str, int]) -> list[Figure]:
    """Source, result and references, each at its step of the veil."""
    references = case.edit.references.values_list("position", flat=True)
    return [
        figure_of(case, which=which, viewer=viewer, step=steps.get(which, VEILED))
        for which in ("source", "result", *(f"reference-{position}" for position in references))
    ]


def figure_of(case: ReviewCase, *, which: Which, viewer: User, step: int) -> Figure:
    """One of them."""
    if which != "result":  # references have no key of their own
        name, key = which.replace("-", " ").capitalize(), "s" if which == "source" else ""
        return Figure(which, name, key, step, missing=_why_gone(case))
    return Figure("result", "Withheld result", "v", step, missing=_why_missing(case, viewer))


def _why_missing(case: ReviewCase, viewer: User) -> str:
    if not getattr(case.edit, "result", None):
        return "No picture came back."
    if case.edit.owner_id == viewer.pk and case.has_picture:
        return "Withheld from its author, and this is your own edit."
    return _why_gone(case)


def _why_gone(case: ReviewCase) -> str:
    return "" if case.edit.status == Status.FILTERED else "Released. Only its author sees it now."
