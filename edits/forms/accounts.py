"""What people type to get an account, to sign in, and to describe themselves."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, SignupForm
from allauth.account.utils import filter_users_by_email
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from edits.folding import fold
from edits.forms.languages import LanguageField
from edits.forms.passwords import STRENGTH_HINT, drop_placeholders
from edits.models import Role, User
from edits.services.team.first_run import is_setup_code
from edits.time_zones import MOST_CHARS, choices, known_name, title_of

NAME_HINT = _("Shown to others. If empty, your username is shown.")
USERNAME = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}


class NameField(forms.CharField):
    """How a person wants to be called."""

    def __init__(self) -> None:
        attrs = {"autocomplete": "name"}
        super().__init__(
            label=_("Your name"),
            required=False,
            max_length=User._meta.get_field("first_name").max_length,
            help_text=NAME_HINT,
            widget=forms.TextInput(attrs=attrs),
        )


class BrowserZoneField(forms.CharField):
    """The time zone of the browser, which a script fills in; blank without one, and where it is unknown here."""

    def __init__(self) -> None:
        attrs = {"data-browser-zone": "", "autocomplete": "off"}
        super().__init__(required=False, widget=forms.HiddenInput(attrs=attrs))

    def clean(self, value: Any) -> str:
        return known_name(str(value or "")[:MOST_CHARS])


class BrowserZoneForm(forms.Form):
    """The time zone that came along with another form, or by itself."""

    time_zone = BrowserZoneField()

    @property
    def zone(self) -> str:
        """Its name; blank where it was not given."""
        return str(self.cleaned_data["time_zone"]) if self.is_valid() else ""


class SetupForm(forms.Form):
    """The first account, for the person who has the setup code."""

    code = forms.CharField(
        label=_("One-time code"),
        max_length=64,
        help_text=_("Retake printed it to the terminal or log when it started."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
    )
    username = forms.CharField(label=_("Username"), max_length=150, widget=forms.TextInput(attrs=USERNAME))
    name = NameField()
    email = forms.EmailField(
        label=_("Email"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=STRENGTH_HINT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    time_zone = BrowserZoneField()

    def clean_code(self) -> str:
        """Only the code that this installation printed."""
        if not is_setup_code(self.cleaned_data["code"]):
            raise ValidationError(
                _("Wrong code. Use the link that Retake printed when it started, or copy the code again.")
            )
        return self.cleaned_data["code"]

    def clean_username(self) -> str:
        """As Django wants usernames, and nobody else's."""
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
    time_zone = BrowserZoneField()
    field_order = ("username", "name", "email", "password1", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drop_placeholders(self)
        self.fields["username"].label = _("Username")
        self.fields["username"].widget.attrs |= USERNAME
        self.fields["email"].label = _("Email")
        self.fields["password1"].label = _("Password")
        self.fields["password1"].help_text = STRENGTH_HINT

    def clean_email(self) -> str:
        """Nobody else's: people sign in with it."""
        email: str = super().clean_email()
        if email and people_called(email):
            raise get_adapter().validation_error("email_taken")
        return email

    def clean(self) -> dict[str, Any]:
        """allauth saves ``first_name``; a name is one field here."""
        data = super().clean()
        data["first_name"] = data.get("name", "")
        return data


def people_called(address: str) -> list[User]:
    """Those who sign in with this address: it is theirs, or their username since before addresses were refused."""
    named = User.objects.filter(username_folded=fold(address))
    return [*filter_users_by_email(address), *named]


class SignInForm(LoginForm):
    """Username or email, and password."""

    time_zone = BrowserZoneField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drop_placeholders(self)
        self.fields["login"].label = _("Username or email")
        self.fields["login"].widget.attrs |= USERNAME
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""

    def clean_login(self) -> str:
        """A username in its own spelling, however it was typed; an address, and what nobody is called, as it is."""
        typed: str = super().clean_login()
        if "@" in typed:
            return typed
        try:
            return User.objects.get_by_natural_key(typed).username
        except User.DoesNotExist:
            return typed


class LongSelect(forms.Select):
    """A choice of hundreds, whose options take one template together and no attributes of their own."""

    template_name = "widgets/long_select.html"


class ZoneField(forms.ChoiceField):
    """In which zone a person reads times.  The present one can stay, even where this server lost it."""

    widget = LongSelect

    def __init__(self, *, now: str) -> None:
        server = title_of(timezone.get_default_timezone())
        regions = list(choices(timezone.now()))
        offered = {name for _, places in regions for name, _ in places}
        shown = now if known_name(now) else _("%(zone)s, unknown to this server") % {"zone": now}
        other = [(now, shown)] if now and now not in offered else []
        super().__init__(
            label=_("Time zone"),
            required=False,
            choices=[("", _("Same as the server (%(zone)s)") % {"zone": server}), *other, *regions],
            help_text=_(
                "For all times and dates you see. Budgets reset at midnight of the server's time zone."
            ),
        )


class ProfileForm(forms.Form):
    """What a person says of themselves."""

    name = NameField()
    email = forms.EmailField(
        label=_("Email"),
        required=False,
        max_length=254,
        help_text=_("Used only to sign in and to reset your password."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    shortcuts = forms.BooleanField(
        label=_("Single-letter shortcuts"),
        required=False,
        help_text=_("Keys such as R for re-run. Shortcuts with Ctrl or ⌘ always work."),
    )
    recipe_in_links = forms.BooleanField(
        label=_("Prompts in linked pictures"),
        required=False,
        help_text=_("Pictures that open through links, such as the API’s, contain their prompt and options."),
    )

    def __init__(self, data: QueryDict | None = None, *, person: User) -> None:
        self.person = person
        initial = {"name": person.get_full_name(), "email": person.email, "shortcuts": person.shortcuts}
        initial["recipe_in_links"] = person.recipe_in_links
        super().__init__(data, initial=initial | {"time_zone": person.time_zone, "language": person.language})
        self.fields["time_zone"] = ZoneField(now=person.time_zone)
        self.fields["language"] = LanguageField()

    def clean_email(self) -> str:
        """Nobody else's: people sign in with it."""
        email = self.cleaned_data["email"].lower()
        if email and any(other.pk != self.person.pk for other in people_called(email)):
            raise get_adapter().validation_error("email_taken")
        return email


class InvitationForm(forms.Form):
    """Whom to let in, as what, for how long."""

    note = forms.CharField(
        label=_("Note"), required=False, max_length=100, help_text=_("Only administrators see this.")
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MEMBER)
    days = forms.IntegerField(
        label=_("Valid for days"), min_value=1, max_value=30, initial=7, help_text=_("1 to 30.")
    )


class RoleForm(forms.Form):
    """One person's new role."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
