"""What a file is, by its first bytes: the name of a picture format, or why it cannot be one.

No parser is started here, so that a file which only claims to be a picture never reaches one.
"""

from edits.images.errors import BadImage, corrupt, gettext_noop

HEAD_BYTES = 1024
SHORTEST_PICTURE_BYTES = 12
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
AVIF_BRANDS = (b"avif", b"avis")

PICTURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"8BPS", "Photoshop"),
    (b"\0\0\x01\0", "icon (ICO)"),
    (b"BM", "BMP"),
)
# The sentences name JPEG, PNG and WebP, which every program can write and every model spec takes.
POSTSCRIPT = gettext_noop(
    "This is a PostScript drawing, not a picture that can be edited. Choose a JPEG, PNG or WebP file."
)
DOCUMENTS = (
    (
        b"%PDF",
        gettext_noop(
            "This is a PDF document, not a picture that can be edited. Choose a JPEG, PNG or WebP file."
        ),
    ),
    (b"%!PS", POSTSCRIPT),
    (b"\xc5\xd0\xd3\xc6", POSTSCRIPT),
    (
        b"PK\x03\x04",
        gettext_noop(
            "This is a ZIP archive or an office document, not a picture that can be edited. "
            "Choose a JPEG, PNG or WebP file."
        ),
    ),
)
SVG = gettext_noop(
    "This is an SVG drawing, not a picture that can be edited. Choose a JPEG, PNG or WebP file."
)
HTML = gettext_noop(
    "This is a web page (HTML), not a picture that can be edited. Choose a JPEG, PNG or WebP file."
)
MEDIA = gettext_noop(
    "This is a video or a sound file, not a picture that can be edited. Choose a JPEG, PNG or WebP file."
)
NO_PICTURE = gettext_noop("This file is not a picture. Choose a JPEG, PNG or WebP file.")
REFUSED = gettext_noop(
    "This is a picture in the %(format)s format, which cannot be used here. "
    "Save or export it as JPEG, PNG or WebP and choose that file."
)
REFUSED_WITH_ADVICE = {
    "HEIC": gettext_noop(
        "This is a picture in the %(format)s format, which cannot be used here. "
        "Save or export it as JPEG, PNG or WebP and choose that file. "
        "On an iPhone, Settings › Camera › Formats › Most Compatible makes it take JPEG pictures."
    ),
    "Photoshop": gettext_noop(
        "This is a picture in the %(format)s format, which cannot be used here. "
        "Export it from Photoshop as JPEG, PNG or WebP and choose that file."
    ),
}


def format_of(head: bytes) -> str:
    """The format of a picture that begins with ``head``, such as "PNG".

    Raises BadImage ``corrupt`` for a few stray bytes, ``format`` for what is no picture at all.
    """
    for signature, name in PICTURES:
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _media_format(head)
    if len(head) < SHORTEST_PICTURE_BYTES:
        raise corrupt()
    raise BadImage("format", _what_else(head))


def refused_format(name: str) -> BadImage:
    """The refusal of a picture in a format that is not taken, with what to save it as."""
    return BadImage("format", REFUSED_WITH_ADVICE.get(name, REFUSED), {"format": name})


def _media_format(head: bytes) -> str:
    """Photos in an ISO media container say what they are in a list of four-letter brands."""
    box = head[8 : max(16, int.from_bytes(head[:4]))]
    brands = {box[start : start + 4] for start in range(0, min(len(box), 64), 4)}
    if brands.intersection(AVIF_BRANDS):
        return "AVIF"
    if brands.intersection(HEIC_BRANDS):
        return "HEIC"
    raise BadImage("format", MEDIA)


def _what_else(head: bytes) -> str:
    for signature, name in DOCUMENTS:
        if head.startswith(signature):
            return name
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in text:
        return SVG
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<!--")):
        return HTML
    return NO_PICTURE
