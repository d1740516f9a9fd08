"""What changed from one prompt to another: word by word, in scripts without blanks sign by sign."""

import re
from collections.abc import Iterator, Sequence
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


def prompt_diff(before: str, after: str) -> list[Word]:
    """The stretches from ``before`` to ``after`` in order; joined without the removed ones they are ``after``.

    Other blanks alone are no change.
    """
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    words: list[Word] = []
    for removed, kept, added in _tidied(list(_changes(old, new))):
        pieces: tuple[tuple[Kind, str], ...] = (("removed", removed), ("added", added), ("same", kept))
        words += [Word(text, kind) for kind, text in pieces if text]
    return words


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What was removed, what stands there unchanged after it, and what was added before that."""
    one, other = [token.strip() for token in old], [token.strip() for token in new]
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    yield "", "".join(new[:start]), ""
    middle = slice(start, len(old) - end), slice(start, len(new) - end)
    yield from _between(old[middle[0]], new[middle[1]])
    yield "", "".join(new[len(new) - end :]), ""


def _between(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    if len(old) * len(new) > MOST_PAIRS:
        yield "".join(old), "", "".join(new)
        return
    one, other = [token.strip() for token in old], [token.strip() for token in new]
    for tag, start, end, first, last in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        added = "".join(new[first:last])
        yield ("", added, "") if tag == "equal" else ("".join(old[start:end]), "", added)


def _tidied(changes: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Joined, and without islands: a comma that stayed between two changes is read more easily as a part of them."""
    joined: list[tuple[str, str, str]] = []
    for removed, kept, added in changes:
        if not (removed or kept or added):
            continue
        last = joined[-1] if joined else None
        if last and (removed or added) and (last[0] or last[2]) and not re.search(r"\w", last[1]):
            joined[-1] = (last[0] + last[1] + removed, kept, last[2] + last[1] + added)
        elif last and kept and not (removed or added):
            joined[-1] = (last[0], last[1] + kept, last[2])
        else:
            joined.append((removed, kept, added))
    return joined


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many tokens both have in common from the start."""
    for count, (first, second) in enumerate(zip(one, other, strict=False)):
        if first != second:
            return count
    return min(len(one), len(other))
