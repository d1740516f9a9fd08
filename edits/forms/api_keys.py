"""What members choose for a key of the API: a name, what it may do, until when, and how often."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from edits.models import CALLS_PER_MINUTE, MOST_CALLS_PER_MINUTE, ApiKey, User

MOST_KEYS = 50
"""How many one person may have in use: enough for every script, and a list that can be read."""
NEVER = "never"
LASTS = [("30", "30 days"), ("90", "90 days"), ("365", "1 year"), (NEVER, "For ever")]


def _days(choice: str) -> int | None:
    return None if choice == NEVER else int(choice)


class ApiKeyForm(forms.Form):
    """One new key; what comes out is what ``make_api_key`` takes."""

    name = forms.CharField(
        max_length=ApiKey._meta.get_field("name").max_length,
        error_messages={"required": "Give it a name."},
        help_text="To tell it from others: the script or the machine that it is for.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    per_minute = forms.IntegerField(
        label="Calls a minute",
        min_value=1,
        max_value=MOST_CALLS_PER_MINUTE,
        initial=CALLS_PER_MINUTE,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    can_edit = forms.BooleanField(
        label="Make edits", required=False, initial=True, help_text="Also re-run and cancel them."
    )
    can_read = forms.BooleanField(
        label="Read edits", required=False, initial=True, help_text="List them and look at them."
    )
    days = forms.TypedChoiceField(
        label="It lasts", choices=LASTS, coerce=_days, initial="90", widget=forms.RadioSelect
    )

    def __init__(self, data: QueryDict | None = None, *, owner: User) -> None:
        super().__init__(data, auto_id="id_key_%s")
        self.owner = owner

    def clean(self) -> dict[str, Any]:
        """A key opens something, and there are not too many."""
        data = super().clean() or self.cleaned_data
        if not (data.get("can_edit") or data.get("can_read")):
            self.add_error("can_edit", "Choose one of them, or both.")
        if ApiKey.objects.of(self.owner).usable(timezone.now()).count() >= MOST_KEYS:
            raise ValidationError(
                f"You have {MOST_KEYS} keys in use. Revoke one that you no longer need first."
            )
        return data
