"""Reads tags as people type them: ``Harbor, night shots`` are two, in small letters."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from edits.forms.fields import shortened
from edits.models import MOST_TAG_CHARS

MOST_TAGS = 10
COMMA = re.compile("[,،、]")  # also as Arabic and Chinese write it


def spelled(text: str) -> str:
    """A tag's one spelling: small letters, single spaces, no # before it, full-width letters as plain ones."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split()).lstrip("#").strip()


def is_tag(name: str) -> bool:
    """Letters of any script with their marks, digits, spaces, - and _; at least one letter or digit."""
    kinds = [unicodedata.category(char) for char in name]
    allowed = all(
        kind[0] in "LM" or kind == "Nd" or char in " -_" for kind, char in zip(kinds, name, strict=True)
    )
    return allowed and any(kind[0] == "L" or kind == "Nd" for kind in kinds) and len(name) <= MOST_TAG_CHARS


class TagsField(forms.CharField):
    """Tags between commas, 1 to ``MOST_TAGS`` of them; the value is a tuple without repetitions."""

    def clean(self, value: Any) -> tuple[str, ...]:
        text = unicodedata.normalize("NFKC", str(value or ""))
        names = tuple(dict.fromkeys(filter(None, map(spelled, COMMA.split(text)))))
        if not names:
            raise ValidationError(_("Enter a tag."), code="required")
        if len(names) > MOST_TAGS:
            raise ValidationError(
                _("You can add at most %(most)s tags at once; you entered %(given)s."),
                params={"most": MOST_TAGS, "given": len(names)},
                code="too_many",
            )
        for name in names:
            _refuse_nonsense(name)
        return names


def _refuse_nonsense(name: str) -> None:
    """Say what is wrong with a tag.  Raises ValidationError."""
    if len(name) > MOST_TAG_CHARS:
        raise ValidationError(
            _("A tag can have at most %(most)s characters; “%(tag)s” has %(given)s."),
            params={"most": MOST_TAG_CHARS, "tag": shortened(name), "given": f"{len(name):,}"},
            code="too_long",
        )
    if not is_tag(name):
        printable = "".join(char if char.isprintable() else "�" for char in name)
        raise ValidationError(
            _("“%(tag)s” can't be a tag. Use letters, digits, spaces, - and _."),
            params={"tag": shortened(printable)},
            code="invalid",
        )


class TagForm(forms.Form):
    """The tags to put on one edit or on many."""

    names = TagsField()
