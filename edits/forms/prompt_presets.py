"""The form of a preset: its name and prompt, and what else of an edit, a draft or the preset itself it keeps."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from edits.forms.fields import PromptField
from edits.models import EditRequest
from edits.models.prompt_presets import MOST_NAME_CHARS, MOST_PROMPT_CHARS
from edits.services.prompts.prompt_presets import PresetContent


class PresetForm(forms.Form):
    """``options`` and ``model`` are what can be kept, and ``examples`` the edits whose pictures can be shown."""

    name = forms.CharField(
        label=_("Name"), max_length=MOST_NAME_CHARS, error_messages={"required": _("Enter a name.")}
    )
    prompt = PromptField(max_chars=MOST_PROMPT_CHARS, label=_("Prompt"))
    keeps_options = forms.BooleanField(label=_("Keep the options"), required=False)
    keeps_model = forms.BooleanField(label=_("Keep the model"), required=False)
    example = forms.CharField(required=False)
    is_shared = forms.BooleanField(
        label=_("Share with the team"),
        help_text=_("The team sees its pictures only while their edit is shared too."),
        required=False,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        options: dict[str, str],
        model: str,
        examples: Sequence[EditRequest],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.options, self.model, self.examples = options, model, examples
        if not options:
            del self.fields["keeps_options"]
        if not model:
            del self.fields["keeps_model"]

    def clean_example(self) -> EditRequest | None:
        """One of ``examples``, or none.  Raises ValidationError for any other."""
        wanted = self.cleaned_data["example"]
        if not wanted:
            return None
        for edit in self.examples:
            if str(edit.public_id) == wanted:
                return edit
        raise ValidationError(_("Those pictures are no longer there. Choose others."), code="gone")

    def to_content(self) -> PresetContent:
        """What the preset is to say, once the form is valid."""
        given = self.cleaned_data
        return PresetContent(
            name=given["name"],
            prompt=given["prompt"],
            options=self.options if given.get("keeps_options") else {},
            model=self.model if given.get("keeps_model") else "",
            example=given["example"],
        )
