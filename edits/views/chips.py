"""The filter chips of a gallery: each a link to the same gallery with one filter more, other or less."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from edits.forms.gallery import OLDEST, Filters
from edits.forms.terms import SIZES
from edits.models import User

RECENT = (("Today", 0), ("Last 7 days", 6), ("Last 30 days", 29))
STATES = (
    ("running", "Running"),
    ("done", "Done"),
    ("filtered", "Filtered"),
    ("failed", "Failed"),
    ("canceled", "Canceled"),
)
DENSITIES = ((1, "S", "Small"), (2, "M", "Medium"), (3, "L", "Large"), (4, "XL", "XL, very large"))


@dataclass(frozen=True)
class Chip:
    """A link that is on or off; ``name`` says it to screen readers where ``label`` is a mere letter."""

    label: str
    url: str
    on: bool
    name: str = ""


@dataclass(frozen=True)
class Menu:
    """Chips of which one is chosen, folded under the label of the chosen one."""

    label: str
    on: bool
    chips: list[Chip]


def marks(filters: Filters, *, of_team: bool) -> list[Chip]:
    """All, Starred and, in one's own history, Shared."""
    everything = Chip("All", f"?{filters.cleared().query()}", not filters.narrows)
    chips = [everything, _toggle(filters, "is", "starred", "Starred")]
    return chips if of_team else [*chips, _toggle(filters, "is", "shared", "Shared")]


def states(filters: Filters) -> Menu:
    """Where an edit stands."""
    return _menu(filters, "is", STATES, label="Status", every="Any status")


def sizes(filters: Filters) -> Menu:
    """The size asked for."""
    return _menu(
        filters, "size", [(size, size.partition("x")[0]) for size in SIZES], label="Size", every="Any size"
    )


def people(filters: Filters, team: Iterable[User], *, viewer: User) -> Menu:
    """Whose edits."""
    named = [(person.username.lower(), person.name) for person in team if person.pk != viewer.pk]
    return _menu(filters, "by", [("me", "You"), *named], label="Everyone", every="Everyone")


def dates(filters: Filters, *, today: date) -> Menu:
    """Since when; other spans are typed into the two fields below."""
    since = {str(today - timedelta(days=ago)): label for label, ago in RECENT}
    menu = _menu(
        filters, "after", list(since.items()), label="Any date", every="Any date", clears=("after", "before")
    )
    if menu.on or not (chosen(filters, "after") or chosen(filters, "before")):
        return menu
    parts = [("from", chosen(filters, "after")), ("before", chosen(filters, "before"))]
    label = " ".join(f"{word} {day}" for word, day in parts if day).capitalize()
    return Menu(label, True, menu.chips)


def order(filters: Filters) -> Chip:
    """The other order."""
    if filters.oldest_first:
        return Chip("Oldest first", f"?{filters.query(sort='')}", True, "Oldest first; show the newest first")
    return Chip(
        "Newest first", f"?{filters.query(sort=OLDEST)}", False, "Newest first; show the oldest first"
    )


def densities(filters: Filters) -> list[Chip]:
    """How large the pictures are."""
    return [
        Chip(letter, f"?{filters.query(density=str(step))}", filters.density == step, name)
        for step, letter, name in DENSITIES
    ]


def chosen(filters: Filters, kind: str) -> str:
    """The first chosen value of a kind, blank where there is none."""
    return next((value for known, value in filters.chosen if known == kind), "")


def _toggle(filters: Filters, kind: str, value: str, label: str) -> Chip:
    on = filters.has(kind, value)
    other = filters.without(kind, value) if on else filters.plus(kind, value)
    return Chip(label, f"?{other.query()}", on)


def _menu(
    filters: Filters,
    kind: str,
    choices: Iterable[tuple[str, str]],
    *,
    label: str,
    every: str,
    clears: tuple[str, ...] = (),
) -> Menu:
    """``every`` takes the choice back; ``clears`` names kinds of which nothing else may stay."""
    named = dict(choices)
    rest = reduce(Filters.without, clears, filters.without(kind, *named))
    on = [name for value, name in named.items() if filters.has(kind, value)]
    chips = [
        Chip(name, f"?{rest.plus(kind, value).query()}", filters.has(kind, value))
        for value, name in named.items()
    ]
    return Menu(", ".join(on) or label, bool(on), [Chip(every, f"?{rest.query()}", not on), *chips])
