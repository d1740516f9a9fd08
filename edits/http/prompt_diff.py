"""What changed from one prompt to another: word by word, in scripts without blanks sign by sign."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "removed", "added"]

ALONE = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Signs that are words of their own: Chinese and Japanese."""
MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u200c\u200d\ufe0f"
"""What belongs to the sign before it: accents, vowels, joiners."""
TOKEN = re.compile(
    rf"\s+|[{ALONE}]\s*|(?:(?![{ALONE}])[\w{MARKS}])+(?:['’](?:(?![{ALONE}])\w)+)*\s*|[^\w\s][{MARKS}]*\s*"
)
MOST_PAIRS = 400_000
"""Of tokens that are compared with each other; what is longer counts as replaced, so that no page waits for it."""


@dataclass(frozen=True)
class Word:
    """A stretch of a prompt, with the blanks after it."""

    text: str
    kind: str


@dataclass(frozen=True)
class _Change:
    """What was removed, what was added in its place, and what stays after both, with the blanks of either prompt."""

    removed: str = ""
    added: str = ""
    kept: str = ""
    kept_before: str = ""

    @property
    def is_bare(self) -> bool:
        """Whether it only says what stays."""
        return not (self.removed or self.added)


def prompt_diff(before: str, after: str) -> list[Word]:
    """The stretches from ``before`` to ``after`` in order; joined without the removed ones they are ``after``.

    Other blanks alone are no change.
    """
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    words: list[Word] = []
    for change in _tidied(_changes(old, new)):
        pieces: tuple[tuple[Kind, str], ...] = (
            ("removed", change.removed),
            ("added", change.added),
            ("same", change.kept),
        )
        words += [Word(text, kind) for kind, text in pieces if text]
    return words


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[_Change]:
    one, other = [token.strip() for token in old], [token.strip() for token in new]
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    yield _kept(old[:start], new[:start])
    yield from _between(old[start : len(old) - end], new[start : len(new) - end])
    yield _kept(old[len(old) - end :], new[len(new) - end :])


def _between(old: Sequence[str], new: Sequence[str]) -> Iterator[_Change]:
    if len(old) * len(new) > MOST_PAIRS:
        yield _Change("".join(old), "".join(new))
        return
    one, other = [token.strip() for token in old], [token.strip() for token in new]
    for tag, start, end, first, last in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        pair = old[start:end], new[first:last]
        yield _kept(*pair) if tag == "equal" else _Change(*("".join(tokens) for tokens in pair))


def _kept(old: Sequence[str], new: Sequence[str]) -> _Change:
    return _Change(kept="".join(new), kept_before="".join(old))


def _tidied(changes: Iterable[_Change]) -> list[_Change]:
    """Joined, and without islands: a comma that stayed between two changes is read more easily as a part of them."""
    joined: list[_Change] = []
    for change in changes:
        last = joined[-1] if joined else _Change()
        if change.is_bare and joined:
            kept, before = last.kept + change.kept, last.kept_before + change.kept_before
            joined[-1] = _Change(last.removed, last.added, kept, before)
        elif not (last.is_bare or change.is_bare or re.search(r"\w", last.kept)):
            removed = last.removed + last.kept_before + change.removed
            joined[-1] = _Change(removed, last.added + last.kept + change.added)
        else:
            joined.append(change)
    return joined


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many tokens both have in common from the start."""
    for count, (first, second) in enumerate(zip(one, other, strict=False)):
        if first != second:
            return count
    return min(len(one), len(other))
