"""New passwords: allauth's forms in Retake's words."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, ResetPasswordForm, ResetPasswordKeyForm, SetPasswordForm
from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from edits.services.team.sign_ins import note_link_sent, note_new_password

STRENGTH_HINT = _("At least 8 characters, and not easy to guess.")


def drop_placeholders(form: forms.BaseForm) -> None:
    """A placeholder that repeats the label is read out twice, and gone once one types."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class InOurWords(forms.BaseForm):
    """Labels and the hint of a new password."""

    LABELS = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drop_placeholders(self)
        for name, field in self.fields.items():
            field.label = self.LABELS.get(name, field.label)
            field.help_text = STRENGTH_HINT if name == "password1" else ""


class ChangeForm(InOurWords, ChangePasswordForm):
    """For somebody who knows the old one."""

    def save(self) -> None:
        super().save()
        note_new_password(self.user, by_link=False, now=timezone.now())


class SetForm(InOurWords, SetPasswordForm):
    """For an account that has none."""

    def save(self) -> None:
        super().save()
        note_new_password(self.user, by_link=False, now=timezone.now())


class ResetForm(InOurWords, ResetPasswordForm):
    """Asks for a link by mail."""

    LABELS = {"email": _("Email")}

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        for user in self.users:
            note_link_sent(user, now=timezone.now())
        return str(super().save(request, **kwargs))


class ResetByLinkForm(InOurWords, ResetPasswordKeyForm):
    """For somebody who came by a link."""

    def save(self) -> None:
        super().save()
        note_new_password(self.user, by_link=True, now=timezone.now())
