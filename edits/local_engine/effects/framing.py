"""Effects on top of a finished picture: a border around it, a caption at the bottom."""

from PIL import Image, ImageDraw, ImageFont, ImageOps

from .colors import color_called
from .how import How

_MOST_LINES = 3


def border(picture: Image.Image, how: How) -> Image.Image:
    """A frame in the named color, by default white; the picture shrinks to make room."""
    color = color_called(how.words.get("frame_color", "white"))
    width_px = max(3, round(min(picture.size) * min(0.18, how.about(0.05) * how.strength)))
    inner = ImageOps.fit(picture, (picture.width - 2 * width_px, picture.height - 2 * width_px))
    return ImageOps.expand(inner, border=width_px, fill=color)


def caption(picture: Image.Image, how: How) -> Image.Image:
    """The quoted words in white on a dark band, in Pillow's own font, which has no Chinese letters."""
    quoted = next(iter(how.words.values()))
    text = "".join(letter for letter in " ".join(quoted.split()) if letter.isprintable())
    height_px = max(10, round(picture.height / 12))
    lines, font = _set_in_lines(text, width_px=round(picture.width * 0.92), height_px=height_px)
    step_px = round(font.size * 1.25)
    top = picture.height - len(lines) * step_px - step_px // 2
    band = Image.new("L", picture.size)
    ImageDraw.Draw(band).rectangle((0, top, picture.width, picture.height), fill=170)
    lettered = Image.composite(Image.new("RGB", picture.size), picture, band)
    draw = ImageDraw.Draw(lettered)
    for number, line in enumerate(lines):
        middle = top + step_px // 4 + round((number + 0.5) * step_px)
        draw.text((picture.width / 2, middle), line, fill=(255, 255, 255), font=font, anchor="mm")
    return lettered


def _set_in_lines(text: str, *, width_px: int, height_px: int) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """Lines that fit the width, in the largest font that needs few of them; the rest is cut off."""
    while True:
        font = ImageFont.load_default(height_px)
        assert isinstance(font, ImageFont.FreeTypeFont)
        lines = _broken(text, width_px=width_px, font=font)
        if len(lines) <= _MOST_LINES or height_px <= 10:
            return lines[:_MOST_LINES], font
        height_px = max(10, height_px * 4 // 5)


def _broken(text: str, *, width_px: int, font: ImageFont.FreeTypeFont) -> list[str]:
    """The text wrapped between words, and inside a word that is wider than a line."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width_px:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and font.getlength(lines[-1] + letter) > width_px:
                lines.append("")
            lines[-1] += letter
    return lines
