"""Numbers as people say them: ordinals, spans of time, seeds, bytes, sizes.  Knows nothing of edits."""

NARROW_SPACE = "\u202f"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th, 112th …"""
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def span(seconds: float) -> str:
    """A span of time in its largest sensible unit: 40 s, 4 min, 2 h.  Never "0 s": that would promise too much."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"


def counted(seconds: int) -> str:
    """A running clock: 12 s, then 2 min 05 s."""
    minutes, rest = divmod(seconds, 60)
    return f"{seconds} s" if seconds < 120 else f"{minutes} min {rest:02} s"


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
