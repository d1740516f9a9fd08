"""The form in which texts are searched and names compared: without case, accents or other ways to write a letter.

``Éclair``, ``e`` + U+0301 + ``CLAIR`` and ``eclair`` are one, so are ``straße`` and ``STRASSE``, ``İstanbul``,
``ıstanbul`` and ``istanbul``, ``ΟΔΟΣ`` and ``οδος``, half-width and full-width kana.
"""

import re
import unicodedata
from functools import lru_cache

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


LONGEST_WORD = 64
"""In characters; what follows is not looked at."""
_ASCII_WORD = re.compile("[a-z0-9]+")
_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Characters of scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Chinese and Japanese."""


def words_of(folded: str) -> list[str]:
    """The words of a folded text, as an index of words knows them.

    Characters of scripts without spaces, emoji and other signs are each a word of their own, so that a Chinese word
    is a phrase.  ASCII signs and punctuation are none.
    """
    if folded.isascii():
        return [word[:LONGEST_WORD] for word in _ASCII_WORD.findall(folded)]
    apart = "".join(_apart(char) for char in folded)
    return [word[:LONGEST_WORD] for word in apart.split()]


@lru_cache(maxsize=8192)
def _apart(char: str) -> str:
    """The character as it is within a word, with spaces around where it is one, or a space."""
    kind = unicodedata.category(char)
    is_letter = char.isalnum() if char.isascii() else kind[0] in "LMN"
    if is_letter and not _WITHOUT_SPACES.match(char):
        return char
    is_word = is_letter or (not char.isascii() and (kind[0] == "S" or kind == "Co"))
    return f" {char} " if is_word else " "
