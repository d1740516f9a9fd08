"""What the address of the API's list of presets asks for: how many, and after which one."""

from django import forms

from edits.forms.edit_list import MOST_EDITS, EditId
from edits.forms.fields import ExactInteger


class PresetId(EditId):
    """The id of a preset."""

    default_error_messages = {"invalid": "This is not the id of a preset."}


class PresetListForm(forms.Form):
    """A page of presets, the newest first."""

    limit = ExactInteger(least=1, most=MOST_EDITS, name="limit", default=MOST_EDITS)
    after = PresetId()
