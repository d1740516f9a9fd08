"""Numbers as people say them: ordinals, spans of time, seeds, bytes, sizes.  Knows nothing of edits."""

from math import floor

from django.utils.translation import gettext

from edits.model_specs import AUTO

NARROW_SPACE = "\u202f"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th, 112th …"""
    teens = 10 <= number % 100 <= 20
    match 0 if teens else number % 10:
        case 1:
            return gettext("%(number)sst") % {"number": number}
        case 2:
            return gettext("%(number)snd") % {"number": number}
        case 3:
            return gettext("%(number)srd") % {"number": number}
        case _:
            return gettext("%(number)sth") % {"number": number}


def capped(count: int, most: int) -> str:
    """A count that was not continued beyond ``most``: 7, or 99+ where that is 100."""
    return f"{count:,}" if count < most else f"{most - 1:,}+"


def span(seconds: float) -> str:
    """A span of time in its largest sensible unit: 40 s, 4 min, 2 h.  Never "0 s": that would promise too much."""
    if seconds < 90:
        return gettext("%(number)s s") % {"number": max(1, round(seconds))}
    if seconds < 90 * 60:
        return gettext("%(number)s min") % {"number": round(seconds / 60)}
    return gettext("%(number)s h") % {"number": round(seconds / 3600)}


def counted(seconds: int) -> str:
    """A running clock: 12 s, then 2 min 05 s."""
    if seconds < 120:
        return gettext("%(number)s s") % {"number": seconds}
    minutes, rest = divmod(seconds, 60)
    return gettext("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": f"{rest:02}"}


def grouped(number: int) -> str:
    """A long number in groups of three, so that a seed can be read aloud: 1 284 663 019."""
    return f"{number:,}".replace(",", NARROW_SPACE)


def weight(size_bytes: int) -> str:
    """The size of a file as file managers say it: 980 B, 214 kB, 3.1 MB."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    if size_bytes < 1_000_000:
        return f"{round(size_bytes / 1000)} kB"
    return f"{size_bytes / 1_000_000:.1f} MB"


def dimensions(width_px: int, height_px: int) -> str:
    """4032×3024."""
    return f"{width_px}×{height_px}"


def plain(number: float) -> str:
    """A number without needless zeros: 6, 7.5."""
    return f"{number:g}"


def percent(share: float | None) -> str:
    """A share of 1 as a percentage that never rounds up to "all": 99.9 % is not the same as 100 %."""
    return f"{floor((share or 0) * 1000) / 10:g} %"


def side(size: str) -> str:
    """512x512 as 512, for a square is named by its side; 1536x1024 as 1536×1024."""
    width, _, height = size.partition("x")
    if size in ("", AUTO):
        return gettext("same size")
    return width if width == height or not height else f"{width}×{height}"
