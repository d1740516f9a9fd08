"""The languages of pages and mails, and English for what programs and operators read.

Accounts and cookies hold the codes of ``LANGUAGES``; browsers and old rows may say anything.
"""

from contextlib import AbstractContextManager

from django.utils import translation

ENGLISH = "en"
LANGUAGES = [(ENGLISH, "English"), ("zh-hans", "简体中文")]
"""Each under its own name, which is the same in every language."""
MOST_CHARS = 16


def known_language(code: str) -> str:
    """The language of ours that serves readers of ``code`` (zh-TW: zh-hans); blank where none does."""
    try:
        return translation.get_supported_language_variant(code[:MOST_CHARS].lower())
    except LookupError:
        return ""


def in_language(code: str) -> AbstractContextManager[None]:
    """Inside, sentences are in this language; in English where it is blank or unknown."""
    return translation.override(known_language(code) or ENGLISH)


def in_english() -> AbstractContextManager[None]:
    """Inside, sentences are in English, for what is stored, logged or sent to programs."""
    return translation.override(ENGLISH)
