"""Rules for usernames that keep people from impersonating each other.

Names in other cases, accents or spellings are compared in their folded form (``edits.folding``).  This module
handles what folding cannot: lookalike letters of different scripts.
"""

import re
import unicodedata

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

_TOGETHER = frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})
"""Scripts that real names combine and whose letters are not confused with each other."""


@deconstructible
class UsernameCharacters(UnicodeUsernameValidator):
    """Letters, digits and ``. + - _``.  No ``@``, because people also sign in with email addresses."""

    regex = r"^[\w.+-]+\Z"
    message = _("A username may contain only letters, digits and . + - _, and no @.")
    flags = re.UNICODE


def validate_one_script(name: str) -> None:
    """Reject a name like ``root`` with a Cyrillic ``о``.  Raises ValidationError.

    Follows UTS 39, "highly restrictive", by the Unicode names of the letters.  Does not detect a name that is
    written entirely in another script and looks Latin.
    """
    scripts = scripts_of(name)
    if len(scripts) > 1 and not scripts <= _TOGETHER:
        raise ValidationError(
            _("A username may use the letters of only one script, but this one mixes %(scripts)s."),
            code="mixed_scripts",
            params={"scripts": ", ".join(script.capitalize() for script in sorted(scripts))},
        )


def scripts_of(text: str) -> set[str]:
    """The scripts of the letters, by Unicode's names: ``LATIN``, ``CYRILLIC``.  Marks and modifiers have none."""
    letters = (char for char in unicodedata.normalize("NFKC", text) if _is_letter(char))
    return {unicodedata.name(char, "UNKNOWN").partition(" ")[0] for char in letters}


def _is_letter(char: str) -> bool:
    return unicodedata.category(char) in ("Lu", "Ll", "Lt", "Lo")
