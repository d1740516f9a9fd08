"""What a batch is to be made of: its edits in the order in which they are sent, and what differs between them.

    one picture  × 2 to 9 seeds, several models, or a grid of two options with at most 36 cells
    200 pictures × nothing else, or seeds, models or the values of one option, with at most 200 edits in all

The pictures are the last axis, which changes fastest: a wrong prompt shows after one edit of each picture.
Pure values; knows no table but the rows that they name.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Literal

from edits.edit_call import EditOptions
from edits.model_specs import MAX_SEED
from edits.models import ProviderModel
from edits.models.batches import MOST_EDITS
from edits.services.queue.inserting import PicturesOfEdit
from edits.services.queue.sources import Source

MOST_SEEDS = 9
MOST_CELLS = 36
AxisName = Literal["picture", "seed", "variation", "model", "prompt", "steps", "cfg_scale", "size"]
OPTIONS: tuple[AxisName, ...] = ("prompt", "steps", "cfg_scale", "size")


class BadPlan(Exception):
    """The edits cannot be one batch.  ``code`` says why: too_many, too_many_cells, too_many_axes, empty."""

    def __init__(self, code: Literal["too_many", "too_many_cells", "too_many_axes", "empty"]) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class PlannedEdit:
    """One edit as it will be sent, but for a seed that is still to be drawn."""

    model: ProviderModel
    pictures: PicturesOfEdit
    options: EditOptions
    seed_is_drawn: bool = False
    """The seed in the options was drawn for the whole batch, not asked for."""


@dataclass(frozen=True)
class Axis:
    """What differs between the edits, and its values: a label for people with what it stands for."""

    name: AxisName
    choices: tuple[tuple[str, Any], ...]

    @property
    def labels(self) -> list[str]:
        """The values as people read them."""
        return [label for label, _ in self.choices]


@dataclass(frozen=True)
class BatchPlan:
    """The edits of a batch in their order, and its axes; none where each edit was described by itself."""

    edits: tuple[PlannedEdit, ...]
    axes: tuple[Axis, ...] = ()

    @classmethod
    def of_list(cls, edits: Iterable[PlannedEdit]) -> "BatchPlan":
        """Edits that have nothing in common.  Raises BadPlan."""
        listed = tuple(edits)
        _check_number(len(listed))
        return cls(listed)

    @classmethod
    def of_axes(cls, first: PlannedEdit, axes: Sequence[Axis]) -> "BatchPlan":
        """All combinations of the axes' values, the last axis changing fastest; ``first`` gives what they share.

        Raises BadPlan, and BadImage and OSError where a picture has to be fitted to another model.
        """
        check_axes(axes)
        ordered = sorted(axes, key=lambda axis: axis.name == "picture")
        edits = []
        for choices in product(*(axis.choices for axis in ordered)):
            edit = first
            for axis, (_, value) in zip(ordered, choices, strict=True):
                edit = _CHANGES[axis.name](edit, value)
            edits.append(_fitted(edit, first=first))
        return cls(tuple(edits), tuple(ordered))


def check_axes(axes: Sequence[Axis]) -> None:
    """Raises BadPlan for more than one batch may hold."""
    number = 1
    for axis in axes:
        number *= len(axis.choices)
    if len(axes) > 2:
        raise BadPlan("too_many_axes")
    if len(axes) == 2 and not any(axis.name == "picture" for axis in axes) and number > MOST_CELLS:
        raise BadPlan("too_many_cells")
    _check_number(number)


def _check_number(number: int) -> None:
    if number > MOST_EDITS:
        raise BadPlan("too_many")
    if number < 1:
        raise BadPlan("empty")


def seed_axis(count: int, *, first: int | None, draw: Callable[[], int]) -> Axis:
    """``count`` seeds: those that follow the given one, 1 after the largest, or drawn ones."""
    if first:
        seeds = [(first - 1 + distance) % MAX_SEED + 1 for distance in range(count)]
    else:
        drawn: dict[int, None] = {}
        while len(drawn) < count:
            drawn[draw()] = None
        seeds = list(drawn)
    return Axis("seed", tuple((str(seed), (seed, first is None)) for seed in seeds))


def variation_axis(count: int) -> Axis:
    """The same edit several times, for a model that takes no seed."""
    return Axis("variation", tuple((str(number), None) for number in range(1, count + 1)))


def picture_axis(sources: Iterable[Source]) -> Axis:
    """Each picture once, although the same one may have been chosen twice."""
    once = {source.picture.sha256: source for source in reversed(list(sources))}
    return Axis("picture", tuple((source.name[:255], source) for source in reversed(once.values())))


def model_axis(models: Iterable[ProviderModel]) -> Axis:
    """Each model once."""
    once = {model.full_id: model for model in models}
    return Axis("model", tuple((model.title, model) for model in once.values()))


def option_axis(name: AxisName, values: Iterable[Any]) -> Axis:
    """The values of one option, each once."""
    return Axis(name, tuple((_plain(value), value) for value in dict.fromkeys(values)))


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _with_picture(edit: PlannedEdit, source: Source) -> PlannedEdit:
    return replace(edit, pictures=replace(edit.pictures, source=source))


def _with_seed(edit: PlannedEdit, seed: tuple[int, bool]) -> PlannedEdit:
    return replace(edit, options=replace(edit.options, seed=seed[0]), seed_is_drawn=seed[1])


def _with_model(edit: PlannedEdit, model: ProviderModel) -> PlannedEdit:
    return replace(edit, model=model)


def _with_option(name: str) -> Callable[[PlannedEdit, Any], PlannedEdit]:
    return lambda edit, value: replace(edit, options=replace(edit.options, **{name: value}))


def _as_it_is(edit: PlannedEdit, value: object) -> PlannedEdit:
    return edit


_CHANGES: dict[AxisName, Callable[[PlannedEdit, Any], PlannedEdit]] = {
    "picture": _with_picture,
    "seed": _with_seed,
    "variation": _as_it_is,
    "model": _with_model,
    **{name: _with_option(name) for name in OPTIONS},
}


def _fitted(edit: PlannedEdit, *, first: PlannedEdit) -> PlannedEdit:
    """Within the limits of its model, where that is not the one that the form was filled in for."""
    if edit.model == first.model:
        return edit
    spec, pictures = edit.model.spec, edit.pictures
    references = tuple(each.fitted(spec) for each in pictures.references[: spec.max_pictures - 1])
    return replace(
        edit,
        pictures=PicturesOfEdit(pictures.source.fitted(spec), references),
        options=spec.fitted(edit.options),
    )
