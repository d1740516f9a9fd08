"""Pictures for tests, drawn in memory: a phone's photo with a place in it, an animation, a bomb, a cut file."""

import struct
import zlib
from base64 import b64decode
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageDraw

RED, GREEN, BLUE, YELLOW = (220, 40, 40), (40, 180, 60), (40, 70, 210), (230, 210, 40)
WHITE = (255, 255, 255)
PLACE = "Rathausplatz 1"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><place>{PLACE}</place></x:xmpmeta>'.encode()
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, TRUE_COLOR = 0, 2


def drawing(*, width: int = 320, height: int = 240, seed: int = 0) -> Image.Image:
    """Four quarters (red, green / blue, yellow: so that up is known) and a disk that the seed places."""
    image = Image.new("RGB", (width, height), RED)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height // 2 - 1), fill=GREEN)
    draw.rectangle((0, height // 2, width // 2 - 1, height), fill=BLUE)
    draw.rectangle((width // 2, height // 2, width, height), fill=YELLOW)
    radius = max(1, min(width, height) // 12)
    x, y = width * (30 + seed * 7 % 40) // 100, height * (30 + seed * 11 % 40) // 100
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(seed * 53 % 256, 20, 90))
    return image


def photo(
    *,
    width: int = 320,
    height: int = 240,
    format: str = "JPEG",
    mode: str = "RGB",
    seed: int = 0,
    orientation: int | None = None,
    place: bool = False,
    icc_profile: bytes | None = None,
    exif: bytes | None = None,
) -> bytes:
    """A file of ``drawing``.  ``width`` and ``height`` are as stored, before ``orientation`` turns it upright.

    With ``place`` it says where and with what it was taken, in EXIF and XMP.
    """
    settings: dict[str, bytes] = {}
    if orientation is not None or place:
        settings["exif"] = camera_data(orientation=orientation, place=place)
    if exif is not None:
        settings["exif"] = exif
    if place and format in ("JPEG", "WEBP"):
        settings["xmp"] = XMP
    if icc_profile is not None:
        settings["icc_profile"] = icc_profile
    return encoded(drawing(width=width, height=height, seed=seed).convert(mode), format=format, **settings)


def transparent(width: int = 320, height: int = 240) -> bytes:
    """A PNG without an opaque pixel: as a mask it lets everything be changed."""
    return encoded(Image.new("RGBA", (width, height)), format="PNG")


def encoded(image: Image.Image, *, format: str, **settings: Any) -> bytes:
    """A drawn picture as a file, with the encoder's own settings."""
    file = BytesIO()
    image.save(file, format, **settings)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    """The decoded pixels of a file."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def camera_data(*, orientation: int | None = None, place: bool = False) -> bytes:
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    if place:
        exif[0x010F] = "Phone Maker"
        exif[0x010E] = PLACE
        exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 14.0), 3: "E", 4: (11.0, 34.0, 31.0)})
    return exif.tobytes()


def cutout(*, width: int = 200, height: int = 100, format: str = "PNG") -> bytes:
    """The left half blue, the right half fully transparent over red that nobody is meant to see."""
    image = Image.new("RGBA", (width, height), (*RED, 0))
    image.paste((*BLUE, 255), (0, 0, width // 2, height))
    return encoded(image, format=format, lossless=True)


def animation(*, format: str = "PNG", frames: int = 3, width: int = 120, height: int = 90) -> bytes:
    """An APNG, animated WebP, GIF, AVIF or TIFF of several pages, whose frames differ."""
    pictures = [drawing(width=width, height=height, seed=number) for number in range(frames)]
    return encoded(pictures[0], format=format, save_all=True, append_images=pictures[1:])


def phone_jpeg_with_second_picture(*, secret: bytes = b"") -> bytes:
    """A JPEG as phones write it, with a depth map or a second view behind the first picture (MPO)."""
    first, second = drawing(width=160, height=120), drawing(width=80, height=60, seed=5)
    file = BytesIO()
    first.save(file, "MPO", save_all=True, append_images=[second])
    return file.getvalue() + secret


def cmyk_jpeg(*, with_marker: bool = True) -> bytes:
    """A print shop's JPEG, cyan all over, with or without Adobe's marker."""
    data = encoded(Image.new("CMYK", (120, 90), (255, 0, 0, 0)), format="JPEG")
    if with_marker:
        return data
    start = data.index(b"\xff\xee")
    return data[:start] + data[start + 2 + int.from_bytes(data[start + 2 : start + 4]) :]


def profile_of(color_space: str) -> bytes:
    """An ICC spec: "sRGB", "LAB" or "XYZ"."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(color_space)).tobytes()  # type: ignore[arg-type]


def swapped_colors_profile() -> bytes:
    """An sRGB spec with red's and blue's colors exchanged: it is plain to see whether it was heeded."""
    raw = profile_of("sRGB").replace(b"rXYZ", b"tmp_").replace(b"bXYZ", b"rXYZ").replace(b"tmp_", b"bXYZ")
    return raw.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def chunk(name: bytes, body: bytes) -> bytes:
    """One part of a PNG, with its length and checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*, width: int, height: int, depth: int, color_type: int, rows: bytes, extra: bytes = b"") -> bytes:
    """A PNG made by hand.  ``rows`` has a filter byte before each row; ``extra`` parts come before the pixels."""
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    parts = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return PNG_SIGNATURE + parts


def deep_png(*, value: int, color_type: int = GREY, transparent: int | None = None) -> bytes:
    """A 16-bit PNG of one value from 0 to 65535, which may stand for transparent."""
    channels = 1 if color_type == GREY else 3
    row = b"\0" + struct.pack(">H", value) * channels * 100
    hidden = b"" if transparent is None else chunk(b"tRNS", struct.pack(">H", transparent) * channels)
    return png(width=100, height=80, depth=16, color_type=color_type, rows=row * 80, extra=hidden)


@cache
def png_bomb(*, side: int = 30_000) -> bytes:
    """An honest picture of 900 megapixels, one bit each, in some hundred kB."""
    return png(width=side, height=side, depth=1, color_type=GREY, rows=(b"\0" * (1 + side // 8)) * side)


def lying_png(*, width: int, height: int) -> bytes:
    """A PNG that claims a size and has one row."""
    return png(width=width, height=height, depth=8, color_type=GREY, rows=b"\0" * 101)


@cache
def text_bomb(*, megabytes: int = 64) -> bytes:
    """A small picture with a text that unpacks to many megabytes."""
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(megabytes * 1024 * 1024), 9))
    row = b"\0" + bytes(100)
    return png(width=100, height=80, depth=8, color_type=GREY, rows=row * 80, extra=text)


def with_chunk(data: bytes, name: bytes, body: bytes) -> bytes:
    """A PNG with one more part behind its header."""
    end_of_header = len(PNG_SIGNATURE) + 25
    return data[:end_of_header] + chunk(name, body) + data[end_of_header:]


def with_wrong_checksum(data: bytes) -> bytes:
    """A PNG whose pixels are right but whose checksum over them is not; strict decoders refuse it."""
    end = data.index(b"IEND") - 8
    return data[:end] + bytes(byte ^ 0xFF for byte in data[end : end + 4]) + data[end + 4 :]


def cut(data: bytes, *, percent: int) -> bytes:
    return data[: len(data) * percent // 100]


def iphone_photo() -> bytes:
    """A HEIC picture of 128×96 pixels, blue left and red right, turned by its orientation to 96×128.

    Kept as bytes, for nothing that is installed here can write the format.
    """
    return b64decode(IPHONE_PHOTO)


IPHONE_PHOTO = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAaFtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA"
    "AAAAADRpbG9jAAAAAERAAAIAAQAAAAABxQABAAAAAAAAAGQAAgAAAAACKQABAAAAAAAAADYAAAA4aWluZgAAAAAAAgAAABVp"
    "bmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA4GlwcnAAAADAaXBjbwAAAHho"
    "dmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAA"
    "AwAAAwAeoBAgYWW6kkprm4CGgwIAAAMAMgAAAwACEGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAA"
    "AAAAAACAAAAAYAAAABBwaXhpAAAAAAMICAgAAAAJaXJvdAMAAAAYaXBtYQAAAAAAAAABAAEFgQIDBIUAAAAaaXJlZgAAAAAA"
    "AAAOY2RzYwACAAEAAQAAAKJtZGF0AAAAYCgBrxOA5qhw0//+SNRX/kR6v9+oLSeb2UAat4hP//l+Ci/jSYlKx0TeZkN9xu8n"
    "94GTSDbidsdUOfDQUsRCveRa0JuPmhviZrinETQUDNDkdywEfz+H5IF3REd1wfg5YAAAAAZFeGlmAABNTQAqAAAACAACAQ8A"
    "AgAAAAYAAAAmARIAAwAAAAEABgAAAAAAAFBob25lAA=="
)
