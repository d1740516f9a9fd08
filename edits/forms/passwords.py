"""New passwords: allauth's forms in Retake's words."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, ResetPasswordForm, ResetPasswordKeyForm, SetPasswordForm
from django import forms

STRENGTH_HINT = "At least 8 characters, and not one that is easy to guess."


def drop_placeholders(form: forms.BaseForm) -> None:
    """A placeholder that repeats the label is read out twice, and gone once one types."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class InOurWords(forms.BaseForm):
    """Labels and the hint of a new password."""

    LABELS = {
        "oldpassword": "Current password",
        "password1": "New password",
        "password2": "New password again",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drop_placeholders(self)
        for name, field in self.fields.items():
            field.label = self.LABELS.get(name, field.label)
            field.help_text = STRENGTH_HINT if name == "password1" else ""


class ChangeForm(InOurWords, ChangePasswordForm):
    """For somebody who knows the old one."""


class SetForm(InOurWords, SetPasswordForm):
    """For an account that has none."""


class ResetForm(InOurWords, ResetPasswordForm):
    """Asks for a link by mail."""


class ResetByLinkForm(InOurWords, ResetPasswordKeyForm):
    """For somebody who came by a link."""
