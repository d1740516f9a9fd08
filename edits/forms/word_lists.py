"""Lists of words inside a sentence, in the reader's language: "png, jpeg or webp"."""

from collections.abc import Iterable

from django.utils.translation import pgettext


def either(words: Iterable[object]) -> str:
    """Alternatives: "a", "a or b", "a, b or c"; blank for none."""
    return _joined(words, pair=pgettext("end of a list", "%(others)s or %(last)s"))


def all_of(words: Iterable[object]) -> str:
    """Things that belong together: "a", "a and b", "a, b and c"; blank for none."""
    return _joined(words, pair=pgettext("end of a list", "%(others)s and %(last)s"))


def _joined(words: Iterable[object], *, pair: str) -> str:
    *others, last = [str(word) for word in words] or [""]
    if not others:
        return last
    return pair % {"others": pgettext("between the words of a list", ", ").join(others), "last": last}
