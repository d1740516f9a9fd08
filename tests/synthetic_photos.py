"""Photo-like pictures from a seed, local edits of them, and what models do to a picture besides the edit."""

from dataclasses import dataclass
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

OCTAVES = ((5, 0.5), (12, 0.25), (40, 0.15), (160, 0.1))
"""How many random values lie across the picture, and how much they weigh: as in photos, coarse ones more."""
Size = tuple[int, int]


def photo_like(seed: int, *, size: Size = (960, 720)) -> Image.Image:
    """Light, shadows, textures and a few things with sharp edges; the same for the same seed."""
    random = Random(seed)
    picture = Image.merge("RGB", [_texture(random, size) for _ in range(3)])
    gray = _texture(random, size)
    picture = Image.blend(picture, Image.merge("RGB", (gray, gray, gray)), 0.6)
    draw = ImageDraw.Draw(picture)
    for _ in range(14):
        draw.ellipse(_box(random, size, share=0.25), fill=_color(random))
        draw.rectangle(_box(random, size, share=0.2), fill=_color(random))
    return Image.blend(picture, Image.merge("RGB", (gray, gray, gray)), 0.25)


@dataclass(frozen=True)
class LocalEdit:
    """A picture in which one thing was changed, and ``where`` (gray, 255 there)."""

    picture: Image.Image
    where: Image.Image


def local_edit(picture: Image.Image, *, seed: int) -> LocalEdit:
    """One thing painted over, with soft shading, somewhere inside of the picture."""
    random = Random(f"edit {seed}")
    width, height = picture.size
    across, down = round(width * random.uniform(0.15, 0.3)), round(height * random.uniform(0.15, 0.3))
    left = random.randrange(width // 8, width * 7 // 8 - across)
    top = random.randrange(height // 8, height * 7 // 8 - down)
    where = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(where)
    shape = draw.ellipse if seed % 2 else draw.rectangle
    shape((left, top, left + across, top + down), fill=255)
    middle = mean_color(picture.crop((left, top, left + across, top + down)))
    paint = tuple((value + 128) % 256 for value in middle)
    shaded = ImageChops.add(
        Image.new("RGB", picture.size, paint), picture.filter(ImageFilter.GaussianBlur(6)), scale=3, offset=60
    )
    return LocalEdit(Image.composite(shaded, picture, where), where)


def mean_color(picture: Image.Image) -> tuple[int, ...]:
    """Of all pixels, red, green and blue."""
    small = picture.resize((1, 1), Image.Resampling.BOX)
    return tuple(small.tobytes())


def disturbed(
    picture: Image.Image,
    *,
    size: Size,
    shift: tuple[float, float] = (0, 0),
    blur: float = 0,
    gain: float = 1.0,
    offset: tuple[float, float, float] = (0, 0, 0),
) -> Image.Image:
    """The picture as a model returns it: in its own size, moved (pixels of that size), softer, in another light."""
    across, down = picture.width / size[0], picture.height / size[1]
    moved = picture.transform(
        picture.size,
        Image.Transform.AFFINE,
        (1, 0, -shift[0] * across, 0, 1, -shift[1] * down),
        Image.Resampling.BICUBIC,
    )
    small = moved.resize(size, Image.Resampling.LANCZOS)
    if blur:
        small = small.filter(ImageFilter.GaussianBlur(blur))
    table = [min(255, max(0, round(gain * value + add))) for add in offset for value in range(256)]
    return small.point(table)


def _texture(random: Random, size: Size) -> Image.Image:
    found = Image.new("L", size, 128)
    for cells, weight in OCTAVES:
        across, down = cells, max(2, cells * size[1] // size[0])
        grain = Image.frombytes("L", (across, down), random.randbytes(across * down))
        found = ImageChops.add(
            found,
            grain.resize(size, Image.Resampling.BICUBIC).point(
                [round((v - 128) * weight * 1.6 + 128) for v in range(256)]
            ),
            offset=-128,
        )
    return found


def _box(random: Random, size: Size, *, share: float) -> tuple[int, int, int, int]:
    width, height = (max(4, round(side * random.uniform(0.03, share))) for side in size)
    left, top = random.randrange(size[0] - width), random.randrange(size[1] - height)
    return left, top, left + width, top + height


def _color(random: Random) -> tuple[int, int, int]:
    return random.randrange(256), random.randrange(256), random.randrange(256)
