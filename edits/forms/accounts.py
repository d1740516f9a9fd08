"""What people type to get an account, to sign in, and to describe themselves."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, SignupForm
from allauth.account.utils import filter_users_by_email
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import QueryDict

from edits.forms.passwords import STRENGTH_HINT, drop_placeholders
from edits.models import Role, User
from edits.services.team.setting_up import is_setup_code

NAME_HINT = "What others see. Your username if you leave it open."
USERNAME = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}


class NameField(forms.CharField):
    """How a person wants to be called."""

    def __init__(self) -> None:
        attrs = {"autocomplete": "name"}
        super().__init__(
            label="Your name",
            required=False,
            max_length=User._meta.get_field("first_name").max_length,
            help_text=NAME_HINT,
            widget=forms.TextInput(attrs=attrs),
        )


class SetupForm(forms.Form):
    """The first account, for whoever holds the code."""

    code = forms.CharField(
        label="One-time code",
        max_length=64,
        help_text="The start of Retake printed it, in the terminal or the log.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
    )
    username = forms.CharField(max_length=150, widget=forms.TextInput(attrs=USERNAME))
    name = NameField()
    email = forms.EmailField(
        required=False, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        strip=False,
        help_text=STRENGTH_HINT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_code(self) -> str:
        """Only the code that this installation printed."""
        if not is_setup_code(self.cleaned_data["code"]):
            raise ValidationError(
                "This is not the code. Use the link that the start printed, or copy it anew."
            )
        return self.cleaned_data["code"]

    def clean_username(self) -> str:
        """As Django wants usernames."""
        return get_adapter().clean_username(self.cleaned_data["username"])

    def clean(self) -> dict[str, Any]:
        """A password that is not easy to guess, not even for who knows the rest of the form."""
        data = self.cleaned_data
        if "password" in data:
            person = User(username=data.get("username", ""), email=data.get("email", ""))
            try:
                validate_password(data["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return data


class JoinForm(SignupForm):
    """A new member's account; the invitation decides the role."""

    name = NameField()
    field_order = ("username", "name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drop_placeholders(self)
        self.fields["username"].widget.attrs |= USERNAME
        self.fields["email"].label = "Email"
        self.fields["password1"].help_text = STRENGTH_HINT

    def clean(self) -> dict[str, Any]:
        """allauth saves ``first_name``; a name is one field here."""
        data = super().clean()
        data["first_name"] = data.get("name", "")
        return data


class SignInForm(LoginForm):
    """Username or email, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drop_placeholders(self)
        self.fields["login"].label = "Username or email"
        self.fields["login"].widget.attrs |= USERNAME
        self.fields["password"].help_text = ""


class ProfileForm(forms.Form):
    """What a person says of themselves."""

    name = NameField()
    email = forms.EmailField(
        required=False,
        max_length=254,
        help_text="Only for signing in and for a forgotten password.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    shortcuts = forms.BooleanField(
        label="Single-letter shortcuts",
        required=False,
        help_text="Keys like r for re-run. Shortcuts with Ctrl or ⌘ work either way.",
    )

    def __init__(self, data: QueryDict | None = None, *, person: User) -> None:
        self.person = person
        initial = {"name": person.get_full_name(), "email": person.email, "shortcuts": person.shortcuts}
        super().__init__(data, initial=initial)

    def clean_email(self) -> str:
        """Nobody else's: people sign in with it."""
        email = self.cleaned_data["email"].lower()
        if email and any(other.pk != self.person.pk for other in filter_users_by_email(email)):
            raise get_adapter().validation_error("email_taken")
        return email


class InvitationForm(forms.Form):
    """Whom to let in, as what, for how long."""

    note = forms.CharField(
        label="For whom", required=False, max_length=100, help_text="Only administrators see this."
    )
    role = forms.ChoiceField(choices=Role.choices, initial=Role.MEMBER)
    days = forms.IntegerField(
        label="Valid for days", min_value=1, max_value=30, initial=7, help_text="1 to 30."
    )


class RoleForm(forms.Form):
    """One person's new role."""

    role = forms.ChoiceField(choices=Role.choices)
