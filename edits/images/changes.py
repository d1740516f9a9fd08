"""What a model really changed: which parts of a picture differ from those before, but for grain and specks."""

from math import ceil

from PIL import Image, ImageChops, ImageFilter, ImageStat

from edits.images.alignment import largest_difference, with_repeated_edges

CELL_PX = 4
"""Changes are looked for in cells of that side, so that grain and the blur of an answer average out."""
DIFFERS = 15
"""Of 255, in the mean of a cell and its neighbors."""
LEAST_CELLS = 8
"""Fewer that touch each other are a speck: an edge that came out sharper, noise of a compression."""
GROWN_CELLS = 1
TILES = 12
"""In each direction: a change that is found in most tiles with any structure is one of the whole picture."""
STRUCTURE = 4.0
TOUCHED = 0.04
SHARPER, SOFTER = 1.6, 0.3
LOST, LOST_LEAST = 1.5, 24
"""A tile whose difference is larger than its finest detail, which is then not where it was."""
DETAIL_SCALE = 8

Cell = tuple[int, int]


def changed_mask(before: Image.Image, after: Image.Image, *, lost_px: float = 0) -> Image.Image:
    """Gray, a quarter of the size: 255 where ``after`` shows something else, softer towards its edge, 0 elsewhere.

    ``lost_px`` at the edges of ``after`` are not known, because it was moved: what is beside them counts.
    """
    small = [pixels.filter(ImageFilter.BoxBlur(2)).reduce(CELL_PX) for pixels in (before, after)]
    differs = largest_difference(*small).point([0] * DIFFERS + [255] * (256 - DIFFERS))
    if lost_px:
        edge = ceil((lost_px + 2) / CELL_PX) + 1
        width, height = differs.size
        inner = differs.crop((edge, edge, width - edge, height - edge))
        differs = with_repeated_edges(inner, size=differs.size, at=(edge, edge))
    kept = _without_specks(differs)
    grown = kept.filter(ImageFilter.MaxFilter(2 * GROWN_CELLS + 1))
    return grown.filter(ImageFilter.BoxBlur(1))


def is_all_over(mask: Image.Image, before: Image.Image, after: Image.Image, *, most: float) -> bool:
    """Whether more than ``most`` of the picture differs, or something does in more than that share of its tiles.

    A style changes edges and leaves plain parts as they are, so tiles without structure do not count.  In a tile
    that is far sharper or softer than before, something differs too.
    """
    if ImageStat.Stat(mask.point([0] * 128 + [255] * 128)).mean[0] / 255 > most:
        return True
    structured = touched = 0
    gray = before.convert("L").resize(mask.size, Image.Resampling.BOX)
    fine = [_fine_detail(pixels) for pixels in (before, after)]
    differs = _tile_means(largest_difference(before, after))
    for row in range(TILES):
        for column in range(TILES):
            box = _tile(row, column, mask.size)
            if ImageStat.Stat(gray.crop(box)).stddev[0] < STRUCTURE:
                continue
            structured += 1
            was, now, other = (means[row * TILES + column] for means in (*fine, differs))
            is_restyled = now > SHARPER * was or now < SOFTER * was or other > LOST * was + LOST_LEAST
            touched += is_restyled or ImageStat.Stat(mask.crop(box)).mean[0] / 255 > TOUCHED
    return structured > TILES and touched > most * structured


def _tile(row: int, column: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    width, height = size
    left, top = column * width // TILES, row * height // TILES
    right, bottom = (column + 1) * width // TILES, (row + 1) * height // TILES
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _fine_detail(pixels: Image.Image) -> bytes:
    """How much finest detail each tile has, row by row."""
    gray = pixels.convert("L")
    return _tile_means(ImageChops.difference(gray, gray.filter(ImageFilter.GaussianBlur(2))))


def _tile_means(gray: Image.Image) -> bytes:
    """In eighths of a value, row by row."""
    stronger = gray.point([min(255, DETAIL_SCALE * value) for value in range(256)])
    return stronger.resize((TILES, TILES), Image.Resampling.BOX).tobytes()


def _without_specks(mask: Image.Image) -> Image.Image:
    """Only groups of at least so many cells that touch each other, also at their corners."""
    width, height = mask.size
    left = {(at % width, at // width) for at, value in enumerate(mask.tobytes()) if value}
    kept = bytearray(width * height)
    while left:
        group = _group(left, left.pop())
        if len(group) >= LEAST_CELLS:
            for x, y in group:
                kept[y * width + x] = 255
    return Image.frombytes("L", mask.size, bytes(kept))


def _group(left: set[Cell], first: Cell) -> list[Cell]:
    """All cells that are connected to the first; takes them out of ``left``."""
    group, open_ = [first], [first]
    while open_:
        x, y = open_.pop()
        for near in [(x + right, y + down) for right in (-1, 0, 1) for down in (-1, 0, 1)]:
            if near in left:
                left.remove(near)
                group.append(near)
                open_.append(near)
    return group
