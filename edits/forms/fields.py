"""Fields that take exactly what a limit allows: a prompt in code points, whole numbers, finite numbers."""

import math
import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from edits.forms.word_lists import either
from edits.model_specs import Bounds

NARROW_SPACE = "\u202f"  # how pages group the digits of a seed; people copy it
SHOWN_CHARS = 24
PROMPT = pgettext_lazy("inside a sentence", "prompt")
NO_PROMPT = _("Write what should change in the picture.")
WHOLE = re.compile(r"[+-]?[0-9]+")
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def shortened(text: str) -> str:
    """What somebody typed, short enough to be repeated to them."""
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 1]}…"


class PromptField(forms.CharField):
    """Text with ``max_chars`` code points at most, counted after line ends are unified and the ends are trimmed.

    No ``maxlength`` in the page: browsers count it in UTF-16, so that 300 emoji would not fit.
    """

    def __init__(
        self,
        *,
        max_chars: int,
        name: str | Promise = PROMPT,
        blank: str | Promise = NO_PROMPT,
        **options: Any,
    ) -> None:
        super().__init__(strip=False, widget=forms.Textarea, **options)
        self.max_chars, self.name, self.blank = max_chars, name, blank
        self.validators = []

    def to_python(self, value: Any) -> str:
        text = str(value or "").replace("\r\n", "\n").replace("\r", "\n").strip()
        if not text and not self.required:
            return ""
        if "\x00" in text or any(unicodedata.category(char) == "Cs" for char in text):
            raise ValidationError(
                _(
                    "The %(name)s contains a character that cannot be stored. "
                    "Type it again instead of pasting it."
                ),
                params={"name": self.name},
                code="invalid",
            )
        if all(unicodedata.category(char)[0] in "CZ" for char in text):
            raise ValidationError(str(self.blank), code="required")
        if len(text) > self.max_chars:
            raise ValidationError(
                _(
                    "The %(name)s has %(length)s characters, and at most %(most)s can be sent. "
                    "Shorten it by %(excess)s."
                ),
                params={
                    "name": self.name,
                    "length": f"{len(text):,}",
                    "most": f"{self.max_chars:,}",
                    "excess": f"{len(text) - self.max_chars:,}",
                },
                code="too_long",
            )
        return text


class ExactInteger(forms.Field):
    """A whole number within bounds, in plain ASCII digits; empty means the default."""

    def __init__(
        self, *, least: int, most: int, name: str | Promise, default: int | None = None, **options: Any
    ) -> None:
        super().__init__(required=False, **options)
        self.least, self.most, self.name, self.default = least, most, name, default

    def clean(self, value: Any) -> int | None:
        text = str("" if value is None else value).strip().replace(NARROW_SPACE, "")
        if not text:
            return self.default
        if not WHOLE.fullmatch(text):
            raise self._refusal(text)
        # 5,000 digits are more than int() takes; more than the limit's own digits are too many anyway.
        digits = text.lstrip("+-").lstrip("0")
        if len(digits) > len(str(self.most)) or not self.least <= int(text) <= self.most:
            raise self._refusal(text)
        return int(text)

    def _refusal(self, text: str) -> ValidationError:
        return ValidationError(
            _("%(name)s must be a whole number from %(least)s to %(most)s, not %(sent)s."),
            params={
                "name": self.name,
                "least": f"{self.least:,}",
                "most": f"{self.most:,}",
                "sent": shortened(text),
            },
            code="invalid",
        )


class FiniteNumber(forms.Field):
    """A number within bounds: never NaN, which no comparison refuses.  Empty means the default."""

    def __init__(self, *, bounds: Bounds, name: str | Promise, comma: bool, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.bounds, self.name, self.comma = bounds, name, comma

    def clean(self, value: Any) -> float:
        text = str("" if value is None else value).strip()
        if not text:
            return self.bounds.default
        plain = text.replace(",", ".", 1) if self.comma else text  # 7,5 as many people write it
        number = float(plain) if DECIMAL.fullmatch(plain) else math.nan
        if not (math.isfinite(number) and self.bounds.least <= number <= self.bounds.most):
            raise ValidationError(
                _("%(name)s must be a number from %(least)s to %(most)s, not %(sent)s."),
                params={
                    "name": self.name,
                    "least": f"{self.bounds.least:g}",
                    "most": f"{self.bounds.most:g}",
                    "sent": shortened(text),
                },
                code="invalid",
            )
        return number


class OneOf(forms.Field):
    """One of a few words; empty means the first.  ``refusal`` may name them by %(words)s, and %(sent)s."""

    def __init__(self, *words: str, refusal: str | Promise) -> None:
        super().__init__(required=False)
        self.words, self.refusal = words, refusal

    def clean(self, value: Any) -> str:
        text = str(value or "").strip() or self.words[0]
        if text not in self.words:
            values = {"words": either(filter(None, self.words)), "sent": shortened(text)}
            raise ValidationError(str(self.refusal), params=values, code="invalid")
        return text
