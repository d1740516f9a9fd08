"""The instructions that the practice engine understands, one row each.

To add one, write an effect and add a row; the tests then try the row's example.
The order of the rows does not matter: where two patterns overlap, the longer match wins.
"""

from .finish import FINISH
from .instruction import Instruction, Stage
from .shapes import SHAPES
from .styles import STYLES
from .tones import TONES

INSTRUCTIONS: tuple[Instruction, ...] = SHAPES + STYLES + TONES + FINISH
BY_NAME = {instruction.name: instruction for instruction in INSTRUCTIONS}
EXAMPLES = tuple(instruction.example for instruction in INSTRUCTIONS)

__all__ = ["BY_NAME", "EXAMPLES", "INSTRUCTIONS", "Instruction", "Stage"]
