"""What differs between the edits of a batch, in words for people."""

from collections.abc import Sequence

from django.utils.translation import gettext, ngettext, pgettext

from edits.http.humanize import grouped
from edits.models import Batch

BETWEEN = " × "
Axis = tuple[str, Sequence[str]]


def axes_of(batch: Batch) -> list[Axis]:
    """Names and values of the axes as they were stored."""
    return [(str(name), [str(value) for value in values]) for name, values in batch.axes]


def value_words(name: str, value: str) -> str:
    """One value of an axis: Seed 77 120, 28 steps, guidance 4."""
    if name == "seed" and value.isdigit():
        return gettext("Seed %(seed)s") % {"seed": grouped(int(value))}
    if name == "steps":
        return ngettext("%(steps)s step", "%(steps)s steps", int(value)) % {"steps": value}
    if name == "cfg_scale":
        return gettext("Guidance %(value)s") % {"value": value}
    if name == "variation":
        return gettext("Variation %(number)s") % {"number": value}
    return value.replace("x", "×") if name == "size" else value


def batch_words(batch: Batch, *, number: int) -> str:
    """10 pictures × 4 seeds; 40 edits where each was described by itself.  Pictures come first."""
    axes = sorted(axes_of(batch), key=lambda axis: axis[0] != "picture")
    counted = [_counted(name, len(values)) for name, values in axes]
    if counted:
        return BETWEEN.join(counted)
    return ngettext("%(number)s edit", "%(number)s edits", number) % {"number": number}


def _counted(name: str, number: int) -> str:
    words = {
        "picture": lambda: ngettext("%(number)s picture", "%(number)s pictures", number),
        "seed": lambda: ngettext("%(number)s seed", "%(number)s seeds", number),
        "variation": lambda: ngettext("%(number)s variation", "%(number)s variations", number),
        "model": lambda: ngettext("%(number)s model", "%(number)s models", number),
        "prompt": lambda: ngettext("%(number)s prompt", "%(number)s prompts", number),
        "size": lambda: ngettext("%(number)s size", "%(number)s sizes", number),
        "steps": lambda: pgettext("axis of a grid", "%(number)s × steps"),
        "cfg_scale": lambda: pgettext("axis of a grid", "%(number)s × guidance"),
    }
    return words[name]() % {"number": number}
