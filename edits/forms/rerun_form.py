"""What a program may send to run an edit again: the model, the seed, and how it wants the picture."""

from typing import Any, Literal

from django import forms

from edits.forms.api_form import ResponseFormatField
from edits.forms.fields import ExactInteger
from edits.model_specs import MAX_SEED

Seed = Literal["same", "new"] | int


class SeedField(ExactInteger):
    """``same``, ``new`` or a seed; 0 asks for a new one, as it does of an edit."""

    def __init__(self) -> None:
        super().__init__(least=0, most=MAX_SEED, name="The seed")

    def clean(self, value: Any) -> Any:
        text = str("" if value is None else value).strip().lower()
        if text in ("", "same"):
            return "same"
        return "new" if text == "new" else super().clean(text) or "new"


class RerunForm(forms.Form):
    """The model (empty: that of the edit), the seed and the form of the answer."""

    model = forms.CharField(required=False)
    seed = SeedField()
    response_format = ResponseFormatField()
