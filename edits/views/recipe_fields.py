"""The fields of one step of a recipe in the editor, with what was entered and what is wrong."""

from dataclasses import dataclass

from edits.forms.edit_form import choices_of
from edits.forms.recipe_steps import OPTIONS, StepForm
from edits.http.humanize import plain
from edits.views.recipe_words import OPTION_NAMES


@dataclass(frozen=True)
class OptionField:
    """One option: a choice where it has ``choices``, otherwise text.  ``usual`` is what an empty one means."""

    name: str
    label: str
    value: str
    usual: str
    choices: tuple[str, ...]
    is_number: bool
    is_long: bool
    errors: list[str]


@dataclass(frozen=True)
class StepFields:
    """A step with its options; errors only after a press that needs it to be right."""

    form: StepForm
    number: int
    is_checked: bool

    @property
    def prompt(self) -> str:
        """As it was entered."""
        return str(self.form.data.get("prompt", ""))

    @property
    def model(self) -> str:
        """The id that was chosen; blank for the default on the day of a run."""
        return str(self.form.data.get("model", ""))

    @property
    def gone_model(self) -> str:
        """The id that was chosen, where it is no longer offered."""
        return self.model if self.form.model_error else ""

    @property
    def prompt_errors(self) -> list[str]:
        """What is wrong with the prompt."""
        return self._errors_of("prompt")

    @property
    def model_errors(self) -> list[str]:
        """What is wrong with the model."""
        return self._errors_of("model")

    @property
    def has_wrong_option(self) -> bool:
        """Whether the options have to be unfolded."""
        return any(option.errors for option in self.options)

    @property
    def options(self) -> list[OptionField]:
        """What the model takes beside the prompt."""
        words = {"size": self.form.spec.sizes} | choices_of(self.form.spec)
        names = [name for name in OPTIONS if name in self.form.fields and name != "prompt"]
        return [self._option(name, words.get(name, ())) for name in names if name != "size" or words["size"]]

    def _option(self, name: str, choices: tuple[str, ...]) -> OptionField:
        return OptionField(
            f"{name}_{self.number}",
            str(OPTION_NAMES[name]),
            str(self.form.data.get(name, "")),
            self._usual(name),
            choices,
            is_number=name in ("steps", "cfg_scale", "seed"),
            is_long=name == "negative_prompt",
            errors=self._errors_of(name),
        )

    def _usual(self, name: str) -> str:
        spec = self.form.spec
        bounds = {"steps": spec.steps, "cfg_scale": spec.cfg_scale}.get(name)
        return plain(bounds.default) if bounds else spec.default_size if name == "size" else ""

    def _errors_of(self, name: str) -> list[str]:
        return [str(error) for error in self.form.errors.get(name, ())] if self.is_checked else []
