"""Names and slugs of providers: what they are called, and how addresses and the API's ids spell that."""

from collections.abc import Iterator
from itertools import count

from django.utils.text import slugify

from edits.folding import fold
from edits.models import Provider

MOST_NAME_CHARS = 60
RESERVED = frozenset({"add"})
"""Slugs that are addresses of pages."""
_FALLBACK = "provider"
_ROOM_FOR_NUMBER = 5


class NameTaken(Exception):
    """Another provider that is not removed has this name."""


def is_taken(name: str, *, but: Provider | None = None) -> bool:
    """Whether another provider is called so, whatever its case and accents."""
    others = Provider.objects.current()
    if but:
        others = others.exclude(pk=but.pk)
    return fold(name) in {fold(row.title) for row in others}


def new_slug(name: str) -> str:
    """A slug that no provider ever had: removed ones keep theirs, for edits still name them."""
    used = RESERVED | set(Provider.objects.values_list("slug", flat=True))
    return next(slug for slug in _candidates(name) if slug not in used)


def _candidates(name: str) -> Iterator[str]:
    stem = slugify(name)[: MOST_NAME_CHARS - _ROOM_FOR_NUMBER].strip("-_")
    if stem:
        yield stem
    yield from (f"{stem or _FALLBACK}-{number}" for number in count(2))
