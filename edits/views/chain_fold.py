"""Folds a chain of edits into one: the first source, all prompts in their order, the options of the last step.

It only fills the studio's form; nothing is stored or sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy

from edits.forms.joined_prompts import join_prompts
from edits.forms.sources import reusable
from edits.models import EditReference, EditRequest, MergeKind, User
from edits.services.queue.sources import EDITED, merged_of

MOST_STEPS = 20
ONLY_ONE = gettext_lazy("This edit is the first of its chain, so there is nothing to fold.")
TOO_MANY = gettext_lazy("This chain has more than %(most)s edits; that is too long to fold into one prompt.")
NO_FIRST_SOURCE = gettext_lazy(
    "The chain cannot be folded: its first picture was deleted or is not shared with you."
)


class CannotFold(Exception):
    """Why a chain cannot be folded, as a sentence for the person."""


@dataclass(frozen=True)
class Fold:
    """``first`` has the source, ``last`` the options; ``steps`` is how many edits become one.

    ``leaves_out`` says that steps had regions or masks, or earlier ones further pictures, which no prompt can say.
    """

    first: EditRequest
    last: EditRequest
    prompt: str
    steps: int
    leaves_out: bool


def fold_of(last: EditRequest, *, owner: User) -> Fold:
    """The chain that ends with this edit, which ``owner`` may use; one query for each step before it.

    Raises CannotFold.
    """
    steps = [last]
    while steps[0].parent_id is not None:
        if len(steps) == MOST_STEPS:
            raise CannotFold(TOO_MANY % {"most": MOST_STEPS})
        parent = reusable(owner).filter(pk=steps[0].parent_id).first()
        if parent is None:
            raise CannotFold(NO_FIRST_SOURCE)
        steps.insert(0, parent)
    first = steps[0]
    if first.source_name.endswith(EDITED) or not (first.owner_id == owner.pk or first.source_is_shared):
        raise CannotFold(NO_FIRST_SOURCE)
    if first == last:
        raise CannotFold(ONLY_ONE)
    prompt = join_prompts(step.prompt for step in steps)
    return Fold(first, last, prompt, len(steps), leaves_out=_leaves_out(steps))


def is_chained_twice(behind: EditRequest | None, *, owner: User) -> bool:
    """Whether the edit whose result is a source was itself made of a result, as far as ``owner`` may know."""
    if behind is None or (behind.is_private_to(owner) or not behind.source_is_open_to(owner)):
        return False
    return behind.parent_id is not None or behind.source_name.endswith(EDITED)


def too_long_words(prompt: str, *, most: int) -> str:
    """What to do about a joined prompt that the model does not take; blank for one that it takes."""
    if len(prompt) <= most:
        return ""
    sentence = gettext(
        "Together they have %(number)s characters; this model takes %(most)s, so shorten them."
    )
    return sentence % {"number": len(prompt), "most": most}


def _leaves_out(steps: Sequence[EditRequest]) -> bool:
    for step in steps:
        merged = merged_of(step)
        if step.mask_id or (merged and merged.kind == MergeKind.REGION):
            return True
    return EditReference.objects.filter(edit__in=steps[:-1]).exists()
