"""What the studio's form shows of its fields for several edits of one press."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from edits.forms.batch_form import VARIED
from edits.forms.sources import Chosen, all_staged_behind
from edits.model_specs import ModelSpec
from edits.models import StagedUpload, User
from edits.views.source_card import fits_as_it_is

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

    @property
    def is_planned(self) -> bool:
        """One press would make several edits of each picture."""
        return self.is_open or self.variations != "1"


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


@dataclass(frozen=True)
class Picture:
    """One of several pictures in the form; ``reference`` is how the form names it.

    ``fits`` says whether the model takes it without a change of its shape.
    """

    reference: str
    name: str
    picture_url: str
    fits: bool


def pictures_of_batch(choices: Sequence[Chosen], *, owner: User, spec: ModelSpec) -> list[Picture]:
    """Those that were uploaded and still exist, where there are several.  One query at most."""
    rows = all_staged_behind(choices, owner=owner) if len(choices) > 1 else {}
    return [picture_of_staged(row, spec=spec) for choice in choices if (row := rows.get(choice))]


def picture_of_staged(row: StagedUpload, *, spec: ModelSpec) -> Picture:
    """One that was uploaded and is in no edit yet."""
    return Picture(
        reference=str(Chosen("upload", str(row.public_id))),
        name=row.name,
        picture_url=reverse("edits:staged_upload_width", args=[row.public_id, 320]),
        fits=fits_as_it_is(row, spec=spec),
    )
