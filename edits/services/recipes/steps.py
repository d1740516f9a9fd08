"""The steps of a recipe as values: from JSON and back, from a chain of edits, and fitted to today's models."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from edits.edit_call import EditOptions
from edits.models import EditRequest, ProviderModel
from edits.models.recipes import MOST_RECIPE_STEPS
from edits.services.provider.choosing import UnknownModel, find_model


@dataclass(frozen=True)
class RecipeStep:
    """What one step asks for.  ``model`` is a ``provider/model``; blank: the default model on the day of the run."""

    options: EditOptions
    model: str = ""

    def to_json(self) -> dict[str, Any]:
        """As versions and runs keep it: only what is given."""
        given = {name: value for name, value in asdict(self.options).items() if value not in (None, "")}
        return given | ({"model": self.model} if self.model else {})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "RecipeStep":
        """The step that ``to_json`` wrote."""
        options = {name: value for name, value in data.items() if name != "model"}
        return cls(EditOptions(**options), data.get("model", ""))


@dataclass(frozen=True)
class ReadyStep:
    """A step with the model that it is sent to now; ``is_gone``: that is another one than it names.

    ``options`` are fitted to the model.
    """

    asked: RecipeStep
    model: ProviderModel
    options: EditOptions
    is_gone: bool

    @property
    def is_changed(self) -> bool:
        """Whether something else is sent than was asked for: another model, or another option."""
        return self.is_gone or self.left_out != []

    @property
    def left_out(self) -> list[str]:
        """The names of the options that were given and are not sent as they were."""
        asked, fitted = asdict(self.asked.options), asdict(self.options)
        return [name for name, value in asked.items() if value not in (None, "") and fitted[name] != value]

    def to_step(self) -> RecipeStep:
        """The step with its model, as a run keeps it: tomorrow's default does not change its later steps."""
        return RecipeStep(self.options, self.model.full_id)


def steps_to_json(steps: Iterable[RecipeStep]) -> list[dict[str, Any]]:
    """As versions and runs keep them."""
    return [step.to_json() for step in steps]


def steps_from_json(rows: Iterable[dict[str, Any]]) -> list[RecipeStep]:
    """The steps in their order."""
    return [RecipeStep.from_json(row) for row in rows]


def ready_steps(steps: Iterable[RecipeStep]) -> list[ReadyStep]:
    """Each step with its model, or with today's default where its own is not offered any more."""
    return [_ready(step) for step in steps]


def offered_model(name: str) -> ProviderModel | None:
    """The model with this ``provider/model``, if members may choose it now; the default for a blank one."""
    try:
        return find_model(name)
    except UnknownModel:
        return None


def _ready(step: RecipeStep) -> ReadyStep:
    own = offered_model(step.model)
    model = own or find_model("")
    return ReadyStep(step, model, model.spec.fitted(step.options), is_gone=own is None)


def step_of(edit: EditRequest) -> RecipeStep:
    """What was asked of an edit.  A seed that was drawn is not part of it, nor are its pictures."""
    options = replace(edit.options, seed=None) if edit.seed_is_drawn else edit.options
    return RecipeStep(options, f"{edit.provider.slug}/{edit.model}")


def chain_of(edit: EditRequest, *, owner_id: int) -> list[EditRequest]:
    """The edits that led to this one, the first first, and it at the end.

    Only those of one owner, and at most as many as a recipe has steps.  One query for each.
    """
    chain = [edit]
    while chain[0].parent_id and len(chain) < MOST_RECIPE_STEPS:
        mine = EditRequest.objects.not_trashed().filter(pk=chain[0].parent_id)
        parent = (mine.filter(owner=owner_id) | mine.shared()).select_related("provider").first()
        if parent is None:
            break
        chain.insert(0, parent)
    return chain


def is_kept_whole(edit: EditRequest) -> bool:
    """Whether a recipe keeps all of the edit: it had no references, no mask and no region."""
    return not (edit.mask_id or (edit.original_id and hasattr(edit, "merged")) or edit.references.exists())


def edits_in(steps: Sequence[object], *, pictures: int) -> int:
    """How many edits a run makes."""
    return len(steps) * pictures
