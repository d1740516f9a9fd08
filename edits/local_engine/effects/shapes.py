"""Effects that move the pixels of a picture; its size stays the same, as the contract promises."""

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from .how import How


def mirror(picture: Image.Image, how: How) -> Image.Image:
    return ImageOps.mirror(picture)


def flip(picture: Image.Image, how: How) -> Image.Image:
    return ImageOps.flip(picture)


def upside_down(picture: Image.Image, how: How) -> Image.Image:
    return picture.transpose(Image.Transpose.ROTATE_180)


def rotate_left(picture: Image.Image, how: How) -> Image.Image:
    return _on_canvas(picture.transpose(Image.Transpose.ROTATE_90), size=picture.size)


def rotate_right(picture: Image.Image, how: How) -> Image.Image:
    return _on_canvas(picture.transpose(Image.Transpose.ROTATE_270), size=picture.size)


def crop_to_square(picture: Image.Image, how: How) -> Image.Image:
    """The center square.  A picture that is already square is cropped further, because a crop was requested."""
    side = min(picture.size)
    if picture.width == picture.height:
        side = round(side * max(0.5, 1 - how.amount(0.2)))
    return _on_canvas(_middle(picture, side, side), size=picture.size)


def zoom(picture: Image.Image, how: How) -> Image.Image:
    """Zoom to the center: at the default strength, a third of each side is cut."""
    share = max(0.35, 1 - how.about(0.33) * how.strength)
    closer = _middle(picture, round(picture.width * share), round(picture.height * share))
    return closer.resize(picture.size, Image.Resampling.LANCZOS)


def _middle(picture: Image.Image, width_px: int, height_px: int) -> Image.Image:
    left, top = (picture.width - width_px) // 2, (picture.height - height_px) // 2
    return picture.crop((left, top, left + width_px, top + height_px))


def _on_canvas(picture: Image.Image, *, size: tuple[int, int]) -> Image.Image:
    """The whole picture on a canvas of ``size``, filled with a dim, blurred copy of it."""
    if picture.size == size:
        return picture
    fitted = ImageOps.contain(picture, size, Image.Resampling.LANCZOS)
    if fitted.size == size:
        return fitted
    backdrop = ImageOps.fit(picture, size).filter(ImageFilter.BoxBlur(max(size) // 24))
    canvas = ImageEnhance.Brightness(backdrop).enhance(0.45)
    canvas.paste(fitted, ((size[0] - fitted.width) // 2, (size[1] - fitted.height) // 2))
    return canvas
