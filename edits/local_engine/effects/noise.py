"""Chance as a picture: grain and clouds, the same for the same seed on every machine.

Pillow's own ``effect_noise`` draws from the C library and cannot be seeded.
"""

from random import Random

from PIL import Image


def grain(size: tuple[int, int], *, chance: Random) -> Image.Image:
    """A gray picture of noise around 128, mostly near it: the mean of two even draws."""
    length = size[0] * size[1]
    first, second = (Image.frombytes("L", size, chance.randbytes(length)) for _ in range(2))
    return Image.blend(first, second, 0.5)


def clouds(size: tuple[int, int], *, chance: Random, cells: int = 6) -> Image.Image:
    """A gray picture of soft blots, about ``cells`` of them to a side."""
    blots = Image.frombytes("L", (cells, cells), chance.randbytes(cells * cells))
    return blots.resize(size, Image.Resampling.BICUBIC)
