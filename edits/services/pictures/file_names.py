"""File names for downloads: words of the prompt in any script, safe on every system.

Names contain only letters, digits and hyphens.  So they hold no path, no character that Windows forbids, no
trailing dot or space, and no text direction marks.  The number or id at the end keeps a name from being a Windows
device.
"""

import re
import unicodedata

from edits.models import EditRequest

MOST_CHARS = 48
MOST_BYTES = 100
"""In UTF-8.

With number and seed, a name stays below the limit of encrypted folders (143); file systems allow 255.
"""


def result_stem(edit: EditRequest, *, number: int | None = None) -> str:
    """``red-cat-77120``, in an archive ``004-red-cat-77120``, without the extension; reads ``edit.result``.

    If the model takes no seed, the start of the edit's id takes its place.
    """
    last = edit.seed_to_repeat or str(edit.public_id)[:8]
    parts = [*([f"{number:03d}"] if number else []), _words(edit.prompt) or "edit", str(last)]
    return "-".join(parts)


def _words(text: str) -> str:
    """The first words of a text, joined by hyphens; blank if it has none."""
    letters = "".join(map(_kept, unicodedata.normalize("NFKC", text).lower()))
    words = re.sub("-+", "-", letters).strip("-")[:MOST_CHARS]
    return words.encode()[:MOST_BYTES].decode(errors="ignore").strip("-")


def _kept(char: str) -> str:
    """Keeps letters, their marks and digits, drops apostrophes and invisible characters; all else separates words."""
    kind = unicodedata.category(char)
    if kind == "Cf" or char in "'’" or "\ufe00" <= char <= "\ufe0f":
        return ""
    return char if kind[0] in "LMN" else "-"
