"""How to apply one effect: its strength, passes, words and random numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from PIL import Image


@dataclass(frozen=True)
class How:
    """The parameters of an effect.

    ``strength`` is 1.0 at the model's default cfg_scale; ``passes`` is 1–4, from the steps.  ``chance`` is
    seeded for this effect alone, so that adding another effect to a prompt does not change this one.  ``words``
    are the parts of the prompt that the instruction captured.
    """

    strength: float
    passes: int
    chance: Random
    words: Mapping[str, str] = field(default_factory=dict)

    def amount(self, full: float) -> float:
        """The share of a blend: ``full`` at the default strength, at most 1."""
        return min(1.0, full * self.strength)

    def about(self, middle: float) -> float:
        """A value that the prompt leaves open and the seed decides: within 15 % of ``middle``."""
        return middle * self.chance.uniform(0.85, 1.15)


Effect = Callable[[Image.Image, How], Image.Image]
