"""What the studio's form shows of its fields for several edits of one press."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from edits.forms.batch_form import VARIED

BATCH_FIELDS = ("variations", "also_model", "vary_a", "vary_a_values", "vary_b", "vary_b_values")
USUAL = ("1", "2", "4", "6", "9")


@dataclass(frozen=True)
class Vary:
    """One option of a grid: the field's name, which option is chosen, and its values as they were typed."""

    name: str
    value: str
    values: str


@dataclass(frozen=True)
class BatchFields:
    """As they were entered; ``choices`` are the numbers of variations that can be chosen with one press."""

    variations: str
    choices: tuple[str, ...]
    also: Sequence[str]
    vary: tuple[Vary, Vary]
    options: tuple[tuple[str, Promise], ...] = tuple(VARIED.items())

    @property
    def is_open(self) -> bool:
        """Something was entered where it would be folded away."""
        return bool(self.also) or any(vary.values for vary in self.vary)


def batch_fields(entered: Mapping[str, Sequence[str]]) -> BatchFields:
    """The fields with what was entered; a number that has no button gets one."""

    def first(name: str, default: str = "") -> str:
        return next(iter(entered.get(name, ())), default)

    variations = first("variations", "1")
    choices = USUAL if variations in USUAL or not variations.isdigit() else (*USUAL, variations)
    return BatchFields(
        variations,
        tuple(sorted(choices, key=int)),
        entered.get("also_model", ()),
        (
            Vary("vary_a", first("vary_a", "steps"), first("vary_a_values")),
            Vary("vary_b", first("vary_b", "cfg_scale"), first("vary_b_values")),
        ),
    )
