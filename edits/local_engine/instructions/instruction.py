"""What an instruction is: the words that request it, the effect that implements it, and its stage."""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from ..effects.how import Effect


class Stage(IntEnum):
    """When an effect is applied, whatever the order of the words: a caption must not be mirrored."""

    SHAPE = 1
    STYLE = 2
    TONE = 3
    LIGHT = 4
    FRAME = 5
    CAPTION = 6


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    ``words`` is a pattern that must match whole words, ``signs`` one for scripts without spaces.  ``opposite``
    names the instruction to apply for "less …" and "too …"; without one, these mean none.
    """

    name: str
    stage: Stage
    effect: Effect
    example: str
    words: str
    signs: str = ""
    opposite: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        signs = f"|{self.signs}" if self.signs else ""
        return re.compile(rf"(?<!\w)(?:{self.words})(?!\w){signs}", re.IGNORECASE)
