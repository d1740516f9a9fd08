"""Finds the model that somebody asks for by its id."""

from collections import Counter
from collections.abc import Iterable

from edits.model_specs import STEP_1X_EDIT
from edits.models import ProviderModel

DOCUMENTED = STEP_1X_EDIT.name
"""StepFun's documentation page names it in every example, so it means the default where no provider offers it."""


class UnknownModel(Exception):
    """No offered model has this id, or several have.  ``ids`` are those that would do."""

    def __init__(self, *, ids: list[str], is_ambiguous: bool) -> None:
        super().__init__()
        self.ids, self.is_ambiguous = ids, is_ambiguous


def find_model(text: str) -> ProviderModel:
    """The offered model with this id, or with this ``provider/model``; the default for "".  Raises UnknownModel."""
    offered = ProviderModel.objects.all_offered()
    default = ProviderModel.objects.default_of(offered) or ProviderModel.objects.of_settings()
    if not text:
        return default
    named = [model for model in offered if text in (model.name, model.full_id)]
    if default in named or (not named and text == DOCUMENTED):
        return default
    if len(named) == 1:
        return named[0]
    ids = [model.full_id for model in named] or list(public_ids(offered).values())
    raise UnknownModel(ids=ids, is_ambiguous=bool(named))


def public_ids(models: Iterable[ProviderModel]) -> dict[int, str]:
    """By primary key, the shortest id that names each of these models: its own where it is the only one."""
    models = list(models)
    times = Counter(model.name for model in models)
    return {model.pk: model.name if times[model.name] == 1 else model.full_id for model in models}
