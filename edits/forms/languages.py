"""In which language a person reads pages and mails."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class LanguageForm(forms.Form):
    """The switch: one language by its code."""

    language = forms.ChoiceField(choices=lambda: settings.LANGUAGES)


class LanguageField(forms.ChoiceField):
    """The same in the settings, where it can also follow the browser."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Language"),
            required=False,
            choices=[("", _("Same as the browser")), *settings.LANGUAGES],
            help_text=_("Of pages, and of email that Retake sends you."),
        )
