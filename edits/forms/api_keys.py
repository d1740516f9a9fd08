"""What members choose for an API key: a name, what it may do, until when, and how often."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from edits.models import CALLS_PER_MINUTE, MOST_CALLS_PER_MINUTE, ApiKey, User

MOST_KEYS = 50
"""How many one person may have in use: enough for every script, and a list that can be read."""
NEVER = "never"
LASTS = [("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year")), (NEVER, _("Never"))]


def _days(choice: str) -> int | None:
    return None if choice == NEVER else int(choice)


class ApiKeyForm(forms.Form):
    """One new key; what comes out is what ``make_api_key`` takes."""

    name = forms.CharField(
        max_length=ApiKey._meta.get_field("name").max_length,
        label=_("Name"),
        error_messages={"required": _("Enter a name.")},
        help_text=_("The script or machine that uses it, for example."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    per_minute = forms.IntegerField(
        label=_("Calls per minute"),
        min_value=1,
        max_value=MOST_CALLS_PER_MINUTE,
        initial=CALLS_PER_MINUTE,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    can_edit = forms.BooleanField(
        label=_("Make edits"), required=False, initial=True, help_text=_("And re-run and cancel them.")
    )
    can_read = forms.BooleanField(
        label=_("Read edits"), required=False, initial=True, help_text=_("List and view them.")
    )
    days = forms.TypedChoiceField(
        label=_("Expires after"), choices=LASTS, coerce=_days, initial="90", widget=forms.RadioSelect
    )

    def __init__(self, data: QueryDict | None = None, *, owner: User) -> None:
        super().__init__(data, auto_id="id_key_%s")
        self.owner = owner

    def clean(self) -> dict[str, Any]:
        """A key has a permission, and there are not too many."""
        data = super().clean() or self.cleaned_data
        if not (data.get("can_edit") or data.get("can_read")):
            self.add_error("can_edit", _("Choose at least one permission."))
        if ApiKey.objects.of(self.owner).usable(timezone.now()).count() >= MOST_KEYS:
            raise ValidationError(
                _("You have %(most)s keys, which is the limit. Revoke one you no longer need first."),
                params={"most": MOST_KEYS},
                code="too_many",
            )
        return data
