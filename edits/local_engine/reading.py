"""Parses a prompt: which instructions it names, how strongly, and which it forbids.

"slightly warm, no grain, less contrast, mirror it"
 weight .5      forbidden  its opposite   first, because shapes come first
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .instructions import BY_NAME, INSTRUCTIONS, Instruction

_STRAIGHT_QUOTES = str.maketrans("“”„«»「」‘’", '"""""""\'\'')
_CLAUSE_END = re.compile(r"[,.;:!?\n，。；、！？]|\b(?:and|but|then|with|und|aber|mit)\b", re.IGNORECASE)
_FORBIDDEN = re.compile(
    r"\b(?:no|not|without|don't|do not|never|avoid|ohne|nicht|kein\w*|(?:keep|leave|preserve)(?! it\b))\b"
    r"|不要|没有|别|无",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"\b(?:less|lower|reduced?|decreased?|fewer|too|fix|remove|weniger|zu)\b|减少|去掉|太", re.IGNORECASE
)
_NEAR = r"\b(?:\W+\w+){0,2}\W*$"
_SLIGHTLY = re.compile(
    rf"\b(?:slight|slightly|a (?:little|bit|touch)|subtle|subtly|gentle|gently|faint|etwas){_NEAR}",
    re.IGNORECASE,
)
_VERY = re.compile(
    rf"\b(?:very|much|strong|strongly|bold|heavy|heavily|thick|extremely|really|intense|sehr){_NEAR}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Step:
    """One effect to apply, with the words from the prompt; a ``weight`` of 1.0 is the usual strength."""

    instruction: Instruction
    words: dict[str, str]
    weight: float


@dataclass(frozen=True)
class _Found:
    instruction: Instruction
    match: re.Match[str]


def read_prompt(prompt: str) -> list[Step]:
    """The steps in the order in which they are applied; empty if the prompt names no instruction."""
    text = prompt.translate(_STRAIGHT_QUOTES)
    steps: dict[str, Step] = {}
    for found in _without_overlaps(text):
        lead = _CLAUSE_END.split(text[: found.match.start()])[-1]
        instruction = _meant(found.instruction, lead)
        if instruction and instruction.name not in steps:
            words = {name: word for name, word in found.match.groupdict().items() if word}
            steps[instruction.name] = Step(instruction, words=words, weight=_weight(lead))
    return sorted(steps.values(), key=lambda step: step.instruction.stage)


def _without_overlaps(text: str) -> Iterator[_Found]:
    """The instructions in the prompt, from left to right; of overlapping ones only the longest.

    So "dark corners" is not "dark".
    """
    found = [_Found(row, match) for row in INSTRUCTIONS for match in row.pattern.finditer(text)]
    found.sort(key=lambda one: one.match.start() - one.match.end())
    taken: set[int] = set()
    kept = []
    for one in found:
        letters = range(*one.match.span())
        if taken.isdisjoint(letters):
            taken.update(letters)
            kept.append(one)
    yield from sorted(kept, key=lambda one: one.match.start())


def _meant(instruction: Instruction, lead: str) -> Instruction | None:
    """The instruction, its opposite, or None, depending on the words before it in its clause."""
    if _FORBIDDEN.search(lead):
        return None
    if _LESS.search(lead):
        return BY_NAME.get(instruction.opposite)
    return instruction


def _weight(lead: str) -> float:
    if _SLIGHTLY.search(lead):
        return 0.5
    return 1.5 if _VERY.search(lead) else 1.0
