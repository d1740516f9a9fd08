"""File names for downloads: words of the source's name and of the prompt in any script, safe on every system.

Names contain only letters, digits and hyphens.  So they hold no path, no character that Windows forbids, no
trailing dot or space, and no text direction marks.  The number or id at the end keeps a name from being a Windows
device.
"""

import re
import unicodedata

from edits.models import EditRequest
from edits.services.queue.sources import EDITED

MOST_CHARS = 48
MOST_BYTES = 80
MOST_SOURCE_CHARS, MOST_SOURCE_BYTES = 20, 36
"""In UTF-8.

With number and seed, a name stays below the limit of encrypted folders (143); file systems allow 255.
"""


def result_stem(edit: EditRequest, *, number: int | None = None) -> str:
    """``harbor-red-cat-77120``, in an archive ``004-harbor-…``, without the extension; reads ``edit.result``.

    If the model takes no seed, the start of the edit's id takes its place.
    """
    last = edit.seed_to_repeat or str(edit.public_id)[:8]
    source = _words(_without_extension(edit.source_name), chars=MOST_SOURCE_CHARS, size=MOST_SOURCE_BYTES)
    prompt = _words(edit.prompt, chars=MOST_CHARS, size=MOST_BYTES) or "edit"
    return "-".join(filter(None, [f"{number:03d}" if number else "", source, prompt, str(last)]))


def _without_extension(name: str) -> str:
    return re.sub(r"\.\w{1,5}$", "", name.removesuffix(EDITED))


def _words(text: str, *, chars: int, size: int) -> str:
    """The first words of a text, joined by hyphens; blank if it has none."""
    letters = "".join(map(_kept, unicodedata.normalize("NFKC", text).lower()))
    words = re.sub("-+", "-", letters).strip("-")[:chars]
    return words.encode()[:size].decode(errors="ignore").strip("-")


def _kept(char: str) -> str:
    """Keeps letters, their marks and digits, drops apostrophes and invisible characters; all else separates words."""
    kind = unicodedata.category(char)
    if kind == "Cf" or char in "'’" or "\ufe00" <= char <= "\ufe0f":
        return ""
    return char if kind[0] in "LMN" else "-"
