"""A language made of English: each sentence is in brackets and 40 % longer, so what bypasses gettext has no brackets.

The English words stay readable inside, so that tests find buttons by their names.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import allauth
import django
import polib
from django.utils.translation import to_locale

from tests.translations import LOCALES, entries

CODE = "en-xa"
OPEN, CLOSE = "⟦", "⟧"
PADDING = "ǻçčéñţš ŵöŕđš "
AS_THEY_ARE = ("date format", "abbrev. month", "alt. month")
"""Contexts of what is no sentence."""


def longer(words: str) -> str:
    """⟦Sign in ǻçč⟧."""
    more = (PADDING * (len(words) // len(PADDING) + 1))[: len(words) * 2 // 5 + 1].strip()
    lead = re.match(r"\s*", words)
    tail = re.search(r"\s*$", words)
    assert lead
    assert tail
    return f"{lead[0]}{OPEN}{words.strip()} {more}{CLOSE}{tail[0]}"


def make_catalog(folder: Path) -> None:
    """Write the catalog below ``folder``, with the sentences of Django and allauth in it."""
    made = polib.POFile()
    made.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    known = set()
    for entry in _sentences():
        name = (entry.msgctxt, entry.msgid)
        if name in known or entry.msgctxt in AS_THEY_ARE or not entry.msgid.strip():
            continue
        known.add(name)
        copy = polib.POEntry(msgctxt=entry.msgctxt, msgid=entry.msgid, msgid_plural=entry.msgid_plural)
        if entry.msgid_plural:
            copy.msgstr_plural = {0: longer(entry.msgid), 1: longer(entry.msgid_plural)}
        else:
            copy.msgstr = longer(entry.msgid)
        made.append(copy)
    path = folder / to_locale(CODE) / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    made.save_as_mofile(str(path))


def _sentences() -> Iterator[polib.POEntry]:
    yield from entries(LOCALES[0])
    for package in (django, allauth):
        for path in sorted(Path(package.__path__[0]).rglob("locale/en/LC_MESSAGES/django.po")):
            yield from polib.pofile(str(path))
