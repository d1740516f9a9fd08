"""Reads what narrows a gallery, typed or chosen: words, and terms such as ``seed:123`` or ``before:2026-05``.

Knows what each term may say and why it is refused; knows nothing of tables or pages.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext

from edits.folding import fold, words_of
from edits.forms.fields import NARROW_SPACE, shortened
from edits.forms.tags import is_tag, spelled
from edits.model_specs import MAX_SEED, MODEL_SPECS, MOST_CFG_SCALE, MOST_STEPS
from edits.models import MOST_TAG_CHARS

STATES = ("running", "done", "filtered", "failed", "canceled", "starred", "shared")
SIZES = tuple(dict.fromkeys(size for spec in MODEL_SPECS.values() for size in spec.sizes))
YEARS = range(1970, 9999)

KINDS = (
    "seed", "by", "size", "is", "tag", "batch", "before", "after", "steps", "cfg", "model", "file", "picture", "like",
    "of",
)  # fmt: skip
TERM = re.compile(rf'(?:({"|".join(KINDS)}):)?("[^"]*"|\S+)', re.IGNORECASE)
GROUPED = re.compile(rf"(?<=\d)[{NARROW_SPACE},_](?=\d{{3}})")
NAME = r'\b(?:tag|file|model):(?:"[^"]*"|\S+)|(?<!\S)[^\s":]*[^\W\d_][^\s":]*'
NAME_OR_GROUPING = re.compile(rf"({NAME})|{GROUPED.pattern}", re.IGNORECASE)
DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


def split(text: str) -> list[tuple[str, str]]:
    """Pairs of (kind, value); the kind of a plain word is blank.  Words in quotes stay together."""
    plain = "".join(char if char.isprintable() or char == NARROW_SPACE else " " for char in text)
    # A name's own signs stay: tag:2026_100 and IMG_2026_100 are no numbers.
    found = TERM.findall(NAME_OR_GROUPING.sub(lambda match: match[1] or "", plain))
    return [(kind.lower(), value.strip('"')) for kind, value in found if value.strip('"')]


def read_seed(text: str) -> int:
    """A seed, digits grouped or not.  Raises ValidationError."""
    digits = GROUPED.sub("", text).lstrip("0")
    if not re.fullmatch("[0-9]{1,10}", digits) or int(digits) > MAX_SEED:
        most = f"{MAX_SEED:,}"
        raise ValidationError(gettext("a seed is a whole number from 1 to %(most)s") % {"most": most})
    return int(digits)


def read_steps(text: str) -> int:
    """A number of steps.  Raises ValidationError."""
    if not re.fullmatch("[0-9]{1,4}", text) or not 1 <= int(text) <= MOST_STEPS:
        why = gettext("it is a whole number from 1 to %(most)s")
        raise ValidationError(why % {"most": MOST_STEPS})
    return int(text)


def read_cfg(text: str) -> float:
    """A guidance scale.  Raises ValidationError."""
    if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,4})?", text) or float(text) > MOST_CFG_SCALE:
        why = gettext("it is a number from 0 to %(most)s")
        raise ValidationError(why % {"most": f"{MOST_CFG_SCALE:g}"})
    return float(text)


def read_name(text: str) -> str:
    """Part of the name of a file or a model.  Raises ValidationError."""
    if not words_of(fold(text)) or not text.isprintable():
        raise ValidationError(gettext("it has to have a letter or a digit"))
    return text


def read_edit(text: str) -> UUID:
    """The edit of whose source or result others are looked for; whether one may see it is not asked here.

    Raises ValidationError.
    """
    try:
        return UUID(text)
    except ValueError:
        raise ValidationError(gettext("there is no such edit")) from None


def read_size(text: str) -> str:
    """A size as the model names it; a square also by its side alone.  Raises ValidationError."""
    named = text.lower().replace("×", "x")
    named = named if "x" in named else f"{named}x{named}"
    if named not in SIZES:
        sizes = pgettext("between items of a list", ", ").join(size.partition("x")[0] for size in SIZES)
        raise ValidationError(gettext("it can be %(choices)s") % {"choices": sizes})
    return named


def read_state(text: str) -> str:
    """One of the words after ``is:``.  Raises ValidationError."""
    if text.lower() not in STATES:
        raise ValidationError(
            gettext("it can be %(choices)s")
            % {"choices": pgettext("between items of a list", ", ").join(STATES)}
        )
    return text.lower()


def read_tag(text: str) -> str:
    """A tag as it is kept; whether an edit has it is not asked here.  Raises ValidationError."""
    name = spelled(text)
    if not is_tag(name):
        why = gettext("a tag consists of letters, digits, spaces, - and _, at most %(most)s characters")
        raise ValidationError(why % {"most": MOST_TAG_CHARS})
    return name


def read_batch(text: str) -> UUID:
    """The id of a batch, as its address has it; whether there is one is not asked here.  Raises ValidationError."""
    try:
        return UUID(text)
    except ValueError:
        raise ValidationError(gettext("a batch is named by its id, as in the address of its page")) from None


def read_person(text: str) -> str:
    """A name, folded; whether somebody has it is not asked here.  Raises ValidationError."""
    name = fold(text)
    if not name or not name.isprintable():  # PostgreSQL cannot even be asked for a NUL
        raise ValidationError(gettext("nobody has this name"))
    return name


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
        raise ValidationError(gettext("dates look like 2026, 2026-05 or 2026-05-31")) from None


def readers(today: date) -> dict[str, Callable[[str], object]]:
    """What reads the value of each kind of term."""
    return {
        "seed": read_seed,
        "by": read_person,
        "size": read_size,
        "is": read_state,
        "tag": read_tag,
        "batch": read_batch,
        "steps": read_steps,
        "cfg": read_cfg,
        "model": read_name,
        "file": read_name,
        "picture": read_edit,
        "like": read_edit,
        "of": read_edit,
        "after": lambda text: read_date(text, today=today),
        "before": lambda text: read_date(text, today=today),
    }


def left_out(kind: str, value: str, why: str) -> str:
    """The sentence for a term that was not understood; ``why`` has no full stop."""
    # Translators: "“size:7” was ignored: it can be 512, 768."
    return gettext("“%(term)s” was ignored: %(why)s.") % {"term": f"{kind}:{shortened(value)}", "why": why}
