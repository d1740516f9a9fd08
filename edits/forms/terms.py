"""Reads what narrows a gallery, typed or chosen: words, and terms such as ``seed:123`` or ``before:2026-05``.

Knows what each term may say and how to refuse it in words; knows nothing of tables or pages.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from django.core.exceptions import ValidationError

from edits.forms.fields import NARROW_SPACE, shortened
from edits.forms.tags import MADE_OF, is_tag, spelled
from edits.model_specs import MAX_SEED, MODEL_SPECS
from edits.models import MOST_TAG_CHARS

STATES = ("running", "done", "filtered", "failed", "canceled", "starred", "shared")
SIZES = tuple(dict.fromkeys(size for spec in MODEL_SPECS.values() for size in spec.sizes))
YEARS = range(1970, 9999)

TERM = re.compile(r'(?:(seed|by|size|is|tag|before|after):)?("[^"]*"|\S+)', re.IGNORECASE)
GROUPED = re.compile(rf"(?<=\d)[{NARROW_SPACE},_](?=\d{{3}})")
TAG_OR_GROUPING = re.compile(rf'(\btag:(?:"[^"]*"|\S+))|{GROUPED.pattern}', re.IGNORECASE)
DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


def split(text: str) -> list[tuple[str, str]]:
    """Pairs of (kind, value); the kind of a plain word is blank.  Words in quotes stay together."""
    plain = "".join(char if char.isprintable() or char == NARROW_SPACE else " " for char in text)
    # A tag's own signs stay: 2026_100 is a name, not a number.
    found = TERM.findall(TAG_OR_GROUPING.sub(lambda match: match[1] or "", plain))
    return [(kind.lower(), value.strip('"')) for kind, value in found if value.strip('"')]


def read_seed(text: str) -> int:
    """A seed, digits grouped or not.  Raises ValidationError."""
    digits = GROUPED.sub("", text).lstrip("0")
    if not re.fullmatch("[0-9]{1,10}", digits) or int(digits) > MAX_SEED:
        raise ValidationError(f"a seed is a whole number from 1 to {MAX_SEED:,}")
    return int(digits)


def read_size(text: str) -> str:
    """A size as the model names it; a square also by its side alone.  Raises ValidationError."""
    named = text.lower().replace("×", "x")
    named = named if "x" in named else f"{named}x{named}"
    if named not in SIZES:
        raise ValidationError(f"the sizes are {', '.join(size.partition('x')[0] for size in SIZES)}")
    return named


def read_state(text: str) -> str:
    """One of the words after ``is:``.  Raises ValidationError."""
    if text.lower() not in STATES:
        raise ValidationError(f"it can be {', '.join(STATES)}")
    return text.lower()


def read_tag(text: str) -> str:
    """A tag as it is kept; whether an edit has it is not asked here.  Raises ValidationError."""
    name = spelled(text)
    if not is_tag(name):
        raise ValidationError(f"a tag is made of {MADE_OF}, {MOST_TAG_CHARS} at most")
    return name


def read_person(text: str) -> str:
    """A name; whether somebody has it is not asked here.  Raises ValidationError."""
    if not text.isprintable():  # PostgreSQL cannot even be asked for a NUL
        raise ValidationError("nobody has such a name")
    return text.lower()


def read_date(text: str, *, today: date) -> date:
    """The first day of a year, month or day; also "today" and "yesterday".  Raises ValidationError."""
    near = {"today": today, "yesterday": today - timedelta(days=1)}.get(text.lower())
    if near:
        return near
    found = DATE.fullmatch(text)
    try:
        year, month, day = (int(part or 1) for part in found.groups()) if found else (0, 0, 0)
        if year not in YEARS:
            raise ValueError
        return date(year, month, day)
    except ValueError:
        raise ValidationError("a date is written 2026, 2026-05 or 2026-05-31") from None


def readers(today: date) -> dict[str, Callable[[str], object]]:
    """What reads the value of each kind of term."""
    return {
        "seed": read_seed,
        "by": read_person,
        "size": read_size,
        "is": read_state,
        "tag": read_tag,
        "after": lambda text: read_date(text, today=today),
        "before": lambda text: read_date(text, today=today),
    }


def left_out(kind: str, value: str, why: str) -> str:
    """How a page says that it did not understand a term."""
    return f"“{kind}:{shortened(value)}” was left out: {why}."
