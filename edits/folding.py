"""The form in which texts are searched and names compared: without case, accents or other ways to write a letter.

``Éclair``, ``e`` + U+0301 + ``CLAIR`` and ``eclair`` are one, so are ``straße`` and ``STRASSE``, ``İstanbul``,
``ıstanbul`` and ``istanbul``, ``ΟΔΟΣ`` and ``οδος``, half-width and full-width kana.
"""

import unicodedata

_POINTS = range(10, 37)
"""Combining classes of the points of Hebrew, Arabic and Syriac, which most people leave out."""
_LEAST_ACCENT = 200
"""From here on they are accents: above, below or through a letter.  Those in between make other letters: the
voicing of kana, the vowels and tones of Indian and Thai scripts."""
_ONE_LETTER = str.maketrans({"ı": "i"})
"""Without case it is the i of ``ISPARTA``; Unicode folds it only for Turkish."""


def fold(text: str) -> str:
    """The one form of all spellings of a text.  Folding twice changes nothing; it may be longer, or blank."""
    if text.isascii():  # most prompts, in a fraction of the time
        return text.lower()
    letters = "".join(char for char in unicodedata.normalize("NFKD", text) if not _is_mark(char))
    return unicodedata.normalize("NFC", letters.casefold().translate(_ONE_LETTER))


def _is_mark(char: str) -> bool:
    """What is left out: accents, points, and signs that nobody sees, such as joiners and soft hyphens."""
    place = unicodedata.combining(char)
    unseen = unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"
    return unseen or place in _POINTS or place >= _LEAST_ACCENT
