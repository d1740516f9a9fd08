"""How one effect is to be applied: its strength, its passes, its words and its own source of chance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from PIL import Image


@dataclass(frozen=True)
class How:
    """``strength`` is 1.0 at the model's default cfg_scale; ``passes`` 1–4 come from steps.

    ``chance`` is seeded for this effect alone, so that naming one more effect in a prompt leaves
    the others as they were.  ``words`` are the parts of the prompt that the instruction named.
    """

    strength: float
    passes: int
    chance: Random
    words: Mapping[str, str] = field(default_factory=dict)

    def amount(self, full: float) -> float:
        """A share of a blend, from ``full`` at the default strength; never more than 1."""
        return min(1.0, full * self.strength)

    def about(self, middle: float) -> float:
        """A figure that the prompt leaves open, so the seed decides it: within 15 % of ``middle``."""
        return middle * self.chance.uniform(0.85, 1.15)


Effect = Callable[[Image.Image, How], Image.Image]
