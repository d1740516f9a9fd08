"""Fields of a provider's form: names, keys as people paste them, names of variables, hosts, prices, ids of models."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from edits.forms.fields import shortened
from edits.services.provider.adding import MOST_MODEL_CHARS
from edits.services.provider.naming import MOST_NAME_CHARS

AROUND = " \t\r\n\f\v\u00a0\u200b\u2028\u2029\ufeff"
"""What comes along when a key is copied from a page, a terminal or a mail."""
MOST_KEY_CHARS = 4000
MOST_HOSTS = 20
MOST_PRICE = Decimal("10000")
HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9._-]+):([1-9][0-9]{0,4})")
PRICE = re.compile(r"[0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9}")

NO_NAME = _("Enter a name.")
ODD_NAME = _("The name has a character that cannot be shown. Type it instead of pasting it.")
LONG_NAME = _("The name is too long: at most %(most)s characters.")
ODD_KEY = _("This is not a key: it has spaces or other characters that no key has. Copy it again.")
NOT_A_HOST = _("%(host)s is not a host with a port. Write it like gpu.lan:9000.")
MANY_HOSTS = _("Enter at most %(most)s hosts.")
BAD_PRICE = _(
    "The price must be an amount in US dollars from 0 to 10,000 with at most four decimals, not %(text)s."
)
LONG_ID = _("This model id is too long, the limit is %(most)s characters: %(id)s.")
ODD_ID = _("This model id has a character that cannot be shown: %(id)s.")


class ProviderNameField(forms.CharField):
    """A name on one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            error_messages={"required": NO_NAME},
            widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": MOST_NAME_CHARS}),
            **options,
        )

    def clean(self, value: Any) -> str:
        name = " ".join(str(value or "").split())
        if any(unicodedata.category(char)[0] == "C" for char in name):
            raise ValidationError(ODD_NAME)
        if len(name) > MOST_NAME_CHARS:
            raise ValidationError(LONG_NAME, params={"most": MOST_NAME_CHARS})
        return str(super().clean(name))


class UrlField(forms.CharField):
    """A URL as it was typed.  Whether it may be called, and what an empty one means, is for the form to say."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> str:
        return str(value or "").strip()


class KeyField(forms.CharField):
    """A key, without what was copied around it.  Never rendered back."""

    def __init__(self, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"})
        super().__init__(required=False, strip=False, widget=widget, **options)

    def clean(self, value: Any) -> str:
        key = str(value or "").strip(AROUND)
        if len(key) > MOST_KEY_CHARS or not key.isascii() or not key.isprintable() or " " in key:
            raise ValidationError(ODD_KEY)
        return key


class VariableField(forms.CharField):
    """The name of an environment variable; people write it with a dollar sign."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        super().__init__(required=False, max_length=100, widget=forms.TextInput(attrs=attrs), **options)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).removeprefix("$")


class HostsField(forms.CharField):
    """Hosts with ports, separated by blanks, commas or line ends."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "off", "spellcheck": "false"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> list[str]:
        hosts = list(dict.fromkeys(str(value or "").replace(",", " ").lower().split()))
        for host in hosts:
            found = HOST.fullmatch(host)
            if not found or int(found[2]) > 65535 or len(host) > 255:
                raise ValidationError(NOT_A_HOST, params={"host": shortened(host)})
        if len(hosts) > MOST_HOSTS:
            raise ValidationError(MANY_HOSTS, params={"most": MOST_HOSTS})
        return hosts


def read_price(text: str) -> Decimal | None:
    """The price of an edit in US dollars; None where nothing is written.  Raises ValidationError."""
    plain = text.strip().removeprefix("$").strip()
    if not plain:
        return None
    plain = plain.replace(",", ".", 1)  # 0,02 as many people write it
    try:
        price = Decimal(plain) if PRICE.fullmatch(plain) else None
    except InvalidOperation:
        price = None
    if price is None or price > MOST_PRICE or price != round(price, 4):
        raise ValidationError(BAD_PRICE, params={"text": shortened(text.strip())})
    return round(price, 4)


class PriceField(forms.CharField):
    """The price of one edit; empty where it is not known."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> Decimal | None:
        return read_price(str(value or ""))


def read_model_id(text: str) -> str:
    """The id of a model as a server spells it; slashes, colons and blanks are part of it.  Raises ValidationError."""
    name = text.strip(AROUND)
    if len(name) > MOST_MODEL_CHARS:
        raise ValidationError(LONG_ID, params={"most": MOST_MODEL_CHARS, "id": shortened(name)})
    if any(unicodedata.category(char)[0] == "C" for char in name):
        raise ValidationError(ODD_ID, params={"id": shortened(ascii(name)[1:-1])})
    return name
