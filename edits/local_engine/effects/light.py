"""Effects of light and air: haze, glow, dark corners, grain, snow."""

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from .colors import curve
from .how import How
from .noise import clouds, grain


def soft_glow(picture: Image.Image, how: How) -> Image.Image:
    """Highlights that spill over their edges."""
    halo = picture.filter(ImageFilter.GaussianBlur(min(picture.size) / how.about(40)))
    bright = ImageEnhance.Brightness(ImageChops.screen(picture, halo)).enhance(0.95)
    return Image.blend(picture, bright, how.amount(0.65))


def fog(picture: Image.Image, how: How) -> Image.Image:
    """Banks of pale gray at places that the seed chooses."""
    thickest = how.amount(0.85)
    banks = clouds(picture.size, chance=how.chance).point(curve(lambda tone: thickest * (0.5 + 0.5 * tone)))
    return Image.composite(Image.new("RGB", picture.size, (218, 222, 226)), picture, banks)


def vignette(picture: Image.Image, how: How) -> Image.Image:
    """Dark corners; the center is unchanged."""
    deepest, begin = how.amount(0.8), how.about(0.4)
    lens = curve(lambda rim: 1 - deepest * min(1.0, max(0.0, rim - begin) / (1 - begin)))
    shade = Image.radial_gradient("L").resize(picture.size, Image.Resampling.BICUBIC).point(lens)
    return ImageChops.multiply(picture, shade.convert("RGB"))


def film_grain(picture: Image.Image, how: How) -> Image.Image:
    """The grain of fast film; coarse with a single pass."""
    coarse = 2 if how.passes == 1 else 1
    size = (max(1, picture.width // coarse), max(1, picture.height // coarse))
    spread = 0.42 * how.strength
    layer = grain(size, chance=how.chance).point(curve(lambda tone: 0.5 + (tone - 0.5) * spread))
    layer = layer.resize(picture.size, Image.Resampling.BICUBIC).convert("RGB")
    return ImageChops.add(picture, layer, offset=-128)


def snow(picture: Image.Image, how: How) -> Image.Image:
    """Flakes of three sizes at places that the seed chooses."""
    flakes = Image.new("L", picture.size)
    draw = ImageDraw.Draw(flakes)
    unit = min(picture.size) / 256
    for _ in range(round(420 * how.strength)):
        x, y = how.chance.uniform(0, picture.width), how.chance.uniform(0, picture.height)
        radius = unit * how.chance.choice((0.8, 1.4, 2.4))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=how.chance.randint(170, 255))
    soft = flakes.filter(ImageFilter.GaussianBlur(unit * 0.4))
    cold = Image.blend(picture, Image.new("RGB", picture.size, (206, 216, 232)), how.amount(0.16))
    return Image.composite(Image.new("RGB", picture.size, (255, 255, 255)), cold, soft)
