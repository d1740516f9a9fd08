"""The steps of a recipe as a form: each checked as the studio checks an edit, but for its picture.

prompt_1, model_1, steps_1 …   the fields of the first step; a blank model is the default on the day of the run
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edits.edit_call import EXTRAS
from edits.forms.edit_form import EditForm
from edits.models import ProviderModel, User
from edits.models.recipes import MOST_NAME_CHARS, MOST_RECIPE_STEPS
from edits.services.recipes.steps import ReadyStep, RecipeStep

OPTIONS = ("prompt", "size", "steps", "cfg_scale", "seed", *EXTRAS)
NO_NAME = _("Give the recipe a name.")


class StepForm(EditForm):
    """One step: its model, prompt and options."""

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        owner: User,
        target: ProviderModel | None = None,
        lenient: bool = True,
    ) -> None:
        super().__init__(data, owner=owner, target=target, lenient=lenient)
        for name in [name for name in self.fields if name not in (*OPTIONS, "model")]:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data

    def to_step(self) -> RecipeStep:
        """The step as it is kept.  Valid forms only."""
        is_named = bool(str(self.data.get("model", "")).strip())
        return RecipeStep(self.to_options(), self.target.full_id if is_named else "")


def fields_of_step(step: RecipeStep) -> dict[str, str]:
    """The step as a form would send it."""
    values = {name: value for name, value in asdict(step.options).items() if value not in (None, "")}
    return {"model": step.model, **{name: _plain(value) for name, value in values.items()}}


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


class RecipeForm:
    """The steps that a page sends, in their order; ``change`` adds or removes one without saving anything."""

    def __init__(self, steps: Sequence[Mapping[str, str]], *, owner: User) -> None:
        self.steps = [StepForm(step, owner=owner) for step in steps]

    @classmethod
    def of_data(cls, data: Mapping[str, str], *, owner: User) -> "RecipeForm":
        """As it was sent, with a step more or less where a button asked for it."""
        numbers = [number for number in range(1, MOST_RECIPE_STEPS + 1) if f"prompt_{number}" in data]
        steps = [_fields_of(data, number) for number in numbers if data.get("remove") != str(number)]
        if "add" in data and len(steps) < MOST_RECIPE_STEPS:
            steps.append({"model": steps[-1].get("model", "") if steps else "", "prompt": ""})
        return cls(steps, owner=owner)

    @classmethod
    def of_steps(cls, steps: Sequence[RecipeStep], *, owner: User) -> "RecipeForm":
        """As they were saved."""
        return cls([fields_of_step(step) for step in steps], owner=owner)

    def is_valid(self) -> bool:
        """Whether there is a step, and each is one that could be sent."""
        return bool(self.steps) and all([step.is_valid() for step in self.steps])

    def to_steps(self) -> list[RecipeStep]:
        """Valid forms only."""
        return [step.to_step() for step in self.steps]


def _fields_of(data: Mapping[str, str], number: int) -> dict[str, str]:
    names = ("model", *OPTIONS)
    return {name: data[f"{name}_{number}"] for name in names if f"{name}_{number}" in data}


class NameForm(forms.Form):
    """What a recipe is called."""

    name = forms.CharField(max_length=MOST_NAME_CHARS, error_messages={"required": NO_NAME})


def check_ready(steps: Sequence[ReadyStep], *, owner: User) -> None:
    """Each step by the form of its model, as it is sent today.  Raises ValidationError with the first problem."""
    for number, step in enumerate(steps, start=1):
        fields = fields_of_step(RecipeStep(step.options, step.model.full_id))
        form = StepForm(fields, owner=owner, target=step.model)
        if not form.is_valid():
            sentence = next(iter(form.errors.values()))[0]
            values = {"number": number, "sentence": sentence}
            raise ValidationError(gettext("Step %(number)s: %(sentence)s") % values, code="invalid")
