"""What administrators enter for a provider: where it is, its key and its limits.  Page and command share it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from edits.forms.fields import ExactInteger
from edits.forms.provider_fields import HostsField, KeyField, ProviderNameField, UrlField, VariableField
from edits.models import Provider
from edits.providers.addresses import Resolver, resolve
from edits.providers.presets import CHOICES, PRESETS, Preset
from edits.services.provider.changing import Key
from edits.services.provider.keys import encrypt_key, may_be_read, seal_key, unseal_key
from edits.services.provider.naming import is_taken
from edits.services.provider.url_check import BadUrl, judge_url, origin_of

NO_PRESET = _("Choose the kind of provider.")
NO_KEY = _("%(title)s needs a key.")
TAKEN = _("Another provider has this name.")
TWO_KEYS = _("Enter a key or the name of a variable, not both.")
OTHER_ORIGIN = _(
    "The URL leads to another server. Enter the key again: Retake does not send the stored one to another server."
)
ENTER_AGAIN = _("Enter the key again: it was entered for another server, or more than an hour ago.")
NOT_READABLE = _("The name of the variable must end in _API_KEY, and cannot be STEPFUN_API_KEY.")
ADVANCED = ("timeout_seconds", "max_concurrent", "max_per_minute", "result_hosts")
MOST_SECONDS, MOST_AT_ONCE, MOST_A_MINUTE = 3600, 100, 10_000


def _limit(label: str | Promise, name: str | Promise, most: int) -> ExactInteger:
    attrs = {"inputmode": "numeric", "autocomplete": "off"}
    return ExactInteger(least=1, most=most, name=name, label=label, widget=forms.TextInput(attrs=attrs))


class KeyForm(forms.Form):
    """A key, or the environment variable that holds it."""

    key = KeyField(
        label=pgettext_lazy("of a provider", "Key"), help_text=_("Stored encrypted and never shown again.")
    )
    key_variable = VariableField(
        label=_("Environment variable"),
        help_text=_("Its name, such as SECOND_API_KEY. Retake then does not store the key."),
    )

    def clean_key_variable(self) -> str:
        """Only names under which keys are read."""
        name: str = self.cleaned_data["key_variable"]
        if name and not may_be_read(name):
            raise ValidationError(NOT_READABLE)
        return name

    def clean(self) -> dict[str, Any]:
        """Not both."""
        if self.cleaned_data.get("key") and self.cleaned_data.get("key_variable"):
            self.add_error("key", TWO_KEYS)
        return self.cleaned_data

    @property
    def wanted_key(self) -> Key:
        """As it is stored."""
        return Key(encrypt_key(self.cleaned_data["key"]), self.cleaned_data["key_variable"])


class ConnectionForm(KeyForm):
    """Where a provider is and what it allows; empty fields get the values of its preset."""

    name = ProviderNameField(label=_("Name"))
    url = UrlField(label="URL")
    is_private = forms.BooleanField(
        required=False,
        label=_("This is my own server: it may be on a private network and use plain http"),
    )
    timeout_seconds = _limit(_("Timeout"), _("The timeout"), MOST_SECONDS)
    max_concurrent = _limit(_("Calls at once"), _("Calls at once"), MOST_AT_ONCE)
    max_per_minute = _limit(_("Calls a minute"), _("Calls a minute"), MOST_A_MINUTE)
    result_hosts = HostsField(
        label=_("Result hosts"),
        help_text=_(
            "Hosts on private networks that result links may lead to, as host:port, separated by spaces."
        ),
    )

    def __init__(
        self,
        data: QueryDict | dict[str, Any] | None = None,
        *,
        look_up: Resolver = resolve,
        **options: Any,
    ) -> None:
        super().__init__(data, auto_id="id_provider_%s", **options)
        self.look_up = look_up
        preset = self.kind
        for name, usual in (
            ("url", preset.url),
            ("timeout_seconds", preset.timeout_seconds),
            ("max_concurrent", preset.concurrent),
            ("max_per_minute", preset.per_minute),
        ):
            self.fields[name].widget.attrs["placeholder"] = usual

    @property
    def kind(self) -> Preset:
        """The preset of the provider; "other" while none is chosen."""
        return PRESETS["other"]

    def judge(self) -> str:
        """The URL as it is stored, "" with an error on its field where nothing may be sent there."""
        preset = self.kind
        text = self.cleaned_data.get("url") or (preset.url if preset.is_hosted else "")
        try:
            return judge_url(
                text, is_private=self.cleaned_data.get("is_private", False), look_up=self.look_up
            ).text
        except BadUrl as error:
            self.add_error("url", str(error))
            return ""

    @property
    def has_advanced_errors(self) -> bool:
        """Something under "Advanced" has to be changed."""
        return any(name in self.errors for name in ADVANCED)

    def limits(self) -> dict[str, Any]:
        """The columns of what is under "Advanced"."""
        preset, entered = self.kind, self.cleaned_data
        return {
            "stored_timeout_seconds": entered["timeout_seconds"] or preset.timeout_seconds,
            "stored_max_concurrent": entered["max_concurrent"] or preset.concurrent,
            "stored_max_per_minute": entered["max_per_minute"] or preset.per_minute,
            "stored_result_hosts": entered["result_hosts"],
        }


class NewProviderForm(ConnectionForm):
    """A provider that is not stored yet."""

    preset = forms.ChoiceField(
        label=_("Kind of provider"),
        choices=[(preset.key, preset.title) for preset in CHOICES],
        widget=forms.RadioSelect,
        error_messages={"required": NO_PRESET, "invalid_choice": NO_PRESET},
    )
    sealed_key = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order = ("preset",)

    @property
    def kind(self) -> Preset:
        chosen = self.data.get("preset") if self.is_bound else self.initial.get("preset")
        return PRESETS[chosen] if chosen in {preset.key for preset in CHOICES} else super().kind

    def clean_name(self) -> str:
        """Not that of another provider."""
        name: str = self.cleaned_data["name"]
        if is_taken(name):
            raise ValidationError(TAKEN)
        return name

    def clean(self) -> dict[str, Any]:
        """The URL may be called, and there is a key where the preset needs one."""
        super().clean()
        url = self.cleaned_data["url"] = self.judge()
        entered = self.cleaned_data
        sealed = entered.get("sealed_key", "")
        if (
            url
            and sealed
            and not (self.has_error("key") or entered.get("key") or entered.get("key_variable"))
        ):
            entered["key"] = unseal_key(sealed, origin=origin_of(url))
            if not entered["key"]:
                self.add_error("key", ENTER_AGAIN)
        has_key = entered.get("key") or entered.get("key_variable")
        if url and self.kind.key_rule == "required" and not has_key and not self.has_error("key"):
            self.add_error("key", NO_KEY % {"title": self.kind.title})
        return entered

    @property
    def kept_key(self) -> str:
        """The key for the next sending of this form, sealed; "" where there is none."""
        entered = getattr(self, "cleaned_data", {})
        url = entered.get("url")
        return seal_key(entered.get("key", ""), origin=origin_of(url)) if url else ""

    def to_provider(self) -> Provider:
        """The row, without a slug and not in the database."""
        entered, key = self.cleaned_data, self.wanted_key
        return Provider(
            from_settings=False,
            preset=self.kind.key,
            name=entered["name"],
            stored_url=entered["url"],
            is_private=entered["is_private"],
            encrypted_key=key.encrypted,
            key_variable=key.variable,
            **self.limits(),
        )


class ChangeProviderForm(ConnectionForm):
    """Another name, address, key or other limits for a provider; an empty key leaves the one that is stored."""

    def __init__(
        self, data: QueryDict | None = None, *, provider: Provider, look_up: Resolver = resolve
    ) -> None:
        initial = {
            "name": provider.name,
            "url": provider.stored_url,
            "is_private": provider.is_private,
            "key_variable": provider.key_variable,
            "timeout_seconds": provider.stored_timeout_seconds,
            "max_concurrent": provider.stored_max_concurrent,
            "max_per_minute": provider.stored_max_per_minute,
            "result_hosts": " ".join(provider.stored_result_hosts),
        }
        self.provider = provider
        super().__init__(data, look_up=look_up, initial=initial)
        if provider.encrypted_key:
            self.fields["key"].help_text = gettext("A key is stored. Leave this empty to keep it.")

    @property
    def kind(self) -> Preset:
        return PRESETS[self.provider.kind]

    def clean_name(self) -> str:
        """Not that of another provider."""
        name: str = self.cleaned_data["name"]
        if is_taken(name, but=self.provider):
            raise ValidationError(TAKEN)
        return name

    def clean(self) -> dict[str, Any]:
        """A stored key is not sent to another server than the one for which it was entered."""
        super().clean()
        url = self.cleaned_data["url"] = self.judge()
        entered, stored = self.cleaned_data, self.provider
        if not url or entered.get("key") or entered.get("key_variable"):
            return entered
        if stored.encrypted_key and origin_of(url) != origin_of(stored.stored_url):
            self.add_error("key", OTHER_ORIGIN)
        return entered

    @property
    def new_key(self) -> Key | None:
        """None where the stored one stays."""
        key, stored = self.wanted_key, self.provider
        if not key.encrypted and key.variable == stored.key_variable:
            return None
        return None if not key.encrypted and not key.variable and stored.encrypted_key else key

    def to_provider(self) -> Provider:
        """The row as it would be, not in the database."""
        entered, stored, key = self.cleaned_data, self.provider, self.new_key
        return Provider(
            pk=stored.pk,
            slug=stored.slug,
            preset=stored.preset,
            name=entered["name"],
            stored_url=entered["url"],
            is_private=entered["is_private"],
            encrypted_key=key.encrypted if key else stored.encrypted_key,
            key_variable=key.variable if key else stored.key_variable,
            **self.limits(),
        )
