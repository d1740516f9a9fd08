"""The catalogs of translations, as tests read them."""

import shutil
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation import to_locale

ROOT = Path(__file__).resolve().parent.parent
LOCALES = [to_locale(code) for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def catalog(locale: str, kind: str = "po") -> Path:
    """Where the sentences of a language are; ``mo`` is what Retake reads."""
    return ROOT / "edits" / "locale" / locale / "LC_MESSAGES" / f"django.{kind}"


def entries(locale: str) -> list[polib.POEntry]:
    """All of a language, obsolete ones included."""
    return list(polib.pofile(str(catalog(locale))))


def key(entry: polib.POEntry) -> tuple[str, str, str]:
    """What makes it another sentence."""
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural


def translations(entry: polib.POEntry) -> list[str]:
    """Its sentence in the other language, in each plural form."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def has_gettext() -> bool:
    """GNU's tools, which collect sentences from the code."""
    return all(shutil.which(tool) for tool in ("xgettext", "msgmerge", "msguniq", "msgattrib"))
