"""Random pictures: grain and clouds, the same for the same seed on every machine.

Pillow's own ``effect_noise`` uses the C library's random numbers and cannot be seeded.
"""

from random import Random

from PIL import Image


def grain(size: tuple[int, int], *, chance: Random) -> Image.Image:
    """A gray picture of noise around 128, mostly close to it: the mean of two uniform draws."""
    length = size[0] * size[1]
    first, second = (Image.frombytes("L", size, chance.randbytes(length)) for _ in range(2))
    return Image.blend(first, second, 0.5)


def clouds(size: tuple[int, int], *, chance: Random, cells: int = 6) -> Image.Image:
    """A gray picture of soft blots, about ``cells`` per side."""
    blots = Image.frombytes("L", (cells, cells), chance.randbytes(cells * cells))
    return blots.resize(size, Image.Resampling.BICUBIC)
